"""Charts of controllers, rendered by Helm with exactly the values that Modelyard gives them, before a real API server.

Of the charts that a Go module carries: KServe's and Flagger's. Needs ``helm`` on PATH.
"""

from __future__ import annotations

import json
import shutil
import subprocess
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import yaml
from custom_resources import NoDefinitions, module_folder
from modelyard.capacity.software.flagger import flagger_values
from modelyard.capacity.software.kserve import kserve_monitor, kserve_values
from modelyard.capacity.software.namespaces import OF_CONTROLLER, namespace
from modelyard.capacity.software.priority_class import serving_priority
from modelyard.catalog import charts
from modelyard.governance.ownership import Ownership
from modelyard.serving.kserve.cluster_declaration import cluster_declaration, cluster_manifests
from modelyard.serving.kserve.service import KServeService
from plan.kubernetes.program import manifests_of

from . import kserve
from .api import Api, Object, until
from .control_plane import control_plane
from .definitions import install
from .nodes import SECONDS

pytestmark = pytest.mark.whole

PLATFORM = Ownership("platform", "CC-1000", "prod", "ml-platform@retail.example")
SHOP = Ownership("shop", "CC-2000", "prod", "shop@retail.example")
NODES = {"modelyard.dev/pool": "system"}
KUBERNETES = "1.34.0"
KSERVE = ("github.com/kserve/kserve", charts.get("kserve-resources").version)
FLAGGER = ("github.com/fluxcd/flagger", f"v{charts.get('flagger').version}")
CHARTS: dict[str, tuple[tuple[str, str], str, dict[str, Any]]] = {
    "kserve-crd": (KSERVE, "kserve", {}),
    "kserve-resources": (KSERVE, "kserve", kserve_values(system_nodes=NODES)),
    "flagger": (FLAGGER, "flagger", flagger_values(system_nodes=NODES, scrape_interval_seconds=15)),
}

SERVED: Any = {
    "ownership": SHOP.args(),
    "model": "churn",
    "cluster": "east",
    "server": "sklearnserver",
    "format": "sklearn",
    "stored": {"bucket": "models", "prefix": "shop/churn", "region": "us-east-1", "digest": "e" * 64},
    "resources": {"gpus": 0, "cpu": 1, "memory_gib": 2},
}

Render = Callable[[str], list[Object]]


@pytest.fixture(scope="module")
def render(api: Api, tmp_path_factory: pytest.TempPathFactory) -> Render:
    helm = shutil.which("helm")
    if helm is None:
        pytest.skip("no charts to test: there is no helm on PATH")
    folder = tmp_path_factory.mktemp("charts")
    api.apply(serving_priority(PLATFORM))

    def rendered(chart: str) -> list[Object]:
        (module, version), controller, values = CHARTS[chart]
        try:
            text = module_folder(module, version) / "charts" / chart
        except NoDefinitions as error:
            pytest.skip(f"no chart to test: {error}")
        api.apply(namespace(OF_CONTROLLER[controller], "restricted", PLATFORM))
        return _template(helm, chart, text, OF_CONTROLLER[controller], values, folder)

    return rendered


@pytest.mark.parametrize("chart", CHARTS)
def test_the_api_server_takes_every_object_of_a_chart(api: Api, render: Render, chart: str) -> None:
    made = render(chart)
    assert made
    for thing in made:
        api.apply(thing, dry_run=True)
        assert [warning for warning in api.warnings if "unrecognized format" not in warning] == [], thing["metadata"]


@pytest.mark.parametrize("chart", ["kserve-resources", "flagger"])
def test_the_pods_of_a_chart_are_restricted(api: Api, render: Render, chart: str) -> None:
    (deployment,) = [thing for thing in render(chart) if thing["kind"] == "Deployment"]
    template, metadata = deployment["spec"]["template"], deployment["metadata"]
    api.apply({"apiVersion": "v1", "kind": "ServiceAccount", "metadata": _account(deployment)})
    pod = {"apiVersion": "v1", "kind": "Pod", "metadata": {**template["metadata"], "name": metadata["name"]}}
    pod["metadata"]["namespace"] = metadata["namespace"]
    api.apply({**pod, "spec": template["spec"]}, dry_run=True)
    assert template["spec"]["nodeSelector"].items() >= NODES.items()
    assert all("requests" in container["resources"] for container in template["spec"]["containers"])


def test_the_monitor_of_kserve_finds_its_service_by_the_names_of_the_chart(render: Render) -> None:
    monitor = kserve_monitor(PLATFORM, scrape_interval_seconds=15)["spec"]
    wanted, (endpoint,) = monitor["selector"]["matchLabels"], monitor["endpoints"]
    services = [thing for thing in render("kserve-resources") if thing["kind"] == "Service"]
    found = [
        service["metadata"]["name"]
        for service in services
        if wanted.items() <= service["metadata"].get("labels", {}).items()
        for port in service["spec"]["ports"]
        if port.get("name") == endpoint["port"]
    ]
    assert found == ["kserve-controller-manager-metrics-service"]


