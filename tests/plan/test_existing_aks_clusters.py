"""A cluster of AKS that somebody else owns, and one on their premises that Azure Arc knows."""

from __future__ import annotations

from typing import Any

import pytest
from modelyard.review.build import plan
from modelyard.review.plan import PlanDocument

from .managed_project import of_type
from .tagging_project import write_tagging
from .test_clusters_of_three_clouds import PLATFORM, SHOP

SUBSCRIPTION = "0a1b2c3d-4e5f-6789-abcd-ef0123456789"
TENANT = "1a1b2c3d-4e5f-6789-abcd-ef0123456789"
SUBNET = f"/subscriptions/{SUBSCRIPTION}/resourceGroups/n/providers/Microsoft.Network/virtualNetworks/v/subnets/gpu"
ISSUER = "https://northeurope.oic.prod-arc.azure.com/factory/"
CLUSTERS: list[dict[str, Any]] = [
    {
        "name": "dublin",
        "cloud": "azure",
        "region": "northeurope",
        "aks": {"tenant_id": TENANT, "nodes": {"ssh": False}},
        "existing": {"name": "theirs", "resource_group": "their-group", "subscription_id": SUBSCRIPTION},
        "network": {"subnet_id": SUBNET},
        "gpu_pools": [{"name": "gpu", "accelerator": "T4", "min_nodes": 1, "max_nodes": 3}],
    },
    {
        "name": "factory",
        "cloud": "azure",
        "region": "northeurope",
        "aks": {"subscription_id": SUBSCRIPTION, "tenant_id": TENANT, "resource_group": "ml"},
        "existing": {
            "kubeconfig": {"config": "kubeconfig"},
            "identity_issuer": ISSUER,
            "arc": {
                "resource_group": "edge",
                "location": "northeurope",
                "subscription_id": SUBSCRIPTION,
                "agent_public_key": "MIICCgKCAgEA",
            },
        },
    },
]


@pytest.fixture(scope="module")
def document(tmp_path_factory: pytest.TempPathFactory) -> PlanDocument:
    here = {**SHOP["models"][0], "clusters": ["dublin"]}
    stacks = write_tagging(
        tmp_path_factory.mktemp("existing"),
        {**PLATFORM, "clusters": CLUSTERS},
        {**SHOP, "models": [here]},
        kubeconfig="apiVersion: v1",
    )
    return plan(stacks / "prod", stacks)


def test_a_pool_is_added_placed_and_priced_where_the_cluster_lies(document: PlanDocument) -> None:
    [pool] = of_type(document, "azure-native:containerservice:AgentPool")
    assert (pool.inputs["resourceGroupName"], pool.inputs["securityProfile"]) == (
        "their-group", {"sshAccess": "Disabled"},
    )  # fmt: skip
    assert pool.inputs["vnetSubnetID"] == SUBNET
    assert "its region is not known" not in {each.reason for each in document.costs.unpriced}
    assert of_type(document, "azure-native:containerservice:ManagedCluster") == []


def test_its_nodes_may_pull_what_lies_in_its_own_subscription(document: PlanDocument) -> None:
    [registry] = of_type(document, "azure-native:containerregistry:Registry")
    grants = of_type(document, "azure-native:authorization:RoleAssignment")
    assert [each.name for each in grants if each.name.startswith("prod-images")] == [
        "prod-images-northeurope-pull-dublin"
    ]
    assert registry.inputs["resourceGroupName"] in ("ml", "their-group")


def test_azure_knows_the_cluster_on_ones_own_premises(document: PlanDocument) -> None:
    [record] = of_type(document, "azure-native:kubernetes:ConnectedCluster")
    assert (record.inputs["clusterName"], record.inputs["resourceGroupName"]) == ("prod-factory", "edge")


def test_pods_of_models_prove_who_they_are_to_azure(document: PlanDocument) -> None:
    identities = of_type(document, "modelyard:index:AzureWorkloadIdentity")
    assert [each.name for each in identities] == ["prod-dublin-tagging"]
