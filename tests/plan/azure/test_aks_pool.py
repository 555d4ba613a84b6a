"""What GpuNodePool and CpuNodePool make on AKS."""

from __future__ import annotations

import re
from typing import Any

import pulumi
import pytest
from modelyard.capacity.cpu_node_pool import CpuNodePool
from modelyard.capacity.gpu_node_pool import GpuNodePool
from modelyard.governance.ownership import Ownership
from modelyard.graph import ResourceGraph

from .program import SUBSCRIPTION, azure_resources, graph_of, one, refusal, waits_for

PLATFORM = Ownership("platform", "CC-1000", "prod", "ml-platform@retail.example")
POOL = "azure-native:containerservice:AgentPool"
GROUP = "azure-native:compute:ProximityPlacementGroup"
SUBNET = f"/subscriptions/{SUBSCRIPTION}/resourceGroups/ml/providers/Microsoft.Network/virtualNetworks/v/subnets/nodes"
RESERVED = f"/subscriptions/{SUBSCRIPTION}/resourceGroups/ml/providers/Microsoft.Compute/capacityReservationGroups/a100"
A100 = {"accelerator": "A100-80GB", "max_nodes": 4}


def declared(component: str = "prod-west-t4", /, **args: Any) -> Any:
    def declare(opts: pulumi.ResourceOptions) -> None:
        arguments: Any = {
            "cloud": "azure",
            "name": "t4",
            "region": "westeurope",
            "cluster": "west",
            "cluster_name": "prod-west",
            "resource_group": "ml",
            "subnet_id": SUBNET,
            "accelerator": "T4",
            "max_nodes": 4,
            "ownership": PLATFORM.args(),
            **args,
        }
        GpuNodePool(component, arguments, opts)

    return declare


def pool(**args: Any) -> dict[str, Any]:
    """Inputs of the agent pool."""
    return dict(one(graph_of(declared(**args)), POOL).inputs)


def name_of(**args: Any) -> str:
    return pool(**args)["agentPoolName"]


def test_a_pool_without_a_wish() -> None:
    inputs = pool()
    assert re.fullmatch("t4[0-9a-f]{4}", inputs.pop("agentPoolName"))
    assert inputs == {
        "resourceName": "prod-west",
        "resourceGroupName": "ml",
        "vnetSubnetID": SUBNET,
        "mode": "User",
        "type": "VirtualMachineScaleSets",
        "osType": "Linux",
        "osSKU": "Ubuntu",
        "osDiskSizeGB": 200,
        "osDiskType": "Managed",
        "vmSize": "Standard_NC4as_T4_v3",
        "scaleSetPriority": "Regular",
        "scaleDownMode": "Delete",
        "enableNodePublicIP": False,
        "enableAutoScaling": True,
        "minCount": 0,
        "maxCount": 4,
        "count": 0,
        "gpuProfile": {"driver": "Install"},
        "nodeLabels": {
            "modelyard.dev/cluster": "west",
            "modelyard.dev/pool": "t4",
            "modelyard.dev/accelerator": "T4",
            "nvidia.com/gpu.present": "true",
        },
        "nodeTaints": ["nvidia.com/gpu=present:NoSchedule"],
        "upgradeSettings": {"maxSurge": "0", "maxUnavailable": "1"},
        "tags": PLATFORM.aws_tags(),
    }


@pytest.mark.parametrize(
    ("args", "inputs"),
    [
        ({"image": "azure_linux"}, {"osSKU": "AzureLinux"}),
        ({"driver": {"by": "gpu_operator"}}, {"gpuProfile": {"driver": "None"}}),
        ({"zones": ["1", "3"]}, {"availabilityZones": ["1", "3"]}),
        ({"kubernetes_version": "1.34"}, {"orchestratorVersion": "1.34"}),
        ({"disk_gib": 512}, {"osDiskSizeGB": 512}),
        ({"min_nodes": 1, "desired_nodes": 2}, {"minCount": 1, "count": 2}),
        ({"disk_gib": 150, "local_ssd": {"use": "ephemeral"}}, {"osDiskType": "Ephemeral", "osDiskSizeGB": 150}),
        ({**A100, "local_ssd": {"use": "block"}}, {"osDiskType": "Managed"}),
        ({**A100, "capacity": "reservation", "reservation": {"id": RESERVED}},
         {"capacityReservationGroupID": RESERVED, "scaleSetPriority": "Regular"}),
        ({"taints": [{"key": "team", "value": "vision"}, {"key": "bare", "effect": "NoExecute"}]},
         {"nodeTaints": ["nvidia.com/gpu=present:NoSchedule", "team=vision:NoSchedule", "bare:NoExecute"]}),
        ({"update": {"max_surge": 2}}, {"upgradeSettings": {"maxSurge": "2", "maxUnavailable": "0"}}),
        ({"update": {"max_unavailable_percentage": 20, "drain_timeout_minutes": 45, "soak_minutes": 5}},
         {"upgradeSettings": {"maxSurge": "0", "maxUnavailable": "20%", "drainTimeoutInMinutes": 45,
                              "nodeSoakDurationInMinutes": 5}}),
        ({"aks": {"encryption_at_host": True, "fips": True, "undrainable": "schedule"}},
         {"enableEncryptionAtHost": True, "enableFIPS": True,
          "upgradeSettings": {"maxSurge": "0", "maxUnavailable": "1", "undrainableNodeBehavior": "Schedule"}}),
        ({"aks": {"ssh": False}}, {"securityProfile": {"sshAccess": "Disabled"}}),
        ({"aks": {"trusted_launch": True}}, {"securityProfile": {"enableVTPM": True, "enableSecureBoot": False}}),
        ({"aks": {"trusted_launch": True}, "driver": {"by": "gpu_operator"}},
         {"securityProfile": {"enableVTPM": True, "enableSecureBoot": True}}),
        ({"capacity": "spot"},
         {"scaleSetPriority": "Spot", "scaleSetEvictionPolicy": "Delete", "spotMaxPrice": -1}),
        ({"capacity": "spot", "spot": {"eviction": "deallocate", "max_usd_per_hour": 0.4}},
         {"scaleSetPriority": "Spot", "scaleSetEvictionPolicy": "Deallocate", "spotMaxPrice": 0.4}),
    ],
)  # fmt: skip
def test_each_wish_is_an_input_of_the_pool(args: dict[str, Any], inputs: dict[str, Any]) -> None:
    made = pool(**args)
    assert {key: made.get(key) for key in inputs} == inputs


