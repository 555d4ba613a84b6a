"""What a ContainerRegistry makes in Azure."""

from __future__ import annotations

import base64
from typing import Any

import pulumi
import pytest
from modelyard.registry.container_registry import ContainerRegistry

from .program import SHOP, SUBSCRIPTION, azure_resources, graph_of, one, refusal, run_program, waits_for

REGISTRY = "azure-native:containerregistry:Registry"
KEY = "https://shop-keys.vault.azure.net/keys/images"
VAULT = f"/subscriptions/{SUBSCRIPTION}/resourceGroups/keys/providers/Microsoft.KeyVault/vaults/shop-keys"
SUBNET = f"/subscriptions/{SUBSCRIPTION}/resourceGroups/net/providers/Microsoft.Network/virtualNetworks/v/subnets/p"
ZONE = SUBNET.partition("/virtualNetworks/")[0] + "/privateDnsZones/privatelink.azurecr.io"
DOCKER = {
    "name": "docker-hub",
    "upstream": "docker.io",
    "credentials": {
        "key_vault_user": "https://shop-keys.vault.azure.net/secrets/docker-user",
        "key_vault_password": "https://shop-keys.vault.azure.net/secrets/docker-token",
    },
}


def declared(**args: Any) -> Any:
    def declare(opts: pulumi.ResourceOptions) -> None:
        arguments: Any = {
            "cloud": "azure",
            "region": "westeurope",
            "resource_group": "ml",
            "subscription_id": SUBSCRIPTION,
            "repositories": ["toys/tagging"],
            "registry_name": "retailprodwesteurope0a1b2c",
            "ownership": SHOP.args(),
            **args,
        }
        registry = ContainerRegistry("prod-images-westeurope", arguments, opts)
        pulumi.export("urls", registry.repository_urls)
        pulumi.export("through", registry.pull_through_urls)

    return declare


def test_nobody_pulls_anonymously_or_by_a_shared_password() -> None:
    made = one(graph_of(declared()), REGISTRY).inputs
    assert made["sku"] == {"name": "Premium"}
    assert (made["adminUserEnabled"], made["anonymousPullEnabled"]) == (False, False)
    assert made["zoneRedundancy"] == "Enabled"
    assert made["policies"] == {
        "exportPolicy": {"status": "enabled"},
        "quarantinePolicy": {"status": "disabled"},
        "retentionPolicy": {"status": "enabled", "days": 14},
        "softDeletePolicy": {"status": "disabled"},
    }


def test_a_closed_registry_is_reached_by_a_private_endpoint_alone() -> None:
    closed = {"public_access": False, "export": False, "quarantine": True, "soft_delete_days": 30}
    graph = graph_of(declared(acr=closed, private_subnet_id=SUBNET))
    made = one(graph, REGISTRY).inputs
    assert (made["publicNetworkAccess"], made["dataEndpointEnabled"]) == ("Disabled", True)
    assert made["policies"] == {
        "exportPolicy": {"status": "disabled"},
        "quarantinePolicy": {"status": "enabled"},
        "retentionPolicy": {"status": "disabled"},
        "softDeletePolicy": {"status": "enabled", "retentionDays": 30},
    }
    endpoint = one(graph, "azure-native:network:PrivateEndpoint").inputs
    assert endpoint["subnet"] == {"id": SUBNET}
    assert endpoint["privateLinkServiceConnections"][0]["groupIds"] == ["registry"]


def test_an_environment_names_subnets_by_location_and_zones_once() -> None:
    closed = {"public_access": False, "private_subnets": {"westeurope": SUBNET}, "private_dns_zone_ids": [ZONE]}
    graph = graph_of(declared(acr=closed))
    assert one(graph, REGISTRY).inputs["dataEndpointEnabled"] is True
    assert one(graph, "azure-native:network:PrivateEndpoint").inputs["subnet"] == {"id": SUBNET}
    [zone] = one(graph, "azure-native:network:PrivateDnsZoneGroup").inputs["privateDnsZoneConfigs"]
    assert zone["privateDnsZoneId"] == ZONE


def test_who_pulled_and_pushed_is_written_where_it_is_told_to() -> None:
    workspace = f"/subscriptions/{SUBSCRIPTION}/resourceGroups/ml/providers/Microsoft.OperationalInsights/workspaces/w"
    setting = one(
        graph_of(declared(acr={"log_analytics_workspace_id": workspace})), "azure-native:monitor:DiagnosticSetting"
    ).inputs
    assert setting["resourceUri"].endswith("/registries/retailprodwesteurope0a1b2c")
    assert [each["category"] for each in setting["logs"]] == [
        "ContainerRegistryLoginEvents",
        "ContainerRegistryRepositoryEvents",
    ]


