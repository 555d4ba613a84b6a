"""How managed node groups buy their machines, where these stand, and what they have besides GPUs."""

from __future__ import annotations

import base64
import tomllib
from email import message_from_string
from typing import Any

import pytest
import yaml
from modelyard.catalog import instances
from modelyard.catalog.instance_shapes import shapes
from modelyard.graph import Resource, ResourceGraph
from modelyard.resolve.regions import known_regions

from .node_pools import NODE_GROUP, RESERVATION, RESERVATION_GROUP, TAG, TEMPLATE, gpu_pool
from .program import PLATFORM, cloud_resources, graph_of, one, refusal

PLACEMENT_GROUP = "aws:ec2/placementGroup:PlacementGroup"
SECURITY_GROUP = "aws:ec2/securityGroup:SecurityGroup"
INGRESS = "aws:vpc/securityGroupIngressRule:SecurityGroupIngressRule"
EGRESS = "aws:vpc/securityGroupEgressRule:SecurityGroupEgressRule"
BLOCK: dict[str, Any] = {
    "accelerator": "H100",
    "gpus_per_node": 8,
    "instance_types": ["p5.48xlarge"],
    "capacity": "capacity_block",
    "reservation": {"id": RESERVATION},
    "zones": ["us-east-1a"],
}


def user_data(graph: ResourceGraph) -> str | None:
    given = one(graph, TEMPLATE).inputs.get("userData")
    return None if given is None else base64.b64decode(given).decode()


def by_pool(graph: ResourceGraph) -> dict[str, Resource]:
    return {resource.name: resource for resource in graph.of_type(NODE_GROUP)}


@pytest.mark.parametrize(
    ("args", "capacity_type", "specification"),
    [
        ({}, "ON_DEMAND", None),
        ({"capacity": "spot"}, "SPOT", None),
        (
            {"capacity": "reservation", "reservation": {"id": RESERVATION}},
            "ON_DEMAND",
            {
                "capacityReservationPreference": "capacity-reservations-only",
                "capacityReservationTarget": {"capacityReservationId": RESERVATION},
            },
        ),
        (
            {"capacity": "reservation", "reservation": {"id": RESERVATION_GROUP}},
            "ON_DEMAND",
            {
                "capacityReservationPreference": "capacity-reservations-only",
                "capacityReservationTarget": {"capacityReservationResourceGroupArn": RESERVATION_GROUP},
            },
        ),
        (
            {"capacity": "reservation", "reservation": {"id": RESERVATION, "affinity": "any"}},
            "ON_DEMAND",
            {"capacityReservationPreference": "open"},
        ),
        (BLOCK, "CAPACITY_BLOCK", {"capacityReservationTarget": {"capacityReservationId": RESERVATION}}),
    ],
    ids=["on demand", "spot", "one reservation", "a group of them", "any open one", "capacity block"],
)
def test_what_a_pool_is_bought_as(
    args: dict[str, Any], capacity_type: str, specification: dict[str, Any] | None
) -> None:
    graph = graph_of(gpu_pool(**args))
    assert one(graph, NODE_GROUP).inputs["capacityType"] == capacity_type
    assert one(graph, TEMPLATE).inputs.get("capacityReservationSpecification") == specification


def test_a_capacity_block_names_its_machine_in_the_template_alone() -> None:
    """EKS user guide, "Create a managed node group with Capacity Blocks for ML"."""
    graph = graph_of(gpu_pool(**BLOCK))
    template, group = one(graph, TEMPLATE).inputs, one(graph, NODE_GROUP).inputs
    assert template["instanceType"] == "p5.48xlarge"
    assert template["instanceMarketOptions"] == {"marketType": "capacity-block"}
    assert "instanceTypes" not in group
    assert group["scalingConfig"] == {"minSize": 0, "desiredSize": 0, "maxSize": 1}


@pytest.mark.parametrize(
    ("args", "strategy"),
    [
        ({}, None),
        ({"capacity": "reservation", "reservation": {"id": RESERVATION, "affinity": "any"}}, None),
        ({"capacity": "reservation", "reservation": {"id": RESERVATION}}, "MINIMAL"),
        (BLOCK, "MINIMAL"),
    ],
)
def test_a_full_reservation_is_updated_in_the_room_that_it_has(args: dict[str, Any], strategy: str | None) -> None:
    assert one(graph_of(gpu_pool(**args)), NODE_GROUP).inputs["updateConfig"].get("updateStrategy") == strategy