@pytest.mark.parametrize(
    ("accelerator", "profile", "name"),
    [
        ("A100-80GB", "1g.10gb", "MIG1g"),
        ("A100-80GB", "2g.20gb", "MIG2g"),
        ("A100-80GB", "3g.40gb", "MIG3g"),
        ("A100-80GB", "4g.40gb", "MIG4g"),
        ("A100-80GB", "7g.80gb", "MIG7g"),
        ("H100-NVL", "1g.12gb", "MIG1g"),
    ],
)
def test_a_mig_profile_by_the_name_that_aks_gives_it(accelerator: str, profile: str, name: str) -> None:
    assert pool(accelerator=accelerator, region="eastus", sharing={"mig": profile})["gpuInstanceProfile"] == name


def test_spot_nodes_keep_the_taint_and_the_label_of_aks_and_no_count_of_nodes_to_exchange() -> None:
    made = pool(capacity="spot")
    assert made["nodeTaints"][-1] == "kubernetes.azure.com/scalesetpriority=spot:NoSchedule"
    assert made["nodeLabels"]["kubernetes.azure.com/scalesetpriority"] == "spot"
    assert "upgradeSettings" not in made


def test_spot_with_a_floor_on_demand_is_two_pools_with_one_label() -> None:
    graph = graph_of(declared(capacity="spot", spot={"on_demand_floor": 1}))
    spot, floor = (one(graph, POOL, name).inputs for name in ("prod-west-t4", "prod-west-t4-floor"))
    assert (spot["scaleSetPriority"], spot["maxCount"]) == ("Spot", 3)
    assert (floor["scaleSetPriority"], floor["enableAutoScaling"], floor["count"]) == ("Regular", False, 1)
    assert floor["nodeTaints"] == ["nvidia.com/gpu=present:NoSchedule"]
    assert spot["nodeLabels"]["modelyard.dev/pool"] == floor["nodeLabels"]["modelyard.dev/pool"] == "t4"
    assert spot["agentPoolName"] != floor["agentPoolName"]


def test_the_autoscaler_owns_the_number_of_nodes_between_limits_alone() -> None:
    assert one(graph_of(declared()), POOL).ignore_changes == ("count",)
    assert one(graph_of(declared(min_nodes=4)), POOL).ignore_changes == ()


def test_nodes_that_stand_close_wait_for_their_group() -> None:
    graph = graph_of(declared(**A100, compact=True, zones=["2"]))
    made, group = one(graph, POOL), one(graph, GROUP)
    assert waits_for(graph, made, group)
    assert made.inputs["proximityPlacementGroupID"].endswith(group.inputs["proximityPlacementGroupName"])
    assert group.inputs == {
        "proximityPlacementGroupName": f"prod-west-{made.inputs['agentPoolName']}",
        "resourceGroupName": "ml",
        "location": "westeurope",
        "proximityPlacementGroupType": "Standard",
        "intent": {"vmSizes": ["Standard_NC24ads_A100_v4"]},
        "zones": ["2"],
        "tags": PLATFORM.aws_tags(),
    }


def test_a_reservation_says_where_nodes_stand_and_placement_is_never_forced() -> None:
    graph = graph_of(declared(**A100, compact=True, capacity="reservation", reservation={"id": RESERVED}))
    assert "proximityPlacementGroupID" not in one(graph, POOL).inputs
    assert [resource.type for resource in azure_resources(graph)] == [POOL]