def test_defender_is_the_subscriptions_and_outlives_the_program() -> None:
    kept: list[bool] = []

    def see(args: pulumi.ResourceTransformArgs) -> None:
        if args.type_ == "azure-native:security:Pricing":
            kept.append(bool(args.opts.retain_on_delete))

    def program(opts: pulumi.ResourceOptions) -> None:
        pulumi.runtime.register_resource_transform(see)
        declared(acr={"defender": True})(opts)

    plan = one(graph_of(program), "azure-native:security:Pricing").inputs
    assert plan == {
        "scopeId": f"subscriptions/{SUBSCRIPTION}", "pricingName": "Containers", "pricingTier": "Standard",
    }  # fmt: skip
    assert kept == [True]
    assert not graph_of(declared()).of_type("azure-native:security:Pricing")


def test_images_are_copied_to_further_locations_of_azure() -> None:
    graph = graph_of(declared(replicas=["northeurope", "us-west-2"]))
    replica = one(graph, "azure-native:containerregistry:Replication").inputs
    assert (replica["location"], replica["registryName"]) == ("northeurope", "retailprodwesteurope0a1b2c")
    assert replica["zoneRedundancy"] == "Enabled"


def test_a_location_without_zones_is_asked_for_none() -> None:
    graph = graph_of(declared(region="westus", replicas=["eastus"]))
    assert one(graph, REGISTRY).inputs["zoneRedundancy"] == "Disabled"
    assert one(graph, "azure-native:containerregistry:Replication").inputs["zoneRedundancy"] == "Enabled"


def test_a_weekly_task_keeps_the_newest_images() -> None:
    task = one(graph_of(declared(keep_tagged_images=7)), "azure-native:containerregistry:Task").inputs
    text = base64.b64decode(task["step"]["encodedTaskContent"]).decode()
    assert "acr purge --filter 'prod/toys/tagging:.*' --ago 0d --keep 7\n" in text
    assert task["trigger"]["timerTriggers"][0]["schedule"] == "0 3 * * 0"


def test_untagged_images_go_by_the_task_where_azure_has_no_policy_for_them() -> None:
    made = graph_of(declared(acr={"soft_delete_days": 7}))
    task = one(made, "azure-native:containerregistry:Task").inputs
    assert "--keep 50 --untagged\n" in base64.b64decode(task["step"]["encodedTaskContent"]).decode()
    policies = one(made, "azure-native:containerregistry:Registry").inputs["policies"]
    assert policies["retentionPolicy"] == {"status": "disabled"}


def test_the_kubelet_of_a_cluster_may_pull_from_this_registry_alone() -> None:
    graph = graph_of(declared(pull_principal_ids=["22222222-3333-4444-8555-666666666666"]))
    assignment = one(graph, "azure-native:authorization:RoleAssignment")
    assert assignment.inputs["roleDefinitionId"].endswith("/7f951dda-4ed3-4680-a7ca-43fe172d538d")
    assert assignment.inputs["principalId"] == "22222222-3333-4444-8555-666666666666"
    assert one(graph, REGISTRY).urn in assignment.property_dependencies["scope"]


def test_a_kubelet_keeps_the_right_when_another_goes() -> None:
    east, west = (f"{digit * 8}-3333-4444-8555-666666666666" for digit in "12")
    both = graph_of(declared(pull_principal_ids=[east, west], puller_names=["east", "west"]))
    alone = one(
        graph_of(declared(pull_principal_ids=[west], puller_names=["west"])),
        "azure-native:authorization:RoleAssignment",
    )
    assert [
        each.urn
        for each in both.of_type("azure-native:authorization:RoleAssignment")
        if each.inputs["principalId"] == west
    ] == [alone.urn]


@pytest.mark.parametrize(
    ("names", "message"),
    [
        (["east"], "has 1 names, and pull_principal_ids 2 identities; name each"),
        (["east", "east"], "names east twice; each identity needs its own"),
    ],
)
def test_each_who_pulls_has_a_name_or_none_has(names: list[str], message: str) -> None:
    ids = [f"{digit * 8}-3333-4444-8555-666666666666" for digit in "12"]
    told = refusal(declared(pull_principal_ids=ids, puller_names=names))
    assert told == f"ContainerRegistry prod-images-westeurope: puller_names: {message}"


def test_a_key_of_ones_own_is_usable_before_the_registry_comes() -> None:
    graph = graph_of(declared(kms_key=KEY, key_vault_id=VAULT))
    registry = one(graph, REGISTRY)
    assert registry.inputs["encryption"]["keyVaultProperties"]["keyIdentifier"] == KEY
    assert registry.inputs["identity"]["type"] == "UserAssigned"
    assert waits_for(graph, registry, one(graph, "azure-native:authorization:RoleAssignment"))


def test_upstreams_are_cached_with_credentials_that_azure_reads_itself() -> None:
    done = run_program(declared(pull_through=[DOCKER, {"name": "mcr", "upstream": "mcr.microsoft.com"}]))
    rules = {each.inputs["cacheRuleName"]: each.inputs for each in done.graph.of_type(f"{REGISTRY[:-8]}CacheRule")}
    assert rules["docker-hub"]["sourceRepository"] == "docker.io/*"
    assert rules["docker-hub"]["targetRepository"] == "prod/docker-hub/*"
    assert rules["docker-hub"]["credentialSetResourceId"].endswith("/credentialSets/docker-hub")
    assert "credentialSetResourceId" not in rules["mcr"]
    credentials = one(done.graph, f"{REGISTRY[:-8]}CredentialSet").inputs
    assert credentials["authCredentials"][0]["passwordSecretIdentifier"] == DOCKER["credentials"]["key_vault_password"]
    assert done.outputs["through"]["mcr"] == "retailprodwesteurope0a1b2c.azurecr.io/prod/mcr"


