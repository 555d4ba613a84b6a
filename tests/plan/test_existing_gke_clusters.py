"""Clusters of GKE that somebody else owns, regional and zonal, and one that a kubeconfig reaches."""

from __future__ import annotations

from typing import Any

import pytest
from modelyard.review.build import plan
from modelyard.review.plan import PlanDocument

from .managed_project import of_type
from .tagging_project import write_tagging
from .test_clusters_of_three_clouds import PLATFORM, SHOP

L4 = {"name": "gpu", "accelerator": "L4", "max_nodes": 3}
CLUSTERS: list[dict[str, Any]] = [
    {
        "name": "iowa",
        "cloud": "gcp",
        "region": "us-central1",
        "existing": {"name": "theirs", "location": "us-central1", "project": "northwind-prod"},
        "gpu_pools": [{**L4, "min_nodes": 2}],
    },
    {
        "name": "belgium",
        "cloud": "gcp",
        "region": "europe-west1",
        "existing": {"name": "zonal", "location": "europe-west1-b"},
        "gke": {"project": "northwind-prod"},
        "gpu_pools": [{**L4, "provisioner": "compute_class"}],
        "cpu_pools": [{"name": "cpu", "instance_types": ["e2-standard-8"]}],
    },
    {
        "name": "premises",
        "cloud": "gcp",
        "region": "us-central1",
        "existing": {"kubeconfig": {"config": "kubeconfig"}},
    },
]


@pytest.fixture(scope="module")
def document(tmp_path_factory: pytest.TempPathFactory) -> PlanDocument:
    model = {**SHOP["models"][0], "clusters": ["iowa", "belgium"]}
    stacks = write_tagging(
        tmp_path_factory.mktemp("existing"),
        {**PLATFORM, "clusters": CLUSTERS},
        {**SHOP, "models": [model]},
        kubeconfig="{}",
    )
    return plan(stacks / "prod", stacks)


def test_pools_are_added_where_their_cluster_lies(document: PlanDocument) -> None:
    pools = {each.name: each.inputs["location"] for each in of_type(document, "gcp:container/nodePool:NodePool")}
    assert pools == {"theirs-gpu": "us-central1", "zonal-cpu": "europe-west1-b"}
    assert of_type(document, "gcp:container/cluster:Cluster") == []


def test_pods_of_models_prove_who_they_are_there_too(document: PlanDocument) -> None:
    accounts = [each.name for each in of_type(document, "modelyard:index:GooglePodAccount")]
    assert sorted(accounts) == ["prod-belgium-tagging", "prod-iowa-tagging"]
    services = of_type(document, "kubernetes:core/v1:ServiceAccount")
    assert all("iam.gke.io/gcp-service-account" in each.inputs["metadata"]["annotations"] for each in services)
    assert len(services) == 2


def test_nodes_of_a_compute_class_have_the_region_of_their_cluster(document: PlanDocument) -> None:
    assert "its region is not known" not in {each.reason for each in document.costs.unpriced}