def test_spot_nodes_have_a_floor_on_demand_beside_them() -> None:
    night = {"name": "night", "recurrence": "0 20 * * *", "min_nodes": 0, "desired_nodes": 0, "max_nodes": 2}
    args = {"min_nodes": 2, "max_nodes": 10, "spot": {"on_demand_floor": 2}, "schedules": [night]}
    graph = graph_of(gpu_pool(capacity="spot", **args))
    groups = by_pool(graph)
    assert set(groups) == {"prod-east-gpu", "prod-east-gpu-floor"}
    spot, floor = groups["prod-east-gpu"].inputs, groups["prod-east-gpu-floor"].inputs
    assert (spot["capacityType"], floor["capacityType"]) == ("SPOT", "ON_DEMAND")
    assert spot["scalingConfig"] == {"minSize": 0, "desiredSize": 0, "maxSize": 8}
    assert floor["scalingConfig"] == {"minSize": 2, "desiredSize": 2, "maxSize": 2}
    assert spot["labels"] == floor["labels"]
    assert spot["labels"]["modelyard.dev/pool"] == "gpu"
    assert spot["taints"] == floor["taints"]
    (schedule,) = graph.of_type("aws:autoscaling/schedule:Schedule")
    assert schedule.property_dependencies["autoscalingGroupName"] == (groups["prod-east-gpu"].urn,)
    assert {tag.name.partition("/")[0] for tag in graph.of_type(TAG)} == {
        "prod-east-gpu-label", "prod-east-gpu-taint", "prod-east-gpu-resources"
    }  # fmt: skip


@pytest.mark.parametrize(
    ("args", "placed"),
    [
        ({}, False),
        ({"compact": True}, True),
        ({"compact": True, "capacity": "spot"}, True),
        ({"compact": True, "capacity": "reservation", "reservation": {"id": RESERVATION}}, False),
        (
            {
                "compact": True,
                "fabric": True,
                "accelerator": "H100",
                "gpus_per_node": 8,
                "instance_types": ["p5.48xlarge"],
                "capacity": "reservation",
                "reservation": {"id": RESERVATION},
            },
            False,
        ),
        ({**BLOCK, "compact": True}, False),
        ({**BLOCK, "fabric": True}, False),
        ({"fabric": True, "instance_types": ["g6.8xlarge"]}, False),
    ],
)
def test_nodes_stand_together_where_it_is_asked_and_no_reservation_says_where(
    args: dict[str, Any], placed: bool
) -> None:
    """A placement group that a reservation was not made with leaves its capacity unused (terraform-aws-eks 3730)."""
    graph = graph_of(gpu_pool(**{"zones": ["us-east-1a"], **args}))
    template, groups = one(graph, TEMPLATE), list(graph.of_type(PLACEMENT_GROUP))
    assert ("placement" in template.inputs) is placed
    assert bool(groups) is placed
    if placed:
        assert groups[0].inputs["strategy"] == "cluster"
        assert template.inputs["placement"]["groupName"] == groups[0].inputs["name"]
        assert groups[0].inputs["name"].startswith("prod-east-gpu-")


SOLD_IN = {each.name: region for region in reversed(known_regions("aws")) for each in instances("aws", region)}
EFA_TYPES = sorted(
    name for (cloud, name), shape in shapes().items() if cloud == "aws" and shape.fabric and shape.accelerator
)


@pytest.mark.parametrize("type_", [name for name in EFA_TYPES if name in SOLD_IN])
def test_every_network_card_has_its_efa(type_: str) -> None:
    shape, region = shapes()["aws", type_], SOLD_IN[type_]
    args = {"accelerator": shape.accelerator, "gpus_per_node": shape.accelerator_count, "instance_types": [type_]}
    graph = graph_of(gpu_pool(fabric=True, region=region, **args), region=region)
    interfaces = one(graph, TEMPLATE).inputs["networkInterfaces"]
    assert [each["networkCardIndex"] for each in interfaces] == list(range(shape.network_cards or 0))
    assert [each["deviceIndex"] for each in interfaces] == [0] + [1] * (len(interfaces) - 1)
    with_efa = [each for each in interfaces if each["interfaceType"] in ("efa", "efa-only")]
    assert len(with_efa) == shape.efa_interfaces
    assert interfaces[0]["interfaceType"] == ("efa" if shape.efa_interfaces == len(interfaces) else "interface")
    assert {each["interfaceType"] for each in interfaces[1:]} <= {"efa-only"}


