"""Pools whose nodes Karpenter or EKS Auto Mode starts, held against Karpenter's own definitions."""

from __future__ import annotations

from functools import cache
from typing import Any

import pulumi
import pulumi_kubernetes as kubernetes
import pytest
from custom_resources import NoDefinitions, Schemas, faults, schemas
from modelyard.graph import Resource, ResourceGraph
from modelyard.placement import pools

from .node_pools import RESERVATION, cpu_pool, gpu_pool
from .program import PLATFORM, graph_of, one, refusal, types_of, waits_for

NODE_POOL = "kubernetes:karpenter.sh/v1:NodePool"
CLASS = "kubernetes:karpenter.k8s.aws/v1:EC2NodeClass"
AUTO_CLASS = "kubernetes:eks.amazonaws.com/v1:NodeClass"
KEY = "arn:aws:kms:us-east-1:123456789012:key/0a1b2c3d-4e5f-6789-abcd-ef0123456789"
H100 = {"accelerator": "H100", "gpus_per_node": 8, "instance_types": ["p5.48xlarge"]}


@cache
def definitions() -> Schemas:
    try:
        return schemas("github.com/aws/karpenter-provider-aws", "v1.14.1", "pkg/apis/crds/karpenter.*.yaml")
    except NoDefinitions as why:
        pytest.skip(f"Karpenter's definitions cannot be had: its manifests are NOT checked ({why})")


def graph_with(pool: Any) -> ResourceGraph:
    def declare(opts: pulumi.ResourceOptions) -> None:
        cluster = kubernetes.Provider("cluster", kubeconfig="apiVersion: v1", cluster_identifier="east")
        assert isinstance(opts.provider, pulumi.ProviderResource)
        pool(pulumi.ResourceOptions(providers=[opts.provider, cluster]))

    return graph_of(declare)


def manifest(resource: Resource) -> dict[str, Any]:
    return dict(resource.inputs)


def requirements(pool: dict[str, Any]) -> dict[str, list[str]]:
    return {each["key"]: each["values"] for each in pool["spec"]["template"]["spec"]["requirements"]}


CASES: dict[str, Any] = {
    "on demand": gpu_pool(provisioner="karpenter"),
    "spot": gpu_pool(provisioner="karpenter", capacity="spot", zones=["us-east-1a", "us-east-1b"]),
    "bottlerocket": gpu_pool(provisioner="karpenter", image="bottlerocket_nvidia", disk_gib=300),
    "reservation": gpu_pool(provisioner="karpenter", capacity="reservation", reservation={"id": RESERVATION}),
    "capacity block": gpu_pool(
        provisioner="karpenter", capacity="capacity_block", reservation={"id": RESERVATION}, **H100
    ),
    "efa": gpu_pool(provisioner="karpenter", fabric=True, local_ssd={}, **H100),
    "efa, first card without": gpu_pool(
        provisioner="karpenter",
        fabric=True,
        accelerator="B300",
        gpus_per_node=8,
        instance_types=["p6-b300.48xlarge"],
    ),
    "images in parts": gpu_pool(
        provisioner="karpenter", image_start={"by": "parallel_pull", "volume_mib_per_second": 1000}
    ),
    "images in parts, bottlerocket": gpu_pool(
        provisioner="karpenter", image="bottlerocket_nvidia", image_start={"by": "parallel_pull"}
    ),
    "images of a snapshot": gpu_pool(
        provisioner="karpenter",
        image="bottlerocket_nvidia",
        image_start={"by": "preloaded", "disk": "snap-0a1b2c3d4e5f67890"},
    ),
    "neuron": gpu_pool(provisioner="karpenter", accelerator="Inferentia2", instance_types=["inf2.xlarge"]),
    "neuron cores": gpu_pool(
        provisioner="karpenter",
        accelerator="Trainium1",
        instance_types=["trn1.2xlarge"],
        sharing={"neuron_cores": True},
    ),
    "cpu": cpu_pool(provisioner="karpenter", taints=[{"key": "team", "effect": "NoExecute"}]),
    "cpu, bottlerocket": cpu_pool(provisioner="karpenter", image="bottlerocket"),
    "arm": gpu_pool(provisioner="karpenter", accelerator="T4G", instance_types=["g5g.xlarge"]),
    "when nodes go": gpu_pool(
        provisioner="karpenter",
        karpenter={
            "image_release": "v20260915",
            "expire_hours": 0,
            "consolidate": "when_underused",
            "unused_minutes": 30,
            "quiet_hours": [{"recurrence": "0 8 * * 1-5", "hours": 10}],
            "weight": 70,
        },
    ),
    "key of one's own": gpu_pool(provisioner="karpenter", image="bottlerocket_nvidia", disk_kms_key_arn=KEY),
    "close together": gpu_pool(provisioner="karpenter", compact=True, zones=["us-east-1a"]),
}


