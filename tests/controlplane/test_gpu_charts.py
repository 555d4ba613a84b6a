"""Charts of the GPU software, rendered by Helm with exactly the values that Modelyard gives them, before a real API
server.

NVIDIA publishes its charts in no Go module. They are pulled where there is a network, or taken from the folder that
``MODELYARD_CHARTS`` names, which holds each unpacked under its name at the version that the catalogue pins. Needs
``helm`` on PATH.
"""

from __future__ import annotations

import json
import os
import shutil
import subprocess
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest
import yaml
from modelyard.capacity.software.dcgm_exporter import dcgm_exporter_values
from modelyard.capacity.software.device_plugin import device_plugin_values
from modelyard.capacity.software.dra_driver import dra_driver_values, gpu_claim_template
from modelyard.capacity.software.efa_device_plugin import efa_values
from modelyard.capacity.software.gpu_operator import critical_pods_quota, gpu_operator_values
from modelyard.capacity.software.image_prefetch import prefetch
from modelyard.capacity.software.namespaces import namespace
from modelyard.catalog import charts
from modelyard.environment.gpu_sharing import GpuSharing
from modelyard.governance.ownership import Ownership
from modelyard.resolve.gpu_software import GpuNodes, decide_gpu_software

from .api import Api, Object
from .definitions import install

pytestmark = pytest.mark.whole

PLATFORM = Ownership("platform", "CC-1000", "prod", "ml-platform@retail.example")
SHOP = Ownership("shop", "CC-2000", "prod", "shop@retail.example")
NODES = {"modelyard.dev/pool": "system"}
KUBERNETES = "1.34.0"
SHARING = {"time-slicing-4": GpuSharing(time_slicing=4), "mps-2": GpuSharing(mps=2)}
_FREE = ("affinity", "nodeSelector", "resources", "map", "data", "securityContext", "serviceMonitor")
"""What a chart hands on as it is, whatever its keys."""


def operator(cloud: Any, driver_by: str, mig: str | None) -> dict[str, Any]:
    sharing = GpuSharing(mig=mig, time_slicing=2) if mig else GpuSharing(time_slicing=2)
    image = None if cloud == "aws" else "ubuntu"
    nodes = GpuNodes.of(
        cloud,
        pool="a100",
        accelerator="A100-40GB",
        image=image,
        provisioner="managed",
        driver_by=driver_by,
        sharing=sharing,
    )
    plan = decide_gpu_software(cloud, [nodes])
    labels = ["modelyard.dev/model"]
    common: Any = {"monitoring": True, "scrape_interval_seconds": 15, "pod_labels": labels}
    return gpu_operator_values(plan, cloud=cloud, system_nodes=NODES, **common)


def exporter(cloud: Any, **more: Any) -> dict[str, Any]:
    return dcgm_exporter_values(scrape_interval_seconds=15, cloud=cloud, **more)


RENDERED: dict[str, tuple[str, str, dict[str, Any]]] = {
    "device plugin": ("nvidia-device-plugin", "kube-system", device_plugin_values()),
    "device plugin that shares": ("nvidia-device-plugin", "kube-system", device_plugin_values(SHARING, mig=True)),
    "exporter on EKS": ("dcgm-exporter", "kube-system", exporter("aws")),
    "exporter on GKE": (
        "dcgm-exporter",
        "kube-system",
        exporter("gcp", mig=True, shared=True, pod_labels=["modelyard.dev/model"]),
    ),
    "operator that cuts on EKS": ("gpu-operator", "gpu-operator", operator("aws", "image", "1g.10gb")),
    "operator with driver on GKE": ("gpu-operator", "gpu-operator", operator("gcp", "gpu_operator", None)),
    "operator with driver on AKS": ("gpu-operator", "gpu-operator", operator("azure", "gpu_operator", None)),
    "DRA driver": ("dra-driver-nvidia-gpu", "nvidia-dra-driver", dra_driver_values("aws", system_nodes=NODES)),
    "EFA device plugin": ("aws-efa-k8s-device-plugin", "kube-system", efa_values(["h100"])),
    "DRA driver on GKE": ("dra-driver-nvidia-gpu", "nvidia-dra-driver", dra_driver_values("gcp", system_nodes=NODES)),
}


NOT_LISTED = {"nvidia-device-plugin": {"nfd.enabled"}, "gpu-operator": {"dcgmExporter.podLabelAllowlistRegex"}}
"""Values that templates and dependencies ask for, and values.yaml mentions in comments alone or not at all."""


@pytest.fixture(scope="module")
def helm() -> str:
    found = shutil.which("helm")
    if found is None:
        pytest.skip("no charts to test: there is no helm on PATH")
    return found