def test_efa_traffic_stays_within_the_pool_and_nodes_keep_the_security_group_of_the_cluster() -> None:
    graph = graph_of(gpu_pool(fabric=True, instance_types=["g6.8xlarge"]))
    group = one(graph, SECURITY_GROUP)
    assert group.inputs["vpcId"] == "vpc-0123456789abcdef0"
    own = None
    for type_ in (INGRESS, EGRESS):
        rule = one(graph, type_)
        assert rule.inputs["ipProtocol"] == "-1"
        own = rule.inputs["securityGroupId"]
        assert own == rule.inputs["referencedSecurityGroupId"] != "sg-0123456789abcdef0"
        assert rule.property_dependencies["securityGroupId"] == (group.urn,)
    (interface,) = one(graph, TEMPLATE).inputs["networkInterfaces"]
    assert interface["securityGroups"] == ["sg-0123456789abcdef0", own]
    tags = {tag.inputs["tag"]["key"]: tag.inputs["tag"]["value"] for tag in graph.of_type(TAG)}
    assert tags["k8s.io/cluster-autoscaler/node-template/resources/vpc.amazonaws.com/efa"] == "1"


@pytest.mark.parametrize(
    ("accelerator", "gpus", "model"),
    [("A100-40GB", 8, "a100.40gb"), ("A100-80GB", 8, "a100.80gb"), ("H100", 8, "h100.80gb"), ("H200", 8, "h200.141gb")],
)
def test_bottlerocket_cuts_gpus_by_settings(accelerator: str, gpus: int, model: str) -> None:
    profile = "1g.5gb" if accelerator == "A100-40GB" else "1g.18gb" if accelerator == "H200" else "1g.10gb"
    args = {"accelerator": accelerator, "gpus_per_node": gpus, "image": "bottlerocket_nvidia"}
    graph = graph_of(gpu_pool(**args, sharing={"mig": profile}))
    settings = tomllib.loads(user_data(graph) or "")["settings"]["kubelet-device-plugins"]["nvidia"]
    assert settings == {"device-partitioning-strategy": "mig", "mig": {"profile": {model: profile}}}
    labels = one(graph, NODE_GROUP).inputs["labels"]
    assert labels["modelyard.dev/gpu-sharing"] == f"mig-{profile}"
    # Its image announces the instances.
    assert labels["nvidia.com/gpu.deploy.operands"] == "false"
    assert "nvidia.com/mig.config" not in labels


@pytest.mark.parametrize(
    ("sharing", "settings"),
    [
        (
            {"time_slicing": 4},
            {"device-sharing-strategy": "time-slicing", "time-slicing": {"replicas": 4, "rename-by-default": False}},
        ),
        ({"mps": 2}, {"device-sharing-strategy": "mps", "mps": {"replicas": 2, "rename-by-default": False}}),
    ],
)
def test_bottlerocket_shares_gpus_by_settings(sharing: dict[str, Any], settings: dict[str, Any]) -> None:
    graph = graph_of(gpu_pool(image="bottlerocket_nvidia", sharing=sharing))
    assert tomllib.loads(user_data(graph) or "")["settings"]["kubelet-device-plugins"]["nvidia"] == settings


