"""Declared quotas are held against all pools of the account at their maximum, nodes of an update included."""

from __future__ import annotations

from typing import Any

import pytest
from modelyard.environment.cluster import Cluster
from modelyard.environment.quota import Quota
from modelyard.resolve.cluster import decide_cluster
from modelyard.resolve.quota import quota_findings
from modelyard.resolve.quota_notices import quota_notices
from modelyard.resolve.resolved import ResolvedCluster

UUID = "0a1b2c3d-4e5f-6789-abcd-ef0123456789"
ACCOUNTS: dict[str, dict[str, Any]] = {
    "aws": {"region": "us-east-1"},
    "gcp": {"region": "us-central1", "gke": {"project": "acme-ml"}},
    "azure": {"region": "eastus", "aks": {"subscription_id": UUID, "tenant_id": UUID, "resource_group": "ml"}},
}


def cluster(cloud: str, *gpu_pools: dict[str, Any], name: str = "east", **declared: Any) -> ResolvedCluster:
    data = {"name": name, "cloud": cloud, **ACCOUNTS[cloud], "gpu_pools": list(gpu_pools), **declared}
    decided, findings = decide_cluster(Cluster.model_validate(data), environment="prod")
    assert findings == []
    return decided


def told(quota: dict[str, Any], *clusters: ResolvedCluster) -> list[str]:
    found = quota_findings([Quota.model_validate(quota)], clusters)
    return [f"{'.'.join(map(str, steps))}: {message}" for steps, message in found]


@pytest.mark.parametrize(
    ("quota", "sentence"),
    [
        (
            {"cloud": "gcp", "region": "us-central9", "family": "NVIDIA_L4_GPUS"},
            "0.region: 'us-central9' is not a region of Google Cloud; did you mean 'us-central1'?",
        ),
        ({"region": "us-esat-1", "family": "G and VT"}, "0.region: 'us-esat-1' is not a region of AWS; did you mean"),
        (
            {"cloud": "azure", "region": "eastus9", "family": "lowPriorityCores", "capacity": "spot"},
            "0.region: 'eastus9' is not a location of Azure; did you mean",
        ),
        (
            {"cloud": "gcp", "region": "us-central1", "family": "PREEMPTIBLE_NVIDIA_L4_GPUS"},
            "0.family: 'PREEMPTIBLE_NVIDIA_L4_GPUS' is of spot machines; add capacity: spot",
        ),
    ],
)
def test_a_quota_that_nothing_is_held_against_is_refused(quota: dict[str, Any], sentence: str) -> None:
    (line,) = told({**quota, "limit": 1})
    assert line.startswith(sentence)


@pytest.mark.parametrize(
    ("quota", "sentence"),
    [
        ({"family": "lowPriorityCores"}, "0.family: 'lowPriorityCores' is of spot machines; add capacity: spot"),
        (
            {"family": "StandardNCADSA100v4Family", "capacity": "spot"},
            "0.family: 'StandardNCADSA100v4Family' is of machines on demand, and Azure counts all spot machines in "
            "lowPriorityCores; write that",
        ),
    ],
)
def test_a_quota_of_azure_that_counts_nothing_is_refused(quota: dict[str, Any], sentence: str) -> None:
    assert told({"cloud": "azure", "region": "eastus", "limit": 4, **quota}) == [sentence]


def test_a_quota_of_spot_machines_goes_by_the_name_that_google_shows() -> None:
    pool = {"name": "l4", "accelerator": "L4", "max_nodes": 4, "capacity": "spot"}
    quota = {"cloud": "gcp", "region": "us-central1", "family": "PREEMPTIBLE_NVIDIA_L4_GPUS", "capacity": "spot"}
    (line,) = told({**quota, "limit": 3}, cluster("gcp", pool))
    assert line.startswith("0.limit: is 3, and the pools of us-central1 run up to 4 GPUs")
    assert told({**quota, "limit": 4}, cluster("gcp", pool)) == []


L4 = {"name": "l4", "accelerator": "L4", "instance_types": ["g6.12xlarge"], "gpus_per_node": 4, "max_nodes": 4}
T4 = {"name": "t4", "accelerator": "T4", "instance_types": ["g4dn.xlarge"], "max_nodes": 10}


def test_pools_of_one_family_share_a_quota_over_clusters() -> None:
    east, west = cluster("aws", L4), cluster("aws", T4, name="west", network={"cidr": "10.1.0.0/16"})
    quota = {"region": "us-east-1", "family": "G and VT", "limit": 283}
    assert told(quota, east, west) == [
        "0.limit: is 283, and the pools of us-east-1 run up to 284 vCPUs of G and VT on demand: l4 of cluster east 240 "
        "(4 nodes and 1 while they are updated of 48), t4 of cluster west 44 (10 nodes and 1 while they are updated of "
        "4); lower max_nodes, or have AWS raise the quota"
    ]
    assert told({**quota, "limit": 284}, east, west) == []
    assert told({**quota, "region": "us-west-2"}, east, west) == []
    assert told({**quota, "capacity": "spot", "limit": 0}, east, west) == []