@pytest.fixture(scope="module")
def folder(helm: str, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """With every chart unpacked under its name."""
    given = os.environ.get("MODELYARD_CHARTS")
    if given:
        return Path(given)
    pulled = tmp_path_factory.mktemp("charts")
    for name in sorted({chart for chart, _, _ in RENDERED.values()}):
        pinned = charts.get(name)
        oci = pinned.repository.startswith("oci://")
        where = [f"{pinned.repository}/{name}"] if oci else [name, "--repo", pinned.repository]
        command = [helm, "pull", *where, "--version", pinned.version, "--untar", "--untardir", str(pulled)]
        try:
            subprocess.run(command, capture_output=True, text=True, timeout=120, check=True)
        except (subprocess.CalledProcessError, subprocess.TimeoutExpired) as error:
            said = str(error.stderr or "no answer").strip()[-300:]
            pytest.skip(f"no chart {name} to test: {said}; or name a folder in MODELYARD_CHARTS")
    return pulled


@pytest.mark.parametrize("case", RENDERED)
def test_a_chart_knows_every_value(folder: Path, case: str) -> None:
    chart, _, values = RENDERED[case]
    published = yaml.safe_load((folder / chart / "values.yaml").read_text(encoding="utf-8"))
    if chart == "gpu-operator":
        subchart = folder / chart / "charts" / "node-feature-discovery" / "values.yaml"
        published["node-feature-discovery"] = yaml.safe_load(subchart.read_text(encoding="utf-8"))
    assert set(_unknown(values, published)) <= NOT_LISTED.get(chart, set())


@pytest.mark.parametrize("case", RENDERED)
def test_the_api_server_takes_every_object_of_a_chart(
    api: Api, helm: str, folder: Path, tmp_path: Path, case: str
) -> None:
    chart, space, values = RENDERED[case]
    if space != "kube-system":
        api.apply(namespace(space, "privileged", PLATFORM))
    made = _template(helm, folder / chart, chart, space, values, tmp_path)
    known = {each["metadata"]["name"] for each in api.list("apiextensions.k8s.io/v1", "CustomResourceDefinition")}
    brought = [each for each in made if each["kind"] == "CustomResourceDefinition"]
    install(api, [each for each in brought if each["metadata"]["name"] not in known])
    others = [each for each in made if each["kind"] != "CustomResourceDefinition"]
    assert others
    for each in others:
        api.apply(each, dry_run=True)
        assert [warning for warning in api.warnings if "unrecognized format" not in warning] == [], each["metadata"]


def test_the_quota_of_critical_pods_is_one(api: Api) -> None:
    api.apply(namespace("gpu-operator", "privileged", PLATFORM))
    api.apply(critical_pods_quota(PLATFORM), dry_run=True)


def test_pods_that_fetch_images_are_restricted(api: Api) -> None:
    daemon = prefetch(SHOP, "l4", ["registry.k8s.io/pause:3.10.1"], None)
    api.apply(namespace("shop", "restricted", SHOP))
    api.apply(daemon, dry_run=True)
    assert api.warnings == []
    template = daemon["spec"]["template"]
    named = {**template["metadata"], "name": "prefetch", "namespace": "shop"}
    api.apply({"apiVersion": "v1", "kind": "ServiceAccount", "metadata": {"name": "default", "namespace": "shop"}})
    api.apply({"apiVersion": "v1", "kind": "Pod", "metadata": named, "spec": template["spec"]}, dry_run=True)


def test_a_department_can_claim_a_gpu(api: Api) -> None:
    api.apply(namespace("shop", "restricted", SHOP))
    api.apply(gpu_claim_template(SHOP, "shop"), dry_run=True)


def _template(helm: str, chart: Path, name: str, space: str, values: dict[str, Any], folder: Path) -> list[Object]:
    given = folder / "values.json"
    given.write_text(json.dumps(values), encoding="utf-8")
    command = [helm, "template", name, str(chart), "--namespace", space, "--values", str(given), "--include-crds"]
    versions = ["--kube-version", KUBERNETES, "--api-versions", "resource.k8s.io/v1/DeviceClass"]
    done = subprocess.run([*command, *versions], capture_output=True, text=True, timeout=300, check=False)
    assert done.returncode == 0, done.stderr
    loader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
    made = [each for each in yaml.load_all(done.stdout, Loader=loader) if each]
    return [each for each in made if "helm.sh/hook" not in each["metadata"].get("annotations", {})]


def _unknown(values: Mapping[str, Any], published: Mapping[str, Any], at: str = "") -> Iterator[str]:
    """Paths that the chart's own values lack. What is empty there may hold anything, and so may what is handed on."""
    for key, value in values.items():
        if key not in published:
            yield f"{at}{key}"
        elif isinstance(value, Mapping) and published[key] and key not in _FREE:
            yield from _unknown(value, published[key], f"{at}{key}.")