@pytest.mark.parametrize("case", CASES)
def test_the_objects_are_as_karpenter_defines_them(case: str) -> None:
    graph = graph_with(CASES[case])
    for type_ in (NODE_POOL, CLASS):
        assert faults(manifest(one(graph, type_)), definitions()) == []
    assert waits_for(graph, one(graph, NODE_POOL), one(graph, CLASS))


def test_images_come_to_its_nodes_as_to_those_of_a_managed_pool() -> None:
    spec = manifest(one(graph_with(CASES["images in parts, bottlerocket"]), CLASS))["spec"]
    assert 'snapshotter = "soci"' in spec["userData"]
    assert spec["blockDeviceMappings"][-1]["ebs"]["throughput"] == 600
    spec = manifest(one(graph_with(CASES["images of a snapshot"]), CLASS))["spec"]
    assert spec["blockDeviceMappings"][-1]["ebs"]["snapshotID"] == "snap-0a1b2c3d4e5f67890"
    assert "userData" not in spec


def test_a_node_pool_says_what_a_managed_pool_says() -> None:
    taints = [{"key": "team", "value": "vision", "effect": "PreferNoSchedule"}]
    graph = graph_with(
        gpu_pool(
            provisioner="karpenter",
            accelerator="A10G",
            gpus_per_node=4,
            instance_types=["g5.12xlarge", "g5.24xlarge"],
            max_nodes=6,
            taints=taints,
            labels={"example.com/kind": "vision"},
            update={"max_unavailable_percentage": 25, "drain_timeout_minutes": 20},
        )
    )
    pool = manifest(one(graph, NODE_POOL))
    template = pool["spec"]["template"]
    assert template["metadata"]["labels"] == {
        "modelyard.dev/cluster": "east",
        "modelyard.dev/pool": "gpu",
        "modelyard.dev/accelerator": "A10G",
        "nvidia.com/gpu.present": "true",
        "example.com/kind": "vision",
    }
    assert template["spec"]["taints"] == [
        {"key": "nvidia.com/gpu", "value": "present", "effect": "NoSchedule"},
        {"key": "team", "value": "vision", "effect": "PreferNoSchedule"},
    ]
    assert requirements(pool) == {
        "node.kubernetes.io/instance-type": ["g5.12xlarge", "g5.24xlarge"],
        "karpenter.sh/capacity-type": ["on-demand"],
        "kubernetes.io/arch": ["amd64"],
        "kubernetes.io/os": ["linux"],
    }
    assert pool["spec"]["limits"] == {"nodes": "6", "nvidia.com/gpu": "24"}
    assert pool["spec"]["disruption"]["budgets"] == [{"nodes": "25%"}]
    assert template["spec"]["terminationGracePeriod"] == "20m"


@pytest.mark.parametrize(
    ("args", "types", "expires"),
    [
        ({}, ["on-demand"], "720h"),
        ({"capacity": "spot"}, ["spot"], "720h"),
        ({"capacity": "reservation", "reservation": {"id": RESERVATION}}, ["reserved"], "Never"),
        (
            {"capacity": "reservation", "reservation": {"id": RESERVATION, "affinity": "any"}},
            ["reserved", "on-demand"],
            "Never",
        ),
    ],
)
def test_how_machines_are_bought(args: dict[str, Any], types: list[str], expires: str) -> None:
    graph = graph_with(gpu_pool(provisioner="karpenter", **args))
    pool = manifest(one(graph, NODE_POOL))
    assert requirements(pool)["karpenter.sh/capacity-type"] == types
    assert pool["spec"]["template"]["spec"]["expireAfter"] == expires
    terms = manifest(one(graph, CLASS))["spec"].get("capacityReservationSelectorTerms")
    assert terms == ([{"id": RESERVATION}] if "reserved" in types else None)