@pytest.mark.parametrize(
    ("args", "labels", "devices"),
    [
        ({"sharing": {"time_slicing": 4}}, {"nvidia.com/device-plugin.config": "time-slicing-4"}, 4),
        ({"sharing": {"mps": 2}}, {"nvidia.com/device-plugin.config": "mps-2"}, 2),
        (
            {"accelerator": "A100-40GB", "gpus_per_node": 8, "sharing": {"mig": "1g.5gb"}},
            {"nvidia.com/mig.config": "1g.5gb-x7"},
            56,
        ),
        (
            {"accelerator": "A100-40GB", "gpus_per_node": 8, "sharing": {"mig": "3g.20gb", "time_slicing": 2}},
            {"nvidia.com/mig.config": "3g.20gb-x2", "nvidia.com/device-plugin.config": "time-slicing-2"},
            32,
        ),
        ({}, {}, 1),
    ],
)
def test_labels_say_how_gpus_are_shared_and_the_autoscaler_counts_the_devices(
    args: dict[str, Any], labels: dict[str, str], devices: int
) -> None:
    graph = graph_of(gpu_pool(**args))
    found = one(graph, NODE_GROUP).inputs["labels"]
    keys = ("nvidia.com/mig.config", "nvidia.com/device-plugin.config")
    assert {key: found[key] for key in keys if key in found} == labels
    tags = {tag.inputs["tag"]["key"]: tag.inputs["tag"]["value"] for tag in graph.of_type(TAG)}
    assert tags["k8s.io/cluster-autoscaler/node-template/resources/nvidia.com/gpu"] == str(devices)
    assert user_data(graph) is None


def test_disks_of_the_machine_hold_images_and_scratch_files_on_amazon_linux() -> None:
    text = user_data(graph_of(gpu_pool(local_ssd={"use": "ephemeral"})))
    assert text is not None
    (part,) = message_from_string(text).get_payload()
    assert not isinstance(part, str)
    assert part.get_content_type() == "application/node.eks.aws"
    assert yaml.safe_load(str(part.get_payload())) == {
        "apiVersion": "node.eks.aws/v1alpha1",
        "kind": "NodeConfig",
        "spec": {"instance": {"localStorage": {"strategy": "RAID0"}}},
    }


def test_disks_of_the_machine_hold_images_and_scratch_files_on_bottlerocket() -> None:
    text = user_data(graph_of(gpu_pool(image="bottlerocket_nvidia", local_ssd={})))
    (command,) = tomllib.loads(text or "")["settings"]["bootstrap-commands"].values()
    assert command["commands"][0] == ["apiclient", "ephemeral-storage", "init"]
    assert {"/var/lib/containerd", "/var/lib/kubelet"} <= set(command["commands"][1])
    assert (command["mode"], command["essential"]) == ("always", True)


@pytest.mark.parametrize(
    ("args", "spec", "volume"),
    [
        (
            {"image_start": {"by": "parallel_pull"}},
            {"featureGates": {"FastImagePull": True}},
            {"throughput": 600},
        ),
        (
            {"image_start": {"by": "parallel_pull", "volume_mib_per_second": 1000}},
            {"featureGates": {"FastImagePull": True}},
            {"throughput": 1000, "iops": 4000},
        ),
        (
            {"image_start": {"by": "parallel_pull"}, "local_ssd": {"use": "ephemeral"}},
            {"featureGates": {"FastImagePull": True}, "instance": {"localStorage": {"strategy": "RAID0"}}},
            {},
        ),
    ],
)
def test_images_come_in_parts_on_amazon_linux_and_the_volume_keeps_up(
    args: dict[str, Any], spec: dict[str, Any], volume: dict[str, Any]
) -> None:
    graph = graph_of(gpu_pool(**args))
    (part,) = message_from_string(user_data(graph) or "").get_payload()
    assert not isinstance(part, str)
    assert yaml.safe_load(str(part.get_payload()))["spec"] == spec
    (disk,) = one(graph, TEMPLATE).inputs["blockDeviceMappings"]
    assert {key: disk["ebs"][key] for key in ("throughput", "iops") if key in disk["ebs"]} == volume


def test_images_come_in_parts_on_bottlerocket() -> None:
    graph = graph_of(gpu_pool(image="bottlerocket_nvidia", local_ssd={}, image_start={"by": "parallel_pull"}))
    settings = tomllib.loads(user_data(graph) or "")["settings"]
    assert settings["container-runtime"] == {"snapshotter": "soci"}
    assert settings["container-runtime-plugins"] == {"soci-snapshotter": {"pull-mode": "parallel-pull-unpack"}}
    assert "/var/lib/soci-snapshotter" in settings["bootstrap-commands"]["local-disks"]["commands"][1]


