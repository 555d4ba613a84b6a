"""The software of GPU nodes as a whole environment declares it."""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import Any

import pytest
import yaml
from modelyard.graph import Resource
from modelyard.review.build import plan
from modelyard.review.plan import PlanDocument
from modelyard.review.refused import PlanRefused

REPOSITORY = Path(__file__).parents[3]


def planned(folder: Path, pool: dict[str, Any], **cluster: Any) -> PlanDocument:
    """Dev, with this of its cluster and of its pool of T4 changed."""
    shutil.copy(REPOSITORY / "Pulumi.yaml", folder)
    shutil.copytree(REPOSITORY / "stacks", folder / "stacks")
    file = folder / "stacks" / "dev" / "platform.yaml"
    declared = yaml.safe_load(file.read_text(encoding="utf-8"))
    declared["clusters"][0].update(cluster)
    declared["clusters"][0]["gpu_pools"][0].update(pool)
    file.write_text(yaml.safe_dump(declared), encoding="utf-8")
    return plan(folder / "stacks" / "dev", folder / "stacks")


def resources(document: PlanDocument, ending: str) -> list[Resource]:
    return [each for stack in document.stacks for each in stack.graph if each.type.endswith(ending)]


@pytest.fixture(scope="module")
def document(tmp_path_factory: pytest.TempPathFactory) -> PlanDocument:
    software = {"prefetch_images": True, "pod_labels": ["modelyard.dev/model"]}
    return planned(tmp_path_factory.mktemp("gpu"), {"sharing": {"time_slicing": 2}}, gpu_software=software)


def test_the_settings_that_nodes_name_are_those_that_the_device_plugin_is_given(document: PlanDocument) -> None:
    (group,) = [
        each
        for each in resources(document, ":NodeGroup")
        if "nvidia.com/device-plugin.config" in each.inputs.get("labels", {})
    ]
    (plugin,) = [each for each in resources(document, ":Release") if each.inputs["name"] == "nvidia-device-plugin"]
    assert group.inputs["labels"]["nvidia.com/device-plugin.config"] in plugin.inputs["values"]["config"]["map"]


def test_metrics_of_gpus_take_over_the_labels_that_were_asked_for(document: PlanDocument) -> None:
    (exporter,) = [each for each in resources(document, ":Release") if each.inputs["name"] == "dcgm-exporter"]
    assert exporter.inputs["values"]["kubernetes"]["podLabelAllowlistRegex"] == [r"^modelyard\.dev/model$"]


def test_nodes_fetch_each_image_of_the_models_that_may_run_on_them_once(document: PlanDocument) -> None:
    served: dict[str, set[str]] = {}
    for each in resources(document, ":Deployment"):
        pod = each.inputs["spec"]["template"]["spec"]
        images = {container["image"] for container in pod["containers"]}
        served.setdefault(each.inputs["metadata"]["namespace"], set()).update(images)
    daemons = {each.inputs["metadata"]["namespace"]: each.inputs for each in resources(document, ":DaemonSet")}
    assert set(daemons) == {"customer-insights", "merchandising", "supply-chain"}
    for department, daemon in daemons.items():
        pod = daemon["spec"]["template"]["spec"]
        fetched = [each["image"] for each in pod["initContainers"]]
        assert pod["nodeSelector"] == {"modelyard.dev/pool": "t4"}
        assert len(fetched) == len(set(fetched)) > 0
        assert set(fetched) <= served[department]


def test_no_image_is_fetched_unless_that_is_declared(tmp_path: Path) -> None:
    assert resources(planned(tmp_path, {}), ":DaemonSet") == []


def test_what_the_software_cannot_do_is_told_with_its_place_in_the_file(tmp_path: Path) -> None:
    with pytest.raises(PlanRefused) as refused:
        planned(tmp_path, {"dra": True}, kubernetes_version="1.33")
    said = (
        "clusters[0].gpu_pools[0].dra: needs Kubernetes 1.34 or later, whose resource.k8s.io/v1 is generally "
        "available, and the cluster has 1.33; raise kubernetes_version, or delete it (pool 't4')"
    )
    assert said in str(refused.value)
