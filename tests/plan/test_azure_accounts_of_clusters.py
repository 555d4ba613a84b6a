"""Clusters of one Azure region in several resource groups and subscriptions."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from modelyard.review.build import plan

from .managed_project import of_type
from .tagging_project import write_tagging
from .test_clusters_of_three_clouds import PLATFORM, SHOP

TENANT = "1a1b2c3d-4e5f-6789-abcd-ef0123456789"
SUBSCRIPTIONS = ("0a1b2c3d-4e5f-6789-abcd-ef0123456789", "2a1b2c3d-4e5f-6789-abcd-ef0123456789")
WHERE = {
    "first": (SUBSCRIPTIONS[0], "ml"),
    "second": (SUBSCRIPTIONS[0], "vision"),
    "third": (SUBSCRIPTIONS[0], "text"),
    "other": (SUBSCRIPTIONS[1], "ml"),
}


def test_each_subscription_has_one_provider_and_each_group_is_made_once(tmp_path: Path) -> None:
    clusters: list[dict[str, Any]] = [
        {
            "name": name,
            "cloud": "azure",
            "region": "westeurope",
            "aks": {"subscription_id": subscription, "tenant_id": TENANT, "resource_group": group},
            "network": {"cidr": f"10.{number}.0.0/16", "pods_cidr": "10.244.0.0/16", "services_cidr": "10.96.0.0/16"},
            "gpu_pools": [{"name": "gpu", "accelerator": "T4", "min_nodes": 1, "max_nodes": 4}],
        }
        for number, (name, (subscription, group)) in enumerate(WHERE.items(), 50)
    ]
    shop = {**SHOP, "models": [{**SHOP["models"][0], "clusters": ["first"]}]}
    stacks = write_tagging(tmp_path, {**PLATFORM, "clusters": clusters}, shop)

    document = plan(stacks / "prod", stacks)

    made = [each for each in of_type(document, "azure-native:resources:ResourceGroup") if "foundation" in each.urn]
    assert {each.name: each.inputs["resourceGroupName"] for each in made} == {
        "prod-ml": "ml", "prod-vision": "vision", "prod-text": "text", f"prod-ml-{SUBSCRIPTIONS[1]}": "ml",
    }  # fmt: skip
    providers = {
        each.urn: each.inputs["subscriptionId"]
        for each in of_type(document, "pulumi:providers:azure-native")
        if "foundation" in each.urn
    }
    assert sorted(providers.values()) == sorted(SUBSCRIPTIONS)
    asked = {
        each.urn.rpartition("prod-")[2]: providers[each.provider or ""]
        for each in of_type(document, "azure-native:containerservice:ManagedCluster")
    }
    assert asked == {name: subscription for name, (subscription, _) in WHERE.items()}
