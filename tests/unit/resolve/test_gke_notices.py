"""A pool of GKE begins with as many nodes in each of its zones."""

from __future__ import annotations

from typing import Any

import pytest
from modelyard.environment.cluster import Cluster
from modelyard.resolve.cluster import decide_cluster
from modelyard.resolve.cluster_notices import cluster_notices
from modelyard.resolve.gke_notices import gke_notices

TWO = ["us-central1-a", "us-central1-c"]
SENTENCE = (
    "pool 't4' of cluster 'iowa' begins with {first} nodes and not {wanted}, as GKE counts them in each of its {zones} "
    "zones, and is priced so; name {wanted} {noun} for {wanted}"
)


@pytest.mark.parametrize(
    ("pool", "network", "notices"),
    [
        ({"min_nodes": 2}, {}, [SENTENCE.format(first=4, wanted=2, zones=4, noun="zones")]),
        ({"min_nodes": 1, "zones": TWO}, {}, [SENTENCE.format(first=2, wanted=1, zones=2, noun="zone")]),
        ({"min_nodes": 2, "zones": TWO}, {}, []),
        ({"min_nodes": 2}, {"zones": TWO}, []),
        ({"min_nodes": 0}, {}, []),
        ({"min_nodes": 4}, {}, []),
        ({"provisioner": "compute_class"}, {}, []),
    ],
)
def test_a_pool_that_begins_with_more_is_told(
    pool: dict[str, Any], network: dict[str, Any], notices: list[str]
) -> None:
    declared = {
        "name": "iowa",
        "cloud": "gcp",
        "region": "us-central1",
        "gke": {"project": "northwind"},
        "network": {"cidr": "10.0.0.0/16", **network},
        "gpu_pools": [{"name": "t4", "accelerator": "T4", "max_nodes": 8, **pool}],
    }
    cluster, findings = decide_cluster(Cluster.model_validate(declared), environment="prod")
    assert findings == []
    assert list(gke_notices(cluster)) == notices
    assert set(notices) <= set(cluster_notices(cluster, "prod", {"t4"}, []))


def test_a_zonal_cluster_that_exists_counts_nodes_once() -> None:
    declared = {
        "name": "iowa",
        "cloud": "gcp",
        "region": "us-central1",
        "existing": {"name": "theirs", "location": "us-central1-b", "project": "northwind"},
        "gpu_pools": [{"name": "t4", "accelerator": "T4", "min_nodes": 1, "max_nodes": 8}],
        "cpu_pools": [{"name": "cpu", "instance_types": ["e2-standard-8"], "min_nodes": 1, "max_nodes": 8}],
    }
    cluster, findings = decide_cluster(Cluster.model_validate(declared), environment="prod")
    assert findings == []
    assert list(gke_notices(cluster)) == []
