"""What a GpuNodePool makes."""

from __future__ import annotations

from typing import Any

import pulumi
import pytest
from modelyard.capacity.gpu_node_pool import GpuNodePool

from .program import PLATFORM, REGION, cloud_resources, graph_of, one, refusal, types_of

NODE_GROUP = "aws:eks/nodeGroup:NodeGroup"
TEMPLATE = "aws:ec2/launchTemplate:LaunchTemplate"
TAG = "aws:autoscaling/tag:Tag"
SCHEDULE = "aws:autoscaling/schedule:Schedule"
NIGHT = {
    "name": "night",
    "recurrence": "0 20 * * *",
    "timezone": "Europe/London",
    "min_nodes": 0,
    "desired_nodes": 0,
    "max_nodes": 0,
}


def declared(component: str = "prod-east-l4", /, **args: Any) -> Any:
    def declare(opts: pulumi.ResourceOptions) -> None:
        arguments: Any = {
            "name": "l4",
            "region": REGION,
            "cluster": "east",
            "cluster_name": "prod-east",
            "node_role_arn": "arn:aws:iam::123456789012:role/node",
            "subnet_ids": ["subnet-0123456789abcdef0", "subnet-0123456789abcdef1"],
            "accelerator": "L4",
            "ownership": PLATFORM.args(),
            **args,
        }
        GpuNodePool(component, arguments, opts)

    return declare


@pytest.mark.parametrize(("capacity", "type_"), [("on_demand", "ON_DEMAND"), ("spot", "SPOT")])
def test_capacity(capacity: str, type_: str) -> None:
    assert one(graph_of(declared(capacity=capacity)), NODE_GROUP).inputs["capacityType"] == type_


def test_instance_types_keep_their_order_and_default_to_three_of_the_region() -> None:
    named = ["g6.4xlarge", "g6.2xlarge"]
    assert one(graph_of(declared(instance_types=named)), NODE_GROUP).inputs["instanceTypes"] == named
    assert len(one(graph_of(declared()), NODE_GROUP).inputs["instanceTypes"]) == 3


def test_pods_and_autoscaler_find_the_nodes_by_label_and_others_stay_off() -> None:
    taints = [{"key": "team", "value": "vision", "effect": "PreferNoSchedule"}, {"key": "bare"}]
    group = one(graph_of(declared(labels={"example.com/kind": "vision"}, taints=taints)), NODE_GROUP)
    assert group.inputs["labels"] == {
        "modelyard.dev/cluster": "east",
        "modelyard.dev/pool": "l4",
        "modelyard.dev/accelerator": "L4",
        "nvidia.com/gpu.present": "true",
        "k8s.amazonaws.com/accelerator": "nvidia-l4",
        "example.com/kind": "vision",
    }
    assert group.inputs["taints"] == [
        {"key": "nvidia.com/gpu", "value": "present", "effect": "NO_SCHEDULE"},
        {"key": "team", "value": "vision", "effect": "PREFER_NO_SCHEDULE"},
        {"key": "bare", "effect": "NO_SCHEDULE"},
    ]


@pytest.mark.parametrize(
    ("accelerator", "types", "image", "ami_type", "disks"),
    [
        ("L4", [], "al2023_nvidia", "AL2023_x86_64_NVIDIA", {"/dev/xvda": 300}),
        ("L4", [], "bottlerocket_nvidia", "BOTTLEROCKET_x86_64_NVIDIA", {"/dev/xvda": None, "/dev/xvdb": 300}),
    ],
)
def test_the_image_decides_where_the_disk_is(
    accelerator: str, types: list[str], image: str, ami_type: str, disks: dict[str, int | None]
) -> None:
    graph = graph_of(declared(accelerator=accelerator, instance_types=types, image=image, disk_gib=300))
    assert one(graph, NODE_GROUP).inputs["amiType"] == ami_type
    mappings = one(graph, TEMPLATE).inputs["blockDeviceMappings"]
    assert {mapping["deviceName"]: mapping["ebs"].get("volumeSize") for mapping in mappings} == disks
    assert all(mapping["ebs"]["encrypted"] == "true" for mapping in mappings)


def test_the_launch_template_says_nothing_that_a_managed_group_refuses() -> None:
    template = one(graph_of(declared(capacity="spot")), TEMPLATE).inputs
    refused = {"imageId", "instanceType", "iamInstanceProfile", "instanceMarketOptions", "networkInterfaces"}
    assert refused.isdisjoint(template)
    assert [one_of["resourceType"] for one_of in template["tagSpecifications"]] == [
        "instance",
        "volume",
        "network-interface",
    ]
    for specification in template["tagSpecifications"]:
        assert PLATFORM.aws_tags().items() <= specification["tags"].items()


def test_a_replacement_can_be_up_before_the_old_group_goes() -> None:
    graph = graph_of(declared())
    group = one(graph, NODE_GROUP)
    assert group.inputs["nodeGroupName"].startswith("prod-east-l4-")
    assert len(group.inputs["nodeGroupName"]) == len("prod-east-l4-") + 7


def test_the_longest_names_fit() -> None:
    graph = graph_of(declared("e" * 20 + "-" + "c" * 20 + "-" + "p" * 24))
    assert len(one(graph, NODE_GROUP).inputs["nodeGroupName"]) <= 63


def test_the_count_belongs_to_the_autoscaler() -> None:
    group = one(graph_of(declared(min_nodes=1, desired_nodes=2, max_nodes=5)), NODE_GROUP)
    assert group.inputs["scalingConfig"] == {"minSize": 1, "desiredSize": 2, "maxSize": 5}
    assert group.ignore_changes == ("scalingConfig.desiredSize",)