@pytest.mark.parametrize(
    "changed",
    [
        {"instance_types": ["Standard_NC8as_T4_v3"]},
        {"image": "azure_linux"},
        {"capacity": "spot"},
        {"zones": ["1"]},
        {"disk_gib": 300},
        {"driver": {"by": "gpu_operator"}},
        {"compact": True, "zones": ["1"]},
        {"aks": {"encryption_at_host": True}},
        {"aks": {"trusted_launch": True}},
    ],
)
def test_what_aks_lets_nobody_change_makes_a_pool_of_another_name(changed: dict[str, Any]) -> None:
    assert name_of(**changed) != name_of()


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ({}, {"sharing": {"mig": "1g.10gb"}}),
        ({"sharing": {"mig": "1g.10gb"}}, {"sharing": {"mig": "2g.20gb"}}),
        ({"disk_gib": 60}, {"disk_gib": 60, "local_ssd": {"use": "ephemeral"}}),
        ({"capacity": "spot"}, {"capacity": "spot", "spot": {"eviction": "deallocate"}}),
        ({"capacity": "spot"}, {"capacity": "spot", "spot": {"max_usd_per_hour": 2.5}}),
        ({}, {"capacity": "reservation", "reservation": {"id": RESERVED}}),
    ],
)
def test_nor_these_of_larger_machines(before: dict[str, Any], after: dict[str, Any]) -> None:
    assert name_of(**A100, **before) != name_of(**A100, **after)


@pytest.mark.parametrize(
    "changed",
    [
        {"min_nodes": 1},
        {"max_nodes": 9},
        {"labels": {"example.com/kind": "vision"}},
        {"taints": [{"key": "team", "value": "vision"}]},
        {"update": {"max_surge": 1}},
        {"kubernetes_version": "1.34"},
        {"sharing": {"time_slicing": 4}},
        {"repair": False},
        {"aks": {"fips": True}},
        {"aks": {"undrainable": "cordon"}},
        {"aks": {"ssh": False}},
    ],
)
def test_what_aks_changes_in_place_keeps_the_name(changed: dict[str, Any]) -> None:
    assert name_of(**changed) == name_of()


@pytest.mark.parametrize(
    ("name", "letters"), [("l4", "l4"), ("a100-80gb-mig", "a10080gb"), ("a-b", "ab"), ("x" * 24, "x" * 8)]
)
def test_names_fit_aks(name: str, letters: str) -> None:
    made = name_of(name=name)
    assert re.fullmatch("[a-z][a-z0-9]{0,11}", made)
    assert made.startswith(letters) and len(made) == len(letters) + 4


def test_closeness_that_a_reservation_decides_changes_no_name() -> None:
    reserved: dict[str, Any] = {**A100, "capacity": "reservation", "reservation": {"id": RESERVED}}
    assert name_of(**reserved, compact=True) == name_of(**reserved)


def test_pools_whose_names_begin_alike_are_two() -> None:
    assert name_of(name="recommend-a") != name_of(name="recommend-b")


def test_everything_that_takes_tags_has_the_owner() -> None:
    for resource in azure_resources(graph_of(declared(**A100, compact=True, zones=["2"]))):
        assert resource.inputs["tags"] == PLATFORM.aws_tags()


def cpu_pool(**args: Any) -> ResourceGraph:
    def declare(opts: pulumi.ResourceOptions) -> None:
        arguments: Any = {
            "cloud": "azure",
            "name": "web",
            "region": "westeurope",
            "cluster": "west",
            "cluster_name": "prod-west",
            "resource_group": "ml",
            "instance_types": ["Standard_D8s_v5"],
            "max_nodes": 3,
            "ownership": PLATFORM.args(),
            **args,
        }
        CpuNodePool("prod-west-web", arguments, opts)

    return graph_of(declare)


def test_a_pool_without_gpus_has_nothing_of_gpus() -> None:
    made = one(cpu_pool(), POOL).inputs
    assert (made["vmSize"], made["osSKU"], made["osDiskSizeGB"]) == ("Standard_D8s_v5", "Ubuntu", 80)
    assert made["nodeTaints"] == []
    assert made["nodeLabels"] == {"modelyard.dev/cluster": "west", "modelyard.dev/pool": "web"}
    assert not {"gpuProfile", "gpuInstanceProfile"} & made.keys()


def test_system_nodes_of_other_machines_are_found_by_the_clusters_own_pods() -> None:
    made = one(cpu_pool(system=True, min_nodes=2), POOL).inputs
    assert made["upgradeSettings"] == {"maxSurge": "1", "maxUnavailable": "0"}
    assert (made["mode"], made["minCount"]) == ("System", 2)
    assert made["nodeLabels"] == {"modelyard.dev/cluster": "west", "modelyard.dev/pool": "system"}
    assert one(cpu_pool(), POOL).inputs["mode"] == "User"


def test_a_missing_resource_group_is_one_sentence() -> None:
    assert refusal(declared(resource_group=None)) == (
        "GpuNodePool prod-west-t4: resource_group: is missing, and AKS needs it; add it"
    )