def test_where_images_are_pushed_to() -> None:
    urls = run_program(declared()).outputs["urls"]
    assert urls == {"toys/tagging": "retailprodwesteurope0a1b2c.azurecr.io/prod/toys/tagging"}


def test_a_name_that_nobody_gave_is_made_up_of_letters_and_digits() -> None:
    def declare(opts: pulumi.ResourceOptions) -> None:
        arguments: Any = {
            "cloud": "azure",
            "region": "westeurope",
            "resource_group": "ml",
            "subscription_id": SUBSCRIPTION,
            "repositories": ["toys/tagging"],
            "ownership": SHOP.args(),
        }
        ContainerRegistry("prod-images-westeurope", arguments, opts)

    name = one(graph_of(declare), REGISTRY).inputs["registryName"]
    assert name.startswith("prodimageswesteurope")
    assert name.isalnum()
    assert len(name) <= 50


def test_everything_that_takes_tags_has_its_owners() -> None:
    graph = graph_of(declared(replicas=["northeurope"], kms_key=KEY, key_vault_id=VAULT, private_subnet_id=SUBNET))
    tagged = [each for each in azure_resources(graph) if "tags" in each.inputs]
    assert {each.type.rpartition(":")[2] for each in tagged} == {
        "Registry",
        "Replication",
        "Task",
        "UserAssignedIdentity",
        "PrivateEndpoint",
    }
    for each in tagged:
        assert SHOP.aws_tags().items() <= each.inputs["tags"].items(), each.type


REFUSED = [
    (
        {"scanning": "enhanced"},
        "scanning: Azure Container Registry has no scanning of its own; write scanning: on_push, and acr: {defender: "
        "true} for Microsoft Defender for Containers, which looks again and again",
    ),
    (
        {"mutable_tags": ["latest"]},
        "mutable_tags: Azure Container Registry has no rule for tags, so they all may move; delete mutable_tags and "
        "write immutable_tags: false",
    ),
    ({"expire_untagged_days": 400}, "expire_untagged_days: must be at most 365 in Azure Container Registry, not 400"),
    (
        {"pull_through": [{"name": "nvidia", "upstream": "nvcr.io"}]},
        "pull_through[0].upstream: 'nvcr.io' is not a registry that Azure Container Registry fetches from; did you "
        "mean 'ghcr.io'? Allowed: docker.io, mcr.microsoft.com, public.ecr.aws, ghcr.io, quay.io, registry.k8s.io",
    ),
    (
        {"pull_through": [{"name": "docker-hub", "upstream": "docker.io"}]},
        "pull_through[0].credentials: Azure Container Registry fetches from docker.io with credentials alone; add "
        "credentials: {key_vault_password: ...}",
    ),
    (
        {"acr": {"export": False}},
        "acr.export: false needs acr.public_access: false, since Azure can only close a registry without a public "
        "address",
    ),
    (
        {"acr": {"soft_delete_days": 7}, "replicas": ["northeurope"]},
        "acr.soft_delete_days does not go with replicas: Azure keeps no deleted images of a registry that is "
        "replicated; delete one of the two",
    ),
    (
        {"acr": {"public_access": False, "private_subnets": {"northeurope": SUBNET}}},
        "acr.public_access: false leaves no way to the registry of westeurope; add acr.private_subnets: {westeurope: "
        "<resource id of a subnet>}",
    ),
    ({"kms_key": KEY}, "key_vault_id: is missing, and kms_key needs it; add it"),
    (
        {"kms_key": f"{KEY}/{'0' * 32}", "key_vault_id": VAULT},
        f"kms_key: '{KEY}/{'0' * 32}' must be a key of Key Vault without its version: "
        "https://<vault>.vault.azure.net/keys/<name>",
    ),
    ({"registry_name": "shop-images"}, "registry_name: 'shop-images' must be 5 to 50 letters and digits"),
    (
        {"pull_principal_ids": ["kubelet"]},
        "pull_principal_ids[0]: 'kubelet' must be a UUID in lower case, such as 0a1b2c3d-4e5f-6789-abcd-ef0123456789",
    ),
    (
        {"private_dns_zone_ids": [ZONE]},
        "private_dns_zone_ids: get the names of a private endpoint, and there is none; delete them, or add "
        "private_subnet_id",
    ),
]


@pytest.mark.parametrize(("args", "message"), REFUSED)
def test_what_azure_lacks_is_refused_before_any_resource(args: dict[str, Any], message: str) -> None:
    assert refusal(declared(**args)) == f"ContainerRegistry prod-images-westeurope: {message}"
