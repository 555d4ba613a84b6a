"""Nodes of AKS: what a cluster says for all its pools, and who may be a system node."""

from __future__ import annotations

from typing import Any

import pytest
from modelyard.environment.cluster import Cluster
from modelyard.resolve.aks_notices import aks_notices
from modelyard.resolve.cluster import decide_cluster
from modelyard.resolve.cluster_notices import cluster_notices

UUID = "0a1b2c3d-4e5f-6789-abcd-ef0123456789"
ACCOUNT = {"subscription_id": UUID, "tenant_id": UUID, "resource_group": "ml"}
GROUP = f"/subscriptions/{UUID}/resourceGroups/ml"
SUBNET = f"{GROUP}/providers/Microsoft.Network/virtualNetworks/v/subnets/api"
T4 = {"name": "t4", "accelerator": "T4", "max_nodes": 2}
OTHERS = {"name": "others", "instance_types": ["Standard_D8s_v5"], "min_nodes": 2, "max_nodes": 4, "system": True}


def decided(aks: dict[str, Any] | None = None, /, **declared: Any) -> Any:
    data = {"name": "west", "cloud": "azure", "region": "westeurope", "aks": {**ACCOUNT, **(aks or {})}, **declared}
    return decide_cluster(Cluster.model_validate(data), environment="prod")


def told(aks: dict[str, Any] | None = None, /, **declared: Any) -> list[str]:
    _, findings = decided(aks, **declared)
    return [f"{'.'.join(map(str, steps))}: {message}" for steps, message in findings]


def test_what_a_cluster_says_of_nodes_holds_for_pools_that_say_nothing() -> None:
    own = {"name": "own", "accelerator": "T4", "max_nodes": 2, "aks": {"fips": True}}
    cluster, findings = decided({"nodes": {"encryption_at_host": True}}, gpu_pools=[T4, own], cpu_pools=[OTHERS])
    assert findings == []
    assert [pool.declared.aks.encryption_at_host for pool in (*cluster.gpu_pools, *cluster.cpu_pools)] == [
        True, False, True,
    ]  # fmt: skip
    plain, _ = decided(gpu_pools=[T4])
    assert plain.gpu_pools[0].declared.aks is None


@pytest.mark.parametrize(
    ("aks", "known"),
    [
        ({}, None),
        ({"disk_encryption_set_id": f"{GROUP}/providers/Microsoft.Compute/diskEncryptionSets/own"}, "own"),
        ({"encrypt_disks": True}, "prod-west"),
    ],
)
def test_volumes_of_the_platforms_own_pods_have_the_key_of_the_nodes_disks(aks: dict[str, Any], known: str) -> None:
    cluster, findings = decided(aks)
    assert findings == []
    sets = f"{GROUP}/providers/Microsoft.Compute/diskEncryptionSets"
    assert cluster.disk_encryption_set_id == (known and f"{sets}/{known}")


def test_system_nodes_of_other_machines_carry_the_label_that_pods_go_by() -> None:
    cluster, findings = decided({"retire_first_nodes": True}, cpu_pools=[OTHERS])
    assert findings == []
    assert cluster.cpu_pools[0].labels["modelyard.dev/pool"] == "system"


@pytest.mark.parametrize(
    ("pool", "network", "zones"),
    [
        ({}, {}, ("1", "2", "3")),
        ({}, {"zones": ["1", "2"]}, ("1", "2")),
        ({"zones": ["3"]}, {}, ("3",)),
        ({"system": False}, {}, ()),
    ],
)
def test_system_nodes_of_other_machines_stand_where_volumes_of_the_first_ones_lie(
    pool: dict[str, Any], network: dict[str, Any], zones: tuple[str, ...]
) -> None:
    cluster, findings = decided(cpu_pools=[{**OTHERS, **pool}], network=network)
    assert findings == []
    assert (cluster.cpu_pools[0].zones, tuple(cluster.cpu_pools[0].declared.zones or ())) == (zones, zones)