RIGHTS = [
    ("kserve-resources", "create", "apps", "deployments", True),
    ("kserve-resources", "get", "serving.kserve.io", "servingruntimes", True),
    ("kserve-resources", "delete", "", "namespaces", False),
    ("flagger", "update", "gateway.networking.k8s.io", "httproutes", True),
    ("flagger", "create", "apps", "deployments", True),
    ("flagger", "update", "keda.sh", "scaledobjects", True),
    ("flagger", "create", "", "pods", False),
    ("flagger", "update", "gateway.networking.k8s.io", "gateways", False),
]


@pytest.mark.parametrize(("chart", "verb", "group", "resource", "may"), RIGHTS, ids=str)
def test_what_a_controller_may_do_in_a_departments_namespace(
    api: Api, render: Render, chart: str, verb: str, group: str, resource: str, may: bool
) -> None:
    made = render(chart)
    for thing in made:
        if thing["kind"] in ("ClusterRole", "ClusterRoleBinding"):
            api.apply(thing)
    (deployment,) = [thing for thing in made if thing["kind"] == "Deployment"]
    account = _account(deployment)
    # The authorizer learns of the bindings a moment later.
    known = next(each[1:4] for each in RIGHTS if each[0] == chart and each[-1])
    until(lambda: _may(api, account, *known), 60, lambda: f"may not {known}")
    assert _may(api, account, verb, group, resource) is may


def test_kserve_serves_with_what_its_charts_bring_and_nothing_else(render: Render) -> None:
    """Its controller, on a control plane without Istio, Knative, KEDA or the definitions of its other charts."""
    (configuration,) = [thing for thing in render("kserve-resources") if thing["kind"] == "ConfigMap"]
    with control_plane() as plane:
        api = plane.api()
        install(api, render("kserve-crd"))
        plane.start_scheduling()
        api.apply(namespace("shop", "restricted", SHOP))
        api.apply(serving_priority(PLATFORM))
        kserve.start(plane, api, configuration)
        for thing in cluster_manifests(cluster_declaration("east", {"ownership": PLATFORM.args()})):
            api.apply(thing)
        made = {thing["kind"]: thing for thing in manifests_of(lambda opts: KServeService("churn", SERVED, opts))}
        for kind in ("ServiceAccount", "ServingRuntime", "InferenceService"):
            api.apply(made[kind])
        chosen = "serving.kserve.io/inferenceservice=churn"
        (pod,) = until(lambda: api.list("v1", "Pod", "shop", chosen), SECONDS, lambda: plane.log("kserve")[-3000:])
        # No agent of KServe's beside the server, and no initializer of its own.
        assert [container["name"] for container in pod["spec"]["containers"]] == ["kserve-container"]
        (download,) = pod["spec"]["initContainers"]
        (declared,) = made["InferenceService"]["spec"]["predictor"]["initContainers"]
        assert (download["image"], download["command"]) == (declared["image"], declared["command"])
        assert api.list("networking.k8s.io/v1", "Ingress", "shop") == []
        (service,) = _services(api)
        # Who takes KServe away before its services waits for ever: it lets go of each itself.
        assert service["metadata"]["finalizers"] == ["inferenceservice.finalizers"]
        api.delete(made["InferenceService"])
        until(lambda: not _services(api), SECONDS, lambda: plane.log("kserve")[-3000:])
        plane.check()


def _services(api: Api) -> list[Object]:
    return api.list("serving.kserve.io/v1beta1", "InferenceService", "shop")


def _may(api: Api, account: Object, verb: str, group: str, resource: str) -> bool:
    """In a department's namespace, by SubjectAccessReview."""
    user = f"system:serviceaccount:{account['namespace']}:{account['name']}"
    asked = {"namespace": "shop", "verb": verb, "group": group, "resource": resource}
    review = {"apiVersion": "authorization.k8s.io/v1", "kind": "SubjectAccessReview", "metadata": {}}
    return api.create({**review, "spec": {"user": user, "resourceAttributes": asked}})["status"]["allowed"]


def _account(deployment: Object) -> Object:
    name = deployment["spec"]["template"]["spec"]["serviceAccountName"]
    return {"name": name, "namespace": deployment["metadata"]["namespace"]}


def _template(helm: str, chart: str, text: Path, namespace_: str, values: dict[str, Any], folder: Path) -> list[Object]:
    given = folder / f"{chart}.json"
    given.write_text(json.dumps(values), encoding="utf-8")
    command = [helm, "template", chart, str(text), "--namespace", namespace_, "--values", str(given), "--include-crds"]
    done = subprocess.run(
        [*command, "--kube-version", KUBERNETES], capture_output=True, text=True, timeout=300, check=False
    )
    assert done.returncode == 0, done.stderr
    loader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
    return [thing for thing in yaml.load_all(done.stdout, Loader=loader) if thing]
