"""What a CpuNodePool makes on EKS."""

from __future__ import annotations

from typing import Any

import pytest

from .node_pools import NODE_GROUP, TAG, TEMPLATE, cpu_pool
from .program import PLATFORM, cloud_resources, graph_of, one, refusal


def test_nodes_carry_the_labels_by_which_pods_find_them_and_no_taint() -> None:
    group = one(graph_of(cpu_pool(labels={"example.com/kind": "batch"})), NODE_GROUP).inputs
    assert group["labels"] == {
        "modelyard.dev/cluster": "east",
        "modelyard.dev/pool": "cpu",
        "example.com/kind": "batch",
    }
    assert "taints" not in group


@pytest.mark.parametrize(
    ("image", "ami_type", "disks"),
    [
        (None, "AL2023_x86_64_STANDARD", {"/dev/xvda": 80}),
        ("bottlerocket", "BOTTLEROCKET_x86_64", {"/dev/xvda": None, "/dev/xvdb": 80}),
    ],
)
def test_image_and_disk(image: str | None, ami_type: str, disks: dict[str, int | None]) -> None:
    graph = graph_of(cpu_pool(image=image))
    assert one(graph, NODE_GROUP).inputs["amiType"] == ami_type
    mappings = one(graph, TEMPLATE).inputs["blockDeviceMappings"]
    assert {each["deviceName"]: each["ebs"].get("volumeSize") for each in mappings} == disks


def test_spot_nodes_have_a_floor_on_demand_beside_them() -> None:
    graph = graph_of(cpu_pool(capacity="spot", min_nodes=1, max_nodes=6, spot={"on_demand_floor": 1}))
    groups = {each.name: each.inputs for each in graph.of_type(NODE_GROUP)}
    assert {name: (each["capacityType"], each["scalingConfig"]["maxSize"]) for name, each in groups.items()} == {
        "prod-east-cpu": ("SPOT", 5),
        "prod-east-cpu-floor": ("ON_DEMAND", 1),
    }


def test_a_pool_that_reaches_zero_describes_its_nodes_to_the_autoscaler() -> None:
    tags = {tag.inputs["tag"]["key"]: tag.inputs["tag"]["value"] for tag in graph_of(cpu_pool()).of_type(TAG)}
    assert tags["k8s.io/cluster-autoscaler/node-template/label/modelyard.dev/pool"] == "cpu"
    assert not list(graph_of(cpu_pool(min_nodes=1)).of_type(TAG))


def test_every_resource_that_takes_tags_says_who_owns_it() -> None:
    for resource in cloud_resources(graph_of(cpu_pool())):
        if "tagsAll" in resource.inputs:
            assert PLATFORM.aws_tags().items() <= resource.inputs["tags"].items(), resource.urn


@pytest.mark.parametrize(
    ("args", "message"),
    [
        ({"instance_types": ["g6.xlarge"]}, "instance_types[0]: 'g6.xlarge' carries L4; a CPU pool has none"),
        ({"subnet_ids": None}, "subnet_ids: is missing, and EKS needs it; add it"),
        ({"resource_group": "shop"}, "resource_group: is for AKS, and cloud is aws; delete it"),
    ],
)
def test_wrong_arguments_are_refused(args: dict[str, Any], message: str) -> None:
    assert refusal(cpu_pool(**args)) == f"CpuNodePool prod-east-cpu: {message}"
