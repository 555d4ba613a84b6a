"""Each cluster's cloud has its store and its registry, from one declaration."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pulumi
import pytest
from modelyard.environment.platform import Platform
from modelyard.environment.target import Cloud
from modelyard.governance.ownership import Ownership
from modelyard.offline import Run, run
from modelyard.platform.handles import GoogleHandle, StoreHandle
from modelyard.platform.storage import (
    declare_registries,
    declare_stores,
    exported_store,
    exported_stores,
    registry_arguments,
    store_arguments,
    upload_arguments,
)
from recorded_graph import one

SUBSCRIPTION = "0a1b2c3d-4e5f-6789-abcd-ef0123456789"
OWNER = Ownership("platform", "CC-1000", "prod", "ml-platform@retail.example")
DECLARED: dict[str, Any] = {
    "environment": "prod",
    "tier": "prod",
    "organization": "retail",
    "owner": "ml-platform@retail.example",
    "cost_center": "CC-1000",
    "clusters": [
        {"name": "east", "region": "us-east-1"},
        {"name": "west", "cloud": "gcp", "region": "europe-west4", "gke": {"project": "shop-prod"}},
        {
            "name": "north",
            "cloud": "azure",
            "region": "westeurope",
            "aks": {
                "subscription_id": SUBSCRIPTION,
                "tenant_id": SUBSCRIPTION,
                "resource_group": "ml",
            },
        },
    ],
    "gateway": {"domain": "models.retail.example"},
    "image_registry": {"repositories": ["toys/tagger"]},
    "model_store": {"lock": {"days": 30}},
}


def planned(seen: Callable[[dict[str, StoreHandle]], None], google: bool = False) -> Run:
    platform = Platform.model_validate(DECLARED)

    def program() -> None:
        import pulumi_aws as aws
        import pulumi_azure_native as azure_native
        import pulumi_gcp as gcp

        providers: dict[Cloud, pulumi.ProviderResource] = {
            "aws": aws.Provider("aws", region="us-east-1"),
            "gcp": gcp.Provider("gcp", project="shop-prod"),
            "azure": azure_native.Provider("azure", subscription_id=SUBSCRIPTION),
        }

        def within(cloud: Cloud, region: str) -> pulumi.ResourceOptions:
            return pulumi.ResourceOptions(providers=[providers[cloud]])

        bucket = pulumi.Output.from_input("vertex-models")
        known = {"europe-west4": GoogleHandle(providers["gcp"], bucket)} if google else {}
        stores = declare_stores(platform, OWNER, within, known)
        registries = declare_registries(
            platform, OWNER, within, {"us-east-1": {"n": "arn:aws:iam::210987654321:role/n"}}
        )
        seen(stores)
        pulumi.export("stores", {region: store.url for region, store in stores.items()})
        pulumi.export("images", {region: made.repository_urls for region, made in registries.items()})
        pulumi.export("exported", exported_stores(stores))

    return run(program, project="modelyard", stack="prod", mode="up")


EXISTING: dict[str, dict[str, Any]] = {
    "azure": {
        "name": "theirs", "cloud": "azure", "region": "westeurope", "aks": {"tenant_id": SUBSCRIPTION},
        "existing": {"name": "theirs", "resource_group": "their-group", "subscription_id": SUBSCRIPTION},
    },
    "gcp": {
        "name": "theirs", "cloud": "gcp", "region": "europe-west4",
        "existing": {"name": "theirs", "location": "europe-west4", "project": "their-project"},
    },
}  # fmt: skip


@pytest.mark.parametrize(
    ("cloud", "place"),
    [
        ("azure", {"subscription_id": SUBSCRIPTION, "resource_group": "their-group"}),
        ("gcp", {"project": "their-project"}),
    ],
)
def test_beside_a_cluster_of_somebody_else_they_lie_in_its_account(cloud: Cloud, place: dict[str, str]) -> None:
    platform = Platform.model_validate({**DECLARED, "clusters": [EXISTING[cloud]]})
    region = EXISTING[cloud]["region"]
    for arguments in (
        registry_arguments(platform, cloud, region, OWNER),
        store_arguments(platform, cloud, region, OWNER),
    ):
        known = {key: arguments[key] for key in place if key in arguments}
        assert known == place or known == {key: place[key] for key in place if key != "subscription_id"}


def test_a_subscription_has_one_plan_of_defender_however_many_registries() -> None:
    north = {**DECLARED["clusters"][2], "name": "further", "region": "northeurope"}
    platform = Platform.model_validate(
        {
            **DECLARED,
            "clusters": [DECLARED["clusters"][2], north],
            "image_registry": {"repositories": ["toys/tagger"], "acr": {"defender": True}},
        }
    )

    def program() -> None:
        import pulumi_azure_native as azure_native

        provider = azure_native.Provider("azure", subscription_id=SUBSCRIPTION)
        declare_registries(platform, OWNER, lambda cloud, region: pulumi.ResourceOptions(provider=provider))

    graph = run(program, project="modelyard", stack="prod", mode="up").graph
    assert len(graph.of_type("azure-native:containerregistry:Registry")) == 2
    assert len(graph.of_type("azure-native:security:Pricing")) == 1


def test_each_cluster_has_the_store_and_the_registry_of_its_cloud() -> None:
    found: dict[str, StoreHandle] = {}
    done = planned(found.update)
    account = one(done.graph, "azure-native:storage:StorageAccount").inputs["accountName"]
    assert done.outputs["stores"] == {
        "us-east-1": "s3://retail-prod-models-us-east-1",
        "europe-west4": "gs://retail-prod-models-europe-west4",
        "westeurope": f"https://{account}.blob.core.windows.net/models",
    }
    registry = one(done.graph, "azure-native:containerregistry:Registry").inputs["registryName"]
    assert registry.startswith("retailprodwesteurope")
    assert {region: each["toys/tagger"].partition("/")[0] for region, each in done.outputs["images"].items()} == {
        "us-east-1": "123456789012.dkr.ecr.us-east-1.amazonaws.com",
        "europe-west4": "europe-west4-docker.pkg.dev",
        "westeurope": f"{registry}.azurecr.io",
    }
    clusters = Platform.model_validate(DECLARED).clusters
    assert [found[each.region].cloud for each in clusters] == ["aws", "gcp", "azure"]


def test_uploads_are_told_what_their_store_needs() -> None:
    found: dict[str, StoreHandle] = {}
    planned(found.update)
    assert {region: sorted(upload_arguments(store)) for region, store in found.items()} == {
        "us-east-1": ["bucket", "cloud", "kms_key_arn", "locked"],
        "europe-west4": ["bucket", "cloud", "locked"],
        "westeurope": ["account", "bucket", "cloud", "locked", "resource_group"],
    }


def test_departments_read_what_the_foundation_made() -> None:
    exported = planned(lambda stores: None).outputs["exported"]
    read: dict[str, StoreHandle] = {}

    def program() -> None:
        platform = Platform.model_validate(DECLARED)
        for cluster in platform.clusters:
            entry = exported[cluster.region]
            read[cluster.region] = exported_store(
                platform, cluster.cloud, cluster.region, lambda key, entry=entry: pulumi.Output.from_input(entry[key])
            )
        pulumi.export("stores", {region: store.url for region, store in read.items()})

    again = run(program, project="modelyard", stack="prod-toys", mode="up").outputs["stores"]
    assert again == planned(lambda stores: None).outputs["stores"]
    assert all(store.locked for store in read.values())


def test_clusters_share_the_bucket_that_vertex_has_in_their_region() -> None:
    done = planned(lambda stores: None, google=True)
    assert done.outputs["stores"]["europe-west4"] == "gs://vertex-models"
    assert not done.graph.of_type("gcp:storage/bucket:Bucket")


def test_copies_of_two_registries_are_kept_as_one_of_them_says() -> None:
    platform = Platform.model_validate(
        {
            **DECLARED,
            "clusters": [{"name": "east", "region": "us-east-1"}, {"name": "ireland", "region": "eu-west-1"}],
            "image_registry": {
                "repositories": ["toys/tagger"],
                "replicas": ["us-west-2", "eu-west-1"],
                "ecr": {"owns_account_settings": True},
            },
        }
    )

    def program() -> None:
        import pulumi_aws as aws

        provider = aws.Provider("aws", region="us-east-1")
        declare_registries(platform, OWNER, lambda cloud, region: pulumi.ResourceOptions(provider=provider))

    graph = run(program, project="modelyard", stack="prod", mode="up").graph
    templates = graph.of_type("aws:ecr/repositoryCreationTemplate:RepositoryCreationTemplate")
    assert [each.inputs["region"] for each in templates] == ["us-west-2"], "none where the repositories are declared"
    assert len(graph.of_type("aws:ecr/replicationConfiguration:ReplicationConfiguration")) == 2