def test_when_nodes_go_is_as_declared() -> None:
    graph = graph_with(CASES["when nodes go"])
    pool = manifest(one(graph, NODE_POOL))
    assert pool["spec"]["disruption"] == {
        "consolidationPolicy": "WhenEmptyOrUnderutilized",
        "consolidateAfter": "30m",
        "budgets": [
            {"nodes": "1"},
            {"nodes": "0", "reasons": ["Drifted", "Underutilized"], "schedule": "0 8 * * 1-5", "duration": "10h"},
        ],
    }
    assert pool["spec"]["template"]["spec"]["expireAfter"] == "Never"
    assert pool["spec"]["weight"] == 70
    assert manifest(one(graph, CLASS))["spec"]["amiSelectorTerms"] == [{"alias": "al2023@v20260915"}]


@pytest.mark.parametrize(
    ("args", "weights"),
    [
        ({}, {"gpu": None}),
        ({"capacity": "spot"}, {"gpu": 10}),
        ({"capacity": "spot", "spot": {"on_demand_floor": 2}, "max_nodes": 6}, {"gpu": 10, "gpu-floor": 20}),
        (
            {"capacity": "spot", "spot": {"on_demand_floor": 2}, "max_nodes": 6, "karpenter": {"weight": 40}},
            {"gpu": 40, "gpu-floor": 41},
        ),
        ({"capacity": "reservation", "reservation": {"id": RESERVATION}}, {"gpu": 30}),
    ],
)
def test_what_is_paid_for_comes_first_then_the_floor_then_spot(
    args: dict[str, Any], weights: dict[str, int | None]
) -> None:
    graph = graph_with(gpu_pool(provisioner="karpenter", **args))
    made = [manifest(each) for each in graph.of_type(NODE_POOL)]
    assert {each["metadata"]["name"]: each["spec"].get("weight") for each in made} == weights


def test_a_pool_is_priced_wherever_its_cluster_is_declared() -> None:
    (pool,) = pools(graph_with(CASES["on demand"]))
    assert (pool.region, pool.zones) == ("us-east-1", ())


def test_a_floor_is_nodes_on_demand_of_the_same_pool() -> None:
    graph = graph_with(gpu_pool(provisioner="karpenter", capacity="spot", spot={"on_demand_floor": 2}, max_nodes=6))
    spot, floor = [manifest(each) for each in graph.of_type(NODE_POOL)]
    assert requirements(floor)["karpenter.sh/capacity-type"] == ["on-demand"]
    assert (spot["spec"]["limits"]["nodes"], floor["spec"]["limits"]["nodes"]) == ("4", "2")
    assert spot["spec"]["template"]["metadata"]["labels"] == floor["spec"]["template"]["metadata"]["labels"]


def test_a_node_class_says_what_a_launch_template_says() -> None:
    spec = manifest(one(graph_with(CASES["bottlerocket"]), CLASS))["spec"]
    assert spec["amiSelectorTerms"] == [{"alias": "bottlerocket@latest"}]
    assert {disk["deviceName"]: disk["ebs"]["volumeSize"] for disk in spec["blockDeviceMappings"]} == {
        "/dev/xvda": "4Gi",
        "/dev/xvdb": "300Gi",
    }
    assert all(disk["ebs"]["encrypted"] for disk in spec["blockDeviceMappings"])
    assert spec["metadataOptions"] == {
        "httpEndpoint": "enabled",
        "httpTokens": "required",
        "httpPutResponseHopLimit": 1,
    }
    assert spec["role"] == "node"
    assert spec["subnetSelectorTerms"] == [{"id": "subnet-0123456789abcdef0"}, {"id": "subnet-0123456789abcdef1"}]
    assert spec["securityGroupSelectorTerms"] == [{"id": "sg-0123456789abcdef0"}]
    assert PLATFORM.aws_tags().items() <= spec["tags"].items()


def test_disks_are_encrypted_with_the_key_that_is_named() -> None:
    disks = manifest(one(graph_with(CASES["key of one's own"]), CLASS))["spec"]["blockDeviceMappings"]
    assert [disk["ebs"]["kmsKeyID"] for disk in disks] == [KEY, KEY]
    auto = manifest(one(graph_with(gpu_pool(provisioner="auto_mode", disk_kms_key_arn=KEY)), AUTO_CLASS))
    assert auto["spec"]["ephemeralStorage"]["kmsKeyID"] == KEY