@pytest.mark.parametrize(
    ("change", "sentence"),
    [
        (
            {"capacity": "spot"},
            "cpu_pools.0.capacity: is spot, and AKS takes no spot nodes for its system; write on_demand (pool "
            "'others')",
        ),
        (
            {"min_nodes": 1},
            "cpu_pools.0.min_nodes: is 1, and a pool of system nodes has 2 at least; raise it (pool 'others')",
        ),
        (
            {"taints": [{"key": "only"}]},
            "cpu_pools.0.taints: keep the cluster's own pods away from its system nodes; delete them (pool 'others')",
        ),
        (
            {"update": {"max_unavailable": 1}},
            "cpu_pools.0.update.max_unavailable: is 1, and AKS lets no system node go before another is there; delete "
            "it, and write max_surge (pool 'others')",
        ),
        (
            {"update": {"max_unavailable_percentage": 20}},
            "cpu_pools.0.update.max_unavailable_percentage: is 20, and AKS lets no system node go before another is "
            "there; delete it, and write max_surge (pool 'others')",
        ),
        (
            {"instance_types": ["Standard_D2s_v5"]},
            "cpu_pools.0.instance_types: Standard_D2s_v5 has 2 vCPUs; AKS takes machines with 4 at least for its "
            "system, and none of the B series: write another (pool 'others')",
        ),
        (
            {"instance_types": ["Standard_B4ms"]},
            "cpu_pools.0.instance_types: Standard_B4ms has 4 vCPUs; AKS takes machines with 4 at least for its "
            "system, and none of the B series: write another (pool 'others')",
        ),
        (
            {"instance_types": ["Standard_D4ps_v5"]},
            "cpu_pools.0.instance_types.0: Standard_D4ps_v5 has another processor architecture than Standard_D4s_v5 "
            "of system_nodes, which the cluster's own pods are built for; write one of the same (pool 'others')",
        ),
    ],
)
def test_who_may_not_be_a_node(change: dict[str, Any], sentence: str) -> None:
    assert sentence in told(cpu_pools=[{**OTHERS, **change}])


def test_first_nodes_go_when_others_are_there() -> None:
    assert told({"retire_first_nodes": True}) == [
        "aks.retire_first_nodes: is true, and no pool of cpu_pools has system: true, so the cluster's own pods would "
        "have no nodes; add one, and retire the first nodes once it is there"
    ]


@pytest.mark.parametrize(("cloud", "region", "service"), [("aws", "us-east-1", "EKS"), ("gcp", "us-central1", "GKE")])
def test_other_clouds_have_no_settings_of_aks(cloud: str, region: str, service: str) -> None:
    machine = {"aws": "m6i.xlarge", "gcp": "e2-standard-4"}[cloud]
    data = {"name": "west", "cloud": cloud, "region": region, "gke": {"project": "acme-ml"}}
    pools = {
        "gpu_pools": [{"name": "l4", "accelerator": "L4", "aks": {"fips": True}}],
        "cpu_pools": [{"name": "cpu", "instance_types": [machine], "system": True}],
    }
    if cloud == "aws":
        del data["gke"]
    _, findings = decide_cluster(Cluster.model_validate({**data, **pools}), environment="prod")
    assert [message for _, message in findings] == [
        f"are settings of AKS, and this cluster is of {service}; delete them (pool 'l4')",
        f"is for AKS, and this cluster is of {service}; delete it, and write its machines in system_nodes (pool 'cpu')",
    ]


@pytest.mark.parametrize(
    ("aks", "pools", "notices"),
    [
        ({}, {"gpu_pools": [T4]}, []),
        (
            {},
            {"gpu_pools": [{**T4, "repair": False}], "cpu_pools": [{**OTHERS, "repair": False}]},
            ["AKS replaces nodes that it finds broken, whatever repair of pool 't4', 'others' says"],
        ),
        (
            {},
            {"gpu_pools": [{**T4, "aks": {"encryption_at_host": True}}]},
            [
                "nodes of cluster 'west' are encrypted on the host: the subscription needs the feature "
                "Microsoft.Compute/EncryptionAtHost, and the machines have to take it"
            ],
        ),
        (
            {"key_generation": 2},
            {},
            [
                "secrets of cluster 'west' are read with the key of generation 2 and the one before: write them all "
                "again (kubectl get secrets -A -o json | kubectl replace -f -) before it changes next"
            ],
        ),
        (
            {"managed_prometheus": True, "retire_first_nodes": True},
            {"cpu_pools": [OTHERS]},
            [
                "metrics of cluster 'west' are collected twice, by its own Prometheus and by Azure Monitor, and Azure "
                "Monitor's are paid by the sample",
                "cluster 'west' gives up its first nodes: do so in a later 'pulumi up' than the one that brought its "
                "pool with system: true",
            ],
        ),
        (
            {"api_server_subnet_id": SUBNET},
            {"network": {"subnet_id": SUBNET.replace("/api", "/nodes")}},
            [
                "the API of cluster 'west' in a subnet of one's own is for life; a cluster that had it elsewhere has "
                "to be stopped and started at once"
            ],
        ),
    ],
)
def test_what_the_plan_says_of_aks(aks: dict[str, Any], pools: dict[str, Any], notices: list[str]) -> None:
    cluster, findings = decided(aks, **pools)
    assert findings == []
    assert list(aks_notices(cluster)) == notices
    assert set(notices) <= set(cluster_notices(cluster, "prod", {"t4"}, []))