def test_the_limits_of_a_scheduled_pool_belong_to_its_schedules() -> None:
    """EKS reports what a schedule did to the group as the node group's own limits (terraform-aws-eks issue 1222)."""
    group = one(graph_of(declared(min_nodes=1, max_nodes=2, schedules=[NIGHT])), NODE_GROUP)
    assert group.inputs["scalingConfig"] == {"minSize": 1, "desiredSize": 1, "maxSize": 2}
    assert group.ignore_changes == ("scalingConfig",)


def test_a_pool_that_reaches_zero_describes_its_nodes_to_the_autoscaler() -> None:
    graph = graph_of(declared(min_nodes=0, max_nodes=4))
    tags = {tag.inputs["tag"]["key"]: tag.inputs["tag"]["value"] for tag in graph.of_type(TAG)}
    template = "k8s.io/cluster-autoscaler/node-template"
    assert tags[f"{template}/label/modelyard.dev/pool"] == "l4"
    assert tags[f"{template}/label/nvidia.com/gpu.present"] == "true"
    assert tags[f"{template}/taint/nvidia.com/gpu"] == "present:NoSchedule"
    assert tags[f"{template}/resources/nvidia.com/gpu"] == "1"
    group = one(graph, NODE_GROUP)
    names = {one_of["name"] for one_of in group.outputs["resources"][0]["autoscalingGroups"]}
    for tag in graph.of_type(TAG):
        assert {tag.inputs["autoscalingGroupName"]} == names
        assert tag.inputs["tag"]["propagateAtLaunch"] is False


@pytest.mark.parametrize(
    ("args", "tagged"), [({"min_nodes": 1}, False), ({"min_nodes": 1, "schedules": [NIGHT]}, True)]
)
def test_only_a_pool_that_reaches_zero_needs_tags(args: dict[str, Any], tagged: bool) -> None:
    assert (TAG in types_of(graph_of(declared(max_nodes=2, **args)))) is tagged


def test_schedules_act_on_the_autoscaling_group_of_the_pool() -> None:
    graph = graph_of(declared(min_nodes=1, max_nodes=2, schedules=[NIGHT]), "preview")
    schedule = one(graph, SCHEDULE)
    assert schedule.inputs | {"autoscalingGroupName": None} == {
        "autoscalingGroupName": None,
        "scheduledActionName": "night",
        "recurrence": "0 20 * * *",
        "timeZone": "Europe/London",
        "minSize": 0,
        "desiredCapacity": 0,
        "maxSize": 0,
        "region": REGION,
    }
    assert schedule.property_dependencies["autoscalingGroupName"] == (one(graph, NODE_GROUP).urn,)


@pytest.mark.parametrize(
    ("args", "inputs"),
    [
        ({}, {"updateConfig": {"maxUnavailable": 1}, "nodeRepairConfig": {"enabled": True}}),
        (
            {"update": {"max_unavailable_percentage": 25}, "repair": False},
            {"updateConfig": {"maxUnavailablePercentage": 25}, "nodeRepairConfig": {"enabled": False}},
        ),
        (
            {
                "eks": {
                    "image_release": "1.35.2-20260915",
                    "force_update": True,
                    "repair_at_once": 1,
                    "repair_stops_at_percent": 30,
                }
            },
            {
                "releaseVersion": "1.35.2-20260915",
                "forceUpdateVersion": True,
                "nodeRepairConfig": {
                    "enabled": True,
                    "maxParallelNodesRepairedCount": 1,
                    "maxUnhealthyNodeThresholdPercentage": 30,
                },
            },
        ),
    ],
)
def test_update_and_repair(args: dict[str, Any], inputs: dict[str, Any]) -> None:
    group = one(graph_of(declared(**args)), NODE_GROUP).inputs
    assert {key: group[key] for key in inputs} == inputs


def test_every_resource_that_takes_tags_says_who_owns_it() -> None:
    for resource in cloud_resources(graph_of(declared())):
        if "tagsAll" in resource.inputs:
            assert PLATFORM.aws_tags().items() <= resource.inputs["tags"].items(), resource.urn


def test_numbers_of_other_languages_are_whole_numbers_too() -> None:
    group = one(graph_of(declared(max_nodes=3.0, instance_types=("g6.xlarge",))), NODE_GROUP)
    assert group.inputs["scalingConfig"]["maxSize"] == 3


@pytest.mark.parametrize(
    ("args", "message"),
    [
        (
            {"capacity": "Spot"},
            "capacity: 'Spot' is not an allowed value; did you mean 'spot'? Allowed: on_demand, spot",
        ),
        ({"max_nodes": "3"}, "max_nodes: must be a whole number, not '3'; write it without quotes"),
        ({"min_nodes": 2}, "min_nodes 2 exceeds max_nodes 1"),
        ({"instance_types": ["g5.xlarge"]}, "'g5.xlarge' has 1 A10G; the pool declares 1 L4"),
        ({"instance_types": ["g6.xlarg"]}, "did you mean 'g6.xlarge'?"),
        ({"accelerator": "L40"}, "did you mean 'L40S'?"),
        ({"region": "eu-nowhere-1"}, "'eu-nowhere-1'"),
        ({"ownership": {**PLATFORM.args(), "cost_center": "a b"}}, "ownership.cost_center: 'a b' cannot be a tag"),
    ],
)
def test_wrong_arguments_are_refused(args: dict[str, Any], message: str) -> None:
    assert message in refusal(declared(**args))
