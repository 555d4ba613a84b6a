"""What is decided of an environment's model stores and image registries."""

from __future__ import annotations

from typing import Any

import pytest
from modelyard.catalog.regions import regions
from modelyard.environment.known_name import unknown
from modelyard.environment.platform import Platform
from modelyard.governance.ownership import Ownership
from modelyard.platform.storage import registry_arguments
from modelyard.resolve.names import acr_name, storage_account_name
from modelyard.resolve.storage import storage_findings, storage_notices, storage_places

AWS = {"name": "east", "region": "us-east-1"}
GKE = {"name": "west", "cloud": "gcp", "region": "europe-west4"}
AKS = {"name": "north", "cloud": "azure", "region": "westeurope"}

GROUP = "/subscriptions/0a1b2c3d-4e5f-6789-abcd-ef0123456789/resourceGroups/ml/providers/Microsoft.Network"
SUBNET = f"{GROUP}/virtualNetworks/v/subnets/s"
ZONE = f"{GROUP}/privateDnsZones/privatelink.azurecr.io"

WORKSPACE = GROUP.replace("Microsoft.Network", "Microsoft.OperationalInsights/workspaces/all")


def platform(clusters: list[dict[str, Any]], **more: Any) -> Platform:
    declared: dict[str, Any] = {
        "environment": "prod",
        "tier": "prod",
        "organization": "retail",
        "owner": "ml@retail.example",
        "cost_center": "CC-1",
        "clusters": clusters,
        "gateway": {"domain": "models.retail.example"},
        **more,
    }
    return Platform.model_validate(declared)


def test_each_region_of_each_cloud_has_one_place() -> None:
    managed = {"aws": {"regions": ["us-east-1", "us-west-2"]}}
    found = storage_places(platform([AWS, {**AWS, "name": "second"}, GKE, AKS], managed=managed))
    assert found == [("aws", "us-east-1"), ("gcp", "europe-west4"), ("azure", "westeurope"), ("aws", "us-west-2")]


FINDINGS: list[tuple[str, list[dict[str, Any]], dict[str, Any], list[tuple[tuple[Any, ...], str]]]] = [
    ("nothing wrong", [AWS, GKE, AKS], {"image_registry": {"repositories": ["toys/a"]}}, []),
    (
        "no registry, so nothing that it could not do",
        [GKE],
        {"image_registry": {"scanning": "enhanced"}},
        [],
    ),
    (
        "what ECR alone has",
        [GKE, {**GKE, "name": "other", "region": "us-central1"}],
        {"image_registry": {"repositories": ["toys/a"], "mutable_tags": ["latest"]}},
        [
            (
                ("image_registry", "mutable_tags"),
                "Artifact Registry makes all tags of a repository immutable or none; delete mutable_tags, or write "
                "immutable_tags: false",
            )
        ],
    ),
    (
        "a copy where no registry is",
        [AWS],
        {"image_registry": {"repositories": ["toys/a"], "replicas": ["westeurope"]}},
        [
            (
                ("image_registry", "replicas", 0),
                "'westeurope' is a region of Azure Container Registry, and no registry of this environment is there; "
                "delete it",
            )
        ],
    ),
    (
        "a copy where no cloud is",
        [AKS],
        {"image_registry": {"repositories": ["toys/a"], "replicas": ["northeurop"]}},
        [
            (
                ("image_registry", "replicas", 0),
                unknown("a location of Azure", "northeurop", [each.name for each in regions("azure")]),
            )
        ],
    ),
    (
        "a private endpoint where no registry is",
        [AKS],
        {"image_registry": {"repositories": ["toys/a"], "acr": {"private_subnets": {"northeurope": SUBNET}}}},
        [
            (
                ("image_registry", "acr", "private_subnets", "northeurope"),
                "no registry of this environment is in 'northeurope', so nothing is made there; its registries of "
                "Azure are in westeurope",
            )
        ],
    ),
    (
        "names of private endpoints that there are not",
        [AKS],
        {"image_registry": {"repositories": ["toys/a"], "acr": {"private_dns_zone_ids": [ZONE]}}},
        [
            (
                ("image_registry", "acr", "private_dns_zone_ids"),
                "get the names of private endpoints, and there is none; delete them, or add acr.private_subnets",
            )
        ],
    ),
    (
        "logs of a store that go nowhere",
        [AKS],
        {"model_store": {"access_logs": True}},
        [
            (
                ("model_store", "access_logs"),
                "go to Log Analytics on Azure, and no workspace is named for westeurope; write "
                "aks.log_analytics_workspace_id of a cluster there, or image_registry.acr.log_analytics_workspace_id",
            )
        ],
    ),
    (
        "logs of a store that go where those of a cluster do",
        [{**AKS, "aks": {"log_analytics_workspace_id": WORKSPACE}}],
        {"model_store": {"access_logs": True}},
        [],
    ),
    (
        "a store where no cluster is",
        [AWS],
        {"model_store": {"replicas": {"eu-west-1": "eu-north-1"}}},
        [
            (
                ("model_store", "replicas", "eu-west-1"),
                "no model store of this environment is on Amazon S3 in 'eu-west-1', so nothing is copied; its stores "
                "are in us-east-1",
            )
        ],
    ),
    (
        "a copy that Azure does not make",
        [AKS],
        {"model_store": {"replicas": {"westeurope": "swedencentral"}}},
        [
            (
                ("model_store", "replicas", "westeurope"),
                "Azure copies from 'westeurope' to 'northeurope' alone, not to 'swedencentral'; write northeurope",
            )
        ],
    ),
]