@pytest.mark.parametrize(("case", "cards"), [("efa", list(range(32))), ("efa, first card without", list(range(1, 17)))])
def test_each_card_with_efa_has_one(case: str, cards: list[int]) -> None:
    interfaces = manifest(one(graph_with(CASES[case]), CLASS))["spec"]["networkInterfaces"]
    assert interfaces[0] == {"networkCardIndex": 0, "deviceIndex": 0, "interfaceType": "interface"}
    assert [each["networkCardIndex"] for each in interfaces[1:]] == cards
    assert {each["interfaceType"] for each in interfaces[1:]} == {"efa-only"}


def test_disks_of_the_machine_hold_images_and_scratch_files() -> None:
    assert manifest(one(graph_with(CASES["efa"]), CLASS))["spec"]["instanceStorePolicy"] == "RAID0"
    assert "instanceStorePolicy" not in manifest(one(graph_with(CASES["on demand"]), CLASS))["spec"]


@pytest.mark.parametrize(("case", "policy"), [("on demand", "WhenEmpty"), ("cpu", "WhenEmptyOrUnderutilized")])
def test_a_loaded_model_is_not_moved_to_fill_another_node(case: str, policy: str) -> None:
    disruption = manifest(one(graph_with(CASES[case]), NODE_POOL))["spec"]["disruption"]
    assert disruption["consolidationPolicy"] == policy
    assert disruption["consolidateAfter"] == "10m"


def test_a_cpu_pool_is_limited_by_nodes_and_cores() -> None:
    pool = cpu_pool(provisioner="karpenter", instance_types=["m6i.xlarge", "m6i.2xlarge"], max_nodes=5)
    graph = graph_with(pool)
    assert manifest(one(graph, NODE_POOL))["spec"]["limits"] == {"nodes": "5", "cpu": "40"}
    assert types_of(graph) == {}


def test_auto_mode_has_a_node_class_of_its_own() -> None:
    """EKS user guide, "Create a Node Class for Amazon EKS": AWS publishes no definition to hold it against."""
    graph = graph_with(gpu_pool(provisioner="auto_mode", max_nodes=3))
    made = manifest(one(graph, AUTO_CLASS))
    assert set(made["spec"]) == {
        "role",
        "subnetSelectorTerms",
        "securityGroupSelectorTerms",
        "ephemeralStorage",
        "tags",
    }
    assert made["spec"]["role"] == "auto-node"
    assert made["spec"]["ephemeralStorage"] == {"size": "200Gi"}
    pool = manifest(one(graph, NODE_POOL))
    assert faults(pool, definitions()) == []
    assert pool["spec"]["template"]["spec"]["nodeClassRef"] == {
        "group": "eks.amazonaws.com",
        "kind": "NodeClass",
        "name": "gpu",
    }
    assert pool["spec"]["template"]["spec"]["expireAfter"] == "336h"
    # Auto Mode announces GPUs by itself.
    assert pool["spec"]["template"]["metadata"]["labels"]["nvidia.com/gpu.deploy.operands"] == "false"


@pytest.mark.parametrize(
    ("args", "message"),
    [
        ({"security_group_id": None}, "security_group_id: is missing, and EKS needs it; add it"),
        (
            {"min_nodes": 1},
            "min_nodes: is 1, and karpenter brings nodes when pods ask for them and keeps none; write 0, or "
            "provisioner: managed",
        ),
    ],
)
def test_what_karpenter_cannot_do_is_refused(args: dict[str, Any], message: str) -> None:
    assert refusal(gpu_pool(provisioner="karpenter", **args)) == f"GpuNodePool prod-east-gpu: {message}"


def test_nodes_stand_together_where_it_is_asked() -> None:
    graph = graph_with(CASES["close together"])
    group = one(graph, "aws:ec2/placementGroup:PlacementGroup")
    assert manifest(one(graph, CLASS))["spec"]["placementGroupSelector"] == {"name": group.inputs["name"]}


def test_karpenter_counts_the_cores_that_pods_ask_for() -> None:
    pool = gpu_pool(
        provisioner="karpenter",
        accelerator="Inferentia2",
        gpus_per_node=6,
        instance_types=["inf2.24xlarge"],
        sharing={"neuron_cores": True},
        max_nodes=2,
    )
    made = manifest(one(graph_with(pool), NODE_POOL))
    assert made["spec"]["limits"] == {"nodes": "2", "aws.amazon.com/neuroncore": "24"}
    taints = made["spec"]["template"]["spec"]["taints"]
    assert taints == [{"key": "aws.amazon.com/neuron", "value": "present", "effect": "NoSchedule"}]