@pytest.mark.parametrize(
    ("cloud", "pool", "quota", "needed"),
    [
        ("aws", {**L4, "update": {"max_unavailable_percentage": 50}}, {"family": "G and VT"}, (4 + 2) * 48),
        ("aws", {**L4, "capacity": "spot"}, {"family": "G and VT", "capacity": "spot"}, 5 * 48),
        ("gcp", {"name": "l4", "accelerator": "L4", "max_nodes": 4}, {"family": "NVIDIA_L4_GPUS"}, 4),
        (
            "gcp",
            {"name": "l4", "accelerator": "L4", "max_nodes": 4, "update": {"max_surge": 2}},
            {"family": "nvidia_l4_gpus"},
            6,
        ),
        (
            "gcp",
            {"name": "l4", "accelerator": "L4", "max_nodes": 4, "update": {"max_surge": 1, "strategy": "blue_green"}},
            {"family": "NVIDIA_L4_GPUS"},
            8,
        ),
        (
            "azure",
            {"name": "a100", "accelerator": "A100-80GB", "max_nodes": 3, "update": {"max_surge": 1}},
            {"family": "StandardNCADSA100v4Family"},
            4 * 24,
        ),
        (
            "azure",
            {"name": "t4", "accelerator": "T4", "max_nodes": 3, "capacity": "spot"},
            {"family": "lowPriorityCores", "capacity": "spot"},
            3 * 4,
        ),
    ],
)
def test_an_update_needs_its_nodes_too(cloud: str, pool: dict[str, Any], quota: dict[str, Any], needed: int) -> None:
    declared = {"cloud": cloud, "region": ACCOUNTS[cloud]["region"], **quota}
    (sentence,) = told({**declared, "limit": needed - 1}, cluster(cloud, pool))
    assert f"run up to {needed} " in sentence
    assert told({**declared, "limit": needed}, cluster(cloud, pool)) == []


def test_a_floor_counts_on_demand_and_the_rest_on_spot() -> None:
    pools = cluster("aws", {**T4, "capacity": "spot", "spot": {"on_demand_floor": 3}})
    quota = {"region": "us-east-1", "family": "G and VT", "limit": 0}
    assert "run up to 16 vCPUs of G and VT on demand: t4-floor of cluster east 16 (3 nodes" in told(quota, pools)[0]
    assert (
        "run up to 32 vCPUs of G and VT on spot: t4 of cluster east 32 (7 nodes"
        in told({**quota, "capacity": "spot"}, pools)[0]
    )


def test_system_nodes_and_cpu_pools_count_as_standard() -> None:
    pools = cluster("aws", cpu_pools=[{"name": "cpu", "instance_types": ["m6i.2xlarge"], "max_nodes": 2}])
    (sentence,) = told({"region": "us-east-1", "family": "Standard", "limit": 51}, pools)
    assert "run up to 52 vCPUs of Standard on demand: system of cluster east 28 (6 nodes" in sentence
    assert "cpu of cluster east 24 (2 nodes and 1 while they are updated of 8)" in sentence


def test_an_unknown_family_is_told_with_the_nearest_and_a_second_limit_is_one_too_many() -> None:
    assert told({"region": "us-east-1", "family": "G and VTs", "limit": 1}) == [
        "0.family: 'G and VTs' is not a quota family of AWS that the catalogue knows; did you mean 'G and VT'? "
        "Allowed: G and VT, Inf, P, Standard (A, C, D, H, I, M, R, T, Z), Trn"
    ]
    twice = [Quota(region="us-east-1", family=family, limit=100) for family in ("Standard", "standard")]
    assert [message for _, message in quota_findings(twice, ())] == [
        "is a second limit of standard in us-east-1; keep one"
    ]


def test_a_quota_that_is_declared_needs_no_notice() -> None:
    pools = cluster("gcp", {"name": "l4", "accelerator": "L4", "max_nodes": 4})
    (notice,) = quota_notices([pools])
    assert notice == (
        "the GPU pools of us-central1 run up to 4 GPUs; check the project's quota 'NVIDIA_L4_GPUS' there, which is 0 "
        "in many new projects"
    )
    declared = Quota(cloud="gcp", region="us-central1", family="NVIDIA_L4_GPUS", limit=8)
    assert list(quota_notices([pools], [declared])) == []