def test_bottlerocket_starts_with_the_images_of_a_snapshot() -> None:
    disk = "snap-0a1b2c3d4e5f67890"
    graph = graph_of(gpu_pool(image="bottlerocket_nvidia", image_start={"by": "preloaded", "disk": disk}))
    system, images = one(graph, TEMPLATE).inputs["blockDeviceMappings"]
    assert (images["deviceName"], images["ebs"]["snapshotId"]) == ("/dev/xvdb", disk)
    assert "snapshotId" not in system["ebs"]


def test_raw_disks_are_left_as_they_are() -> None:
    assert user_data(graph_of(gpu_pool(local_ssd={"use": "block"}))) is None


@pytest.mark.parametrize(("accelerator", "type_"), [("Inferentia2", "inf2.xlarge"), ("Trainium1", "trn1.2xlarge")])
def test_neuron_pools_offer_neuron_devices(accelerator: str, type_: str) -> None:
    graph = graph_of(gpu_pool(accelerator=accelerator, instance_types=[type_]))
    group = one(graph, NODE_GROUP).inputs
    assert group["amiType"] == "AL2023_x86_64_NEURON"
    assert group["taints"] == [{"key": "aws.amazon.com/neuron", "value": "present", "effect": "NO_SCHEDULE"}]
    # The node autoscaler would wait for nvidia.com/gpu on nodes with this label.
    assert "k8s.amazonaws.com/accelerator" not in group["labels"]
    assert "nvidia.com/gpu.present" not in group["labels"]
    tags = {tag.inputs["tag"]["key"] for tag in graph.of_type(TAG)}
    assert "k8s.io/cluster-autoscaler/node-template/resources/aws.amazon.com/neuron" in tags


@pytest.mark.parametrize(
    "args",
    [
        {"capacity": "spot", "max_nodes": 4, "spot": {"on_demand_floor": 1}},
        {"fabric": True, "compact": True, "zones": ["us-east-1a"], "instance_types": ["g6.8xlarge"]},
        BLOCK,
    ],
    ids=["floor", "efa", "capacity block"],
)
def test_everything_that_takes_tags_says_who_owns_it(args: dict[str, Any]) -> None:
    graph = graph_of(gpu_pool(**args))
    tagged = [resource for resource in cloud_resources(graph) if "tagsAll" in resource.inputs]
    assert tagged
    for resource in tagged:
        assert PLATFORM.aws_tags().items() <= resource.inputs["tags"].items(), resource.urn
    for template in graph.of_type(TEMPLATE):
        kinds = {each["resourceType"]: each["tags"] for each in template.inputs["tagSpecifications"]}
        assert set(kinds) == {"instance", "volume", "network-interface"}
        assert all(PLATFORM.aws_tags().items() <= tags.items() for tags in kinds.values())


@pytest.mark.parametrize(
    ("args", "message"),
    [
        (
            {"node_role_arn": None, "subnet_ids": None},
            "GpuNodePool prod-east-gpu: node_role_arn: is missing, and EKS needs it; add it\n"
            "GpuNodePool prod-east-gpu: subnet_ids: is missing, and EKS needs it; add it",
        ),
        (
            {"fabric": True, "instance_types": ["g6.8xlarge"], "vpc_id": None},
            "GpuNodePool prod-east-gpu: vpc_id: is missing, and EKS needs it; add it",
        ),
        (
            {"service_account": "nodes@shop.iam.gserviceaccount.com"},
            "GpuNodePool prod-east-gpu: service_account: is for GKE, and cloud is aws; delete it",
        ),
        (
            {"cloud": "aswz"},
            "GpuNodePool prod-east-gpu: cloud: 'aswz' is not a cloud; allowed: aws, gcp, azure",
        ),
        (
            {"subnet_ids": None, "capacity": "flex_start"},
            "GpuNodePool prod-east-gpu: subnet_ids: is missing, and EKS needs it; add it\n"
            "GpuNodePool prod-east-gpu: capacity: flex_start is",
        ),
    ],
)
def test_arguments_that_do_not_go_with_the_cloud(args: dict[str, Any], message: str) -> None:
    assert refusal(gpu_pool(**args)).startswith(message)