@pytest.mark.parametrize(
    ("clusters", "more", "findings"), [case[1:] for case in FINDINGS], ids=[case[0] for case in FINDINGS]
)
def test_what_a_cloud_cannot_do_is_said_where_it_was_declared(
    clusters: list[dict[str, Any]], more: dict[str, Any], findings: list[tuple[tuple[Any, ...], str]]
) -> None:
    assert storage_findings(platform(clusters, **more)) == findings


def test_a_cloud_that_does_otherwise_is_named_once() -> None:
    more = {"image_registry": {"repositories": ["toys/a"]}, "model_store": {"lock": {"days": 30}}}
    said = storage_notices(platform([AWS, GKE, {**GKE, "name": "other", "region": "us-central1"}, AKS], **more))
    assert len(said) == len(set(said)) == 9
    assert sum("is locked, so pulumi destroy leaves it behind" in sentence for sentence in said) == 3
    assert storage_notices(platform([AWS], image_registry=more["image_registry"])) == []


def test_each_region_of_aws_reads_the_replica_of_a_secret_there() -> None:
    arn = "arn:aws:secretsmanager:us-east-1:123456789012:secret:ecr-pullthroughcache/hub-AbCdEf"
    upstream = {"name": "hub", "upstream": "docker.io", "credentials": {"aws_secret_arn": arn}}
    two = platform([AWS, {**AWS, "name": "west", "region": "us-west-2"}], image_registry={"pull_through": [upstream]})
    assert storage_findings(two) == []
    assert storage_notices(two) == [
        "Amazon ECR reads secrets of its own region alone: 'ecr-pullthroughcache/hub-AbCdEf' of us-east-1, for "
        "upstream 'hub', has to be replicated to us-west-2 beforehand"
    ]
    owner = Ownership("platform", "CC-1", "prod", "ml@retail.example")
    read = {
        region: registry_arguments(two, "aws", region, owner)["pull_through"][0]["credentials"]["aws_secret_arn"]
        for region in ("us-east-1", "us-west-2")
    }
    assert read == {"us-east-1": arn, "us-west-2": arn.replace("us-east-1", "us-west-2")}


def test_a_registry_without_a_public_address_is_cleaned_by_whoever_reaches_it() -> None:
    closed = {"repositories": ["toys/a"], "acr": {"public_access": False, "private_subnets": {"westeurope": SUBNET}}}
    assert (
        "no task of Azure Container Registry reaches a registry without a public address, so keep_tagged_images bounds "
        "nothing there; run acr purge from within the network"
    ) in storage_notices(platform([AKS], image_registry=closed))


def test_a_location_without_zones_is_named() -> None:
    said = storage_notices(platform([AKS, {**AKS, "name": "far", "region": "westus"}]))
    assert said == ["Azure has no availability zones in westus: what is stored there lies in one place"]


def test_names_that_are_alone_in_the_world_fit_and_tell_places_apart() -> None:
    long = ("r" * 24, "production", "australiasoutheast")
    assert len(storage_account_name(*long)) == 24
    assert len(acr_name(*long)) == 50
    assert storage_account_name(*long) != storage_account_name("r" * 24, "production", "australiaeast")
    assert acr_name("retail-shop", "prod", "westeurope").isalnum()
    # The same letters in another place are another name.
    assert acr_name("retail", "prod", "westeurope") != acr_name("retailprod", "", "westeurope")
