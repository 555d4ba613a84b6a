"""One environment with a cluster on EKS, on GKE and on AKS, and a model that is served by all three."""

from __future__ import annotations

from typing import Any

import pytest
import yaml
from modelyard.cost import Assumptions, estimate
from modelyard.cost.declarations import declarations
from modelyard.environment.cost_assumptions import CostAssumptions
from modelyard.graph import ResourceGraph
from modelyard.review.build import plan
from modelyard.review.plan import PlanDocument

from .managed_project import of_type
from .tagging_project import write_tagging

SUBSCRIPTION = "0a1b2c3d-4e5f-6789-abcd-ef0123456789"
CLUSTERS: list[dict[str, Any]] = [
    {"name": "east", "region": "us-east-1", "network": {"cidr": "10.10.0.0/16"}},
    {
        "name": "iowa",
        "cloud": "gcp",
        "region": "us-central1",
        "gke": {"project": "northwind-prod"},
        "network": {"cidr": "10.20.0.0/16", "pods_cidr": "10.32.0.0/14", "services_cidr": "10.40.0.0/20"},
    },
    {
        "name": "dublin",
        "cloud": "azure",
        "region": "northeurope",
        "aks": {
            "subscription_id": SUBSCRIPTION,
            "tenant_id": "1a1b2c3d-4e5f-6789-abcd-ef0123456789",
            "resource_group": "ml",
        },
        "network": {"cidr": "10.50.0.0/16", "pods_cidr": "10.244.0.0/16", "services_cidr": "10.52.0.0/16"},
    },
]
PLATFORM: dict[str, Any] = {
    "environment": "prod",
    "tier": "prod",
    "organization": "northwind",
    "owner": "ml@example.com",
    "cost_center": "CC-1000",
    "clusters": [
        {**each, "gpu_pools": [{"name": "gpu", "accelerator": "T4", "min_nodes": 2, "max_nodes": 4}]}
        for each in CLUSTERS
    ],
    "gateway": {"domain": "ml.example.com"},
    "image_registry": {"repositories": ["shop/tagging"]},
}
SHOP: dict[str, Any] = {
    "department": "shop",
    "cost_center": "CC-2000",
    "owner": "shop@example.com",
    "monthly_budget_usd": 5000,
    "models": [
        {
            "name": "tagging",
            "task": "image_classification",
            "format": "onnx",
            "source": "../models/product-tagging",
            "pool": "gpu",
            "resources": {"gpus": 1, "gpu_memory_gib": 4, "cpu": 1, "memory_gib": 4},
            "scaling": {"min_replicas": 2, "max_replicas": 4},
        }
    ],
}
POOLS = {
    "east": "aws:eks/nodeGroup:NodeGroup",
    "iowa": "gcp:container/nodePool:NodePool",
    "dublin": "azure-native:containerservice:AgentPool",
}


@pytest.fixture(scope="module")
def document(tmp_path_factory: pytest.TempPathFactory) -> PlanDocument:
    stacks = write_tagging(tmp_path_factory.mktemp("three"), PLATFORM, SHOP)
    return plan(stacks / "prod", stacks)


def test_each_cloud_has_its_cluster_pool_network_store_and_registry(document: PlanDocument) -> None:
    for cluster, kind in POOLS.items():
        assert [each.name for each in of_type(document, kind) if each.name.endswith("-gpu")] == [f"prod-{cluster}-gpu"]
    assert len(of_type(document, "modelyard:index:ServingCluster")) == 3
    assert [len(of_type(document, f"modelyard:index:{each}")) for each in ("ModelStore", "ContainerRegistry")] == [3, 3]
    assert [
        len(of_type(document, f"modelyard:index:{each}")) for each in ("Network", "GoogleNetwork", "AzureNetwork")
    ] == [1, 1, 1]


def test_a_model_runs_on_all_three(document: PlanDocument) -> None:
    (line,) = document.models
    assert [place.cluster for place in line.places] == ["east", "iowa", "dublin"]
    deployments = of_type(document, "kubernetes:apps/v1:Deployment")
    assert sorted(each.name for each in deployments) == [f"prod-{each}-tagging" for each in ("dublin", "east", "iowa")]
    assert not document.placement.misfits


def test_pods_read_their_own_files_and_no_others(document: PlanDocument) -> None:
    (google,) = [each for each in of_type(document, "gcp:storage/bucketIAMMember:BucketIAMMember")
                 if each.stack == "prod-shop"]  # fmt: skip
    assert google.inputs["condition"]["title"] == "Below shop/tagging"
    (azure,) = [each for each in of_type(document, "azure-native:authorization:RoleAssignment")
                if each.stack == "prod-shop"]  # fmt: skip
    assert "StringLike 'shop/tagging/*'" in azure.inputs["condition"]
    accounts = {each.name: each.inputs["metadata"].get("annotations", {})
                for each in of_type(document, "kubernetes:core/v1:ServiceAccount")}  # fmt: skip
    assert "iam.gke.io/gcp-service-account" in accounts["prod-iowa-tagging"]
    assert "azure.workload.identity/client-id" in accounts["prod-dublin-tagging"]


def test_files_go_to_the_store_of_the_clusters_cloud(document: PlanDocument) -> None:
    kinds = ("aws:s3/bucketObjectv2:BucketObjectv2", "gcp:storage/bucketObject:BucketObject",
             "azure-native:storage:Blob")  # fmt: skip
    assert [len(of_type(document, kind)) for kind in kinds] == [2, 2, 2]


def test_the_prices_that_a_plan_offers_to_declare_leave_hardly_anything_unpriced(document: PlanDocument) -> None:
    offered = yaml.safe_load("\n".join(declarations(document.costs.unpriced)))["costs"]
    whole = ResourceGraph(resource for stack in document.stacks for resource in stack.graph)
    costs = CostAssumptions.model_validate(offered).model_dump(exclude_none=True)
    priced = estimate(whole, Assumptions.from_mapping(costs))
    assert document.costs.priced_share["fixed"] > 0.9
    assert priced.priced_share["resources"] > 0.95, [(each.what, each.reason) for each in priced.unpriced]
    assert priced.total > document.costs.total
