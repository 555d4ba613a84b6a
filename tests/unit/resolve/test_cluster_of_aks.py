"""What AKS would refuse when the cluster is made is told before, at its place in the file."""

from __future__ import annotations

from typing import Any

import pytest
from modelyard.environment.cluster import Cluster
from modelyard.resolve.aks_notices import aks_notices
from modelyard.resolve.cluster import decide_cluster
from pydantic import ValidationError

UUID = "0a1b2c3d-4e5f-6789-abcd-ef0123456789"
ACCOUNT = {"subscription_id": UUID, "tenant_id": UUID, "resource_group": "ml"}
ZONES = f"/subscriptions/{UUID}/resourceGroups/ml/providers/Microsoft.Network/privateDnsZones"
NETWORKS = f"/subscriptions/{UUID}/resourceGroups/ml/providers/Microsoft.Network/virtualNetworks"
OFFICE = {"public_cidrs": ["198.51.100.0/24"]}
T4 = {"name": "t4", "accelerator": "T4", "max_nodes": 2}


def decided(aks: dict[str, Any], declared: dict[str, Any]) -> Any:
    data = {"name": "west", "cloud": "azure", "region": "westeurope", "aks": {**ACCOUNT, **aks}, **declared}
    return decide_cluster(Cluster.model_validate(data), environment="prod")


def told(aks: dict[str, Any], declared: dict[str, Any]) -> list[str]:
    return [f"{'.'.join(map(str, steps))}: {message}" for steps, message in decided(aks, declared)[1]]


@pytest.mark.parametrize(
    ("aks", "declared", "sentences"),
    [
        (
            {},
            {"network": {"nat": "none"}},
            [
                "network.nat: none leaves nodes of AKS without a way to Microsoft's registry, whose images they start "
                "with; write single, or name a subnet with a way out of its own: network: {subnet_id: ...}"
            ],
        ),
        (
            {},
            {"network": {"flow_logs": {"traffic": "REJECT"}}},
            [
                "network.flow_logs.traffic: is REJECT, and flow logs of Azure hold what passes and what is refused; "
                "write ALL"
            ],
        ),
        (
            {},
            {"network": {"cidr": "172.31.0.0/16", "services_cidr": "192.0.2.0/27"}},
            [
                "network.cidr: '172.31.0.0/16' overlaps 172.31.0.0/16, which AKS keeps for itself; choose another",
                "network.services_cidr: '192.0.2.0/27' overlaps 192.0.2.0/24, which AKS keeps for itself; choose "
                "another",
            ],
        ),
        (
            {},
            {"api_access": {"public_cidrs": [f"198.18.{number}.0/24" for number in range(201)]}},
            ["api_access.public_cidrs: are 201, and AKS takes 200 address ranges; join some"],
        ),
        (
            {"private_dns_zone_id": f"{ZONES}/privatelink.westeurope.azmk8s.io"},
            {"api_access": OFFICE},
            [
                "aks.private_dns_zone_id: is of an API without a public endpoint, and api_access.public_cidrs asks for "
                "one; delete one of both"
            ],
        ),
        (
            {"private_dns_zone_id": f"{ZONES}/privatelink.northeurope.azmk8s.io"},
            {},
            [
                "aks.private_dns_zone_id: names the zone 'privatelink.northeurope.azmk8s.io', and AKS takes "
                "privatelink.westeurope.azmk8s.io or one whose name ends in .privatelink.westeurope.azmk8s.io; name "
                "that one"
            ],
        ),
        (
            {},
            {"system_nodes": {"instance_types": ["Standard_B4ms"], "disk_gib": 20}},
            [
                "system_nodes.instance_types.0: Standard_B4ms has 4 vCPUs; AKS takes machines with 4 at least for its "
                "system, and none of the B series: write another",
                "system_nodes.disk_gib: is 20, and a node's disk on AKS has 30 to 2048 GiB",
            ],
        ),
        (
            {},
            {"gpu_pools": [{**T4, "max_nodes": 1001, "disk_gib": 4096}]},
            [
                "gpu_pools.0.max_nodes: is 1001, and a pool of AKS has 1000 nodes at most; lower it (pool 't4')",
                "gpu_pools.0.disk_gib: is 4096, and a node's disk on AKS has 30 to 2048 GiB (pool 't4')",
            ],
        ),
        (
            {},
            {"gpu_pools": [T4], "node_autoscaler": "none"},
            [
                "gpu_pools.0.max_nodes: is 2 and min_nodes 0, and with node_autoscaler: none a pool of AKS keeps one "
                "number of nodes; write the same for both, or node_autoscaler: cluster_autoscaler (pool 't4')"
            ],
        ),
        (
            {"tier": "premium", "defender": True, "nodes": {"fips": True}},
            {"existing": {"name": "theirs", "resource_group": "ml"}},
            [
                "aks.defender: is of clusters that Modelyard makes, and this one exists already; delete it",
                "aks.tier: is of clusters that Modelyard makes, and this one exists already; delete it",
            ],
        ),
        (
            {},
            {"existing": {"name": "theirs", "resource_group": "ml"}, "network": {"cidr": "10.9.0.0/16"}},
            [
                "network: is of clusters that are made, and this one has its own; delete it, or name a subnet for its "
                "pools: {subnet_id: <resource id>}"
            ],
        ),
        (
            {"api_server_subnet_id": f"{NETWORKS}/hub/subnets/api"},
            {"network": {"subnet_id": f"{NETWORKS}/v/subnets/nodes"}},
            ["aks.api_server_subnet_id: is in 'hub', and the nodes are in 'v'; name a subnet of the nodes' network"],
        ),
        (
            {"api_server_subnet_id": f"{NETWORKS}/v/subnets/nodes"},
            {"network": {"subnet_id": f"{NETWORKS}/v/subnets/nodes"}},
            ["aks.api_server_subnet_id: is the nodes' subnet, and has to be another; name one"],
        ),
        (
            {},
            {"gpu_pools": [{**T4, "capacity": "spot", "spot": {"max_usd_per_hour": 0.1234567}}]},
            [
                "gpu_pools.0.spot.max_usd_per_hour: is 0.1234567, and AKS takes 5 digits after the point; round it "
                "(pool 't4')"
            ],
        ),
        (
            {},
            {"gpu_pools": [{**T4, "capacity": "spot", "taints": [{"key": "kubernetes.azure.com/scalesetpriority"}]}]},
            [
                "gpu_pools.0.taints.0: the taint kubernetes.azure.com/scalesetpriority:NoSchedule is already on the "
                "nodes; delete this one (pool 't4')"
            ],
        ),
    ],
)
def test_refused_before_anything_is_made(aks: dict[str, Any], declared: dict[str, Any], sentences: list[str]) -> None:
    assert told(aks, declared) == sentences


@pytest.mark.parametrize(
    ("aks", "declared"),
    [
        ({"private_dns_zone_id": f"{ZONES}/privatelink.westeurope.azmk8s.io"}, {}),
        ({"private_dns_zone_id": f"{ZONES}/west.privatelink.westeurope.azmk8s.io"}, {}),
        ({}, {"gpu_pools": [{**T4, "min_nodes": 2}], "node_autoscaler": "none"}),
        (
            {"api_server_subnet_id": f"{NETWORKS}/v/subnets/api"},
            {"network": {"subnet_id": f"{NETWORKS}/v/subnets/nodes"}},
        ),
        ({}, {"gpu_pools": [{**T4, "capacity": "spot", "spot": {"max_usd_per_hour": 0.12345}}]}),
        ({"nodes": {"fips": True}}, {"existing": {"name": "theirs", "resource_group": "ml"}}),
        ({}, {"system_nodes": {"disk_gib": 30}, "network": {"flow_logs": None}}),
    ],
)
def test_what_aks_takes(aks: dict[str, Any], declared: dict[str, Any]) -> None:
    assert told(aks, declared) == []


@pytest.mark.parametrize(
    ("network", "nodes", "room"),
    [({"pods_cidr": "10.244.0.0/21"}, 3, 8), ({}, 251, 256), ({"pods_cidr": "10.244.0.0/21"}, 2, None)],
)
def test_a_range_of_pods_that_is_too_small_for_all_nodes_is_told(
    network: dict[str, Any], nodes: int, room: int | None
) -> None:
    cluster, findings = decided({}, {"network": network, "gpu_pools": [{**T4, "max_nodes": nodes}]})
    assert findings == []
    sentence = (
        f"the pools of cluster 'west' may come to {nodes + 6} nodes, and its pods' range has room for {room}, a /24 "
        "for each; the range is for the cluster's life: write a larger network.pods_cidr before it is made"
    )
    assert list(aks_notices(cluster)) == ([] if room is None else [sentence])


PROVIDERS = f"/subscriptions/{UUID}/resourceGroups/ml/providers"
DISK = f"{PROVIDERS}/Microsoft.Compute/disks/d"
KEY = f"https://one.vault.azure.net/keys/etcd/{'0' * 32}"


@pytest.mark.parametrize(
    ("aks", "sentence"),
    [
        (
            {"disk_encryption_set_id": DISK},
            "disk_encryption_set_id must be the resource id of Microsoft.Compute/diskEncryptionSets, and it is that of "
            "Microsoft.Compute/disks; write .../providers/Microsoft.Compute/diskEncryptionSets/<name>",
        ),
        (
            {"log_analytics_workspace_id": f"{PROVIDERS}/Microsoft.OperationalInsights"},
            "log_analytics_workspace_id must be the resource id of Microsoft.OperationalInsights/workspaces, and it is "
            "that of nothing that it names; write .../providers/Microsoft.OperationalInsights/workspaces/<name>",
        ),
        (
            {"kms_key": KEY, "key_vault_id": f"{PROVIDERS}/Microsoft.KeyVault/vaults/other"},
            "key_vault_id names the vault 'other', and kms_key is in 'one'; write the id of that vault",
        ),
    ],
)
def test_an_id_of_another_kind_of_resource_is_refused(aks: dict[str, Any], sentence: str) -> None:
    with pytest.raises(ValidationError) as refused:
        Cluster.model_validate({"name": "west", "cloud": "azure", "region": "westeurope", "aks": {**ACCOUNT, **aks}})
    assert [str(each["ctx"]["error"]) for each in refused.value.errors() if "ctx" in each] == [sentence]


def test_capitals_of_an_id_are_azures_own() -> None:
    told = f"{PROVIDERS}/microsoft.operationalinsights/Workspaces/all"
    assert decided({"log_analytics_workspace_id": told}, {})[1] == []


def test_the_apis_subnet_is_in_a_network_that_is_there() -> None:
    cluster, findings = decided({"api_server_subnet_id": f"{NETWORKS}/v/subnets/api"}, {})
    assert findings == []
    assert list(aks_notices(cluster))[-1] == (
        "aks.api_server_subnet_id of cluster 'west' has to be a subnet of the nodes' network, which is still to be "
        "made; name one that is there: network: {subnet_id: ...}"
    )
