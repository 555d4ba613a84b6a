"""A model store in Azure, and what is uploaded to it."""

from __future__ import annotations

from typing import Any

import pulumi
import pytest
from modelyard.registry.model_store import ModelStore
from modelyard.registry.model_upload import ModelUpload

from .program import SHOP, SUBSCRIPTION, azure_resources, graph_of, one, refusal, run_program, waits_for

STORAGE = "azure-native:storage"
KEY = "https://shop-keys.vault.azure.net/keys/models"
VAULT = f"/subscriptions/{SUBSCRIPTION}/resourceGroups/keys/providers/Microsoft.KeyVault/vaults/shop-keys"
LOGS = f"/subscriptions/{SUBSCRIPTION}/resourceGroups/ml/providers/Microsoft.OperationalInsights/workspaces/logs"
SUBNET = f"/subscriptions/{SUBSCRIPTION}/resourceGroups/net/providers/Microsoft.Network/virtualNetworks/v/subnets/p"


def declared(**args: Any) -> Any:
    def declare(opts: pulumi.ResourceOptions) -> None:
        arguments: Any = {
            "cloud": "azure",
            "region": "westeurope",
            "resource_group": "ml",
            "organization": "retail",
            "ownership": SHOP.args(),
            **args,
        }
        store = ModelStore("prod-models-westeurope", arguments, opts)
        upload: Any = {
            "cloud": "azure",
            "region": "westeurope",
            "bucket": store.bucket,
            "account": store.account,
            "resource_group": "ml",
            "model": "sentiment",
            "files": [{"key": "sentiment/config.pbtxt", "text": "", "sha256": "a" * 64}],
            "ownership": SHOP.args(),
        }
        pulumi.export("url", ModelUpload("prod-sentiment", upload, opts).url)

    return declare


def account(**args: Any) -> dict[str, Any]:
    return dict(one(graph_of(declared(**args)), f"{STORAGE}:StorageAccount").inputs)


def test_the_account_takes_tls_alone_and_nothing_is_public() -> None:
    made = account()
    assert made["accountName"].startswith("retailprodwesteuro")
    assert made["accountName"].isalnum()
    assert len(made["accountName"]) == 24
    assert (made["minimumTlsVersion"], made["enableHttpsTrafficOnly"]) == ("TLS1_2", True)
    assert (made["allowBlobPublicAccess"], made["allowCrossTenantReplication"]) == (False, False)
    assert made["sku"] == {"name": "Standard_ZRS"}


def test_old_versions_stay_for_a_while_and_what_was_deleted_too() -> None:
    graph = graph_of(declared(expire_old_versions_days=400, archive_old_versions_days=60))
    service = one(graph, f"{STORAGE}:BlobServiceProperties").inputs
    assert service["isVersioningEnabled"] is True
    assert service["deleteRetentionPolicy"] == {"enabled": True, "days": 365}
    policy = one(graph, f"{STORAGE}:ManagementPolicy")
    assert policy.inputs["policy"]["rules"][0]["definition"]["actions"]["version"] == {
        "delete": {"daysAfterCreationGreaterThan": 400},
        "tierToCold": {"daysAfterCreationGreaterThan": 60},
    }
    assert waits_for(graph, policy, one(graph, f"{STORAGE}:BlobServiceProperties"))
    assert one(graph, f"{STORAGE}:BlobContainer").inputs["publicAccess"] == "None"


@pytest.mark.parametrize(("mode", "state"), [("governance", "Unlocked"), ("compliance", "Locked")])
def test_a_lock_holds_every_version(mode: str, state: str) -> None:
    assert account(lock={"mode": mode, "days": 30})["immutableStorageWithVersioning"] == {
        "enabled": True,
        "immutabilityPolicy": {
            "state": state,
            "immutabilityPeriodSinceCreationInDays": 30,
            "allowProtectedAppendWrites": False,
        },
    }
    assert "immutableStorageWithVersioning" not in account()


@pytest.mark.parametrize(
    ("args", "sku"),
    [
        ({"zone_redundant": False}, "Standard_LRS"),
        ({"replica_region": "northeurope"}, "Standard_GZRS"),
        ({"replica_region": "northeurope", "zone_redundant": False}, "Standard_GRS"),
        # Locations without zones.
        ({"region": "westus"}, "Standard_LRS"),
        ({"region": "westus", "replica_region": "eastus"}, "Standard_GRS"),
    ],
)
def test_azure_copies_to_the_paired_location(args: dict[str, Any], sku: str) -> None:
    assert account(**args)["sku"] == {"name": sku}


def test_a_key_of_ones_own_is_usable_before_the_account_comes() -> None:
    graph = graph_of(declared(kms_key=KEY, key_vault_id=VAULT, subscription_id=SUBSCRIPTION))
    made = one(graph, f"{STORAGE}:StorageAccount")
    assert made.inputs["encryption"]["keyVaultProperties"] == {
        "keyVaultUri": "https://shop-keys.vault.azure.net",
        "keyName": "models",
    }
    assert waits_for(graph, made, one(graph, "azure-native:authorization:RoleAssignment"))


def test_reads_and_writes_are_logged_and_the_network_can_be_closed() -> None:
    args = {"access_logs": True, "log_analytics_id": LOGS, "public_network": False, "private_subnet_id": SUBNET}
    graph = graph_of(declared(**args))
    logging = one(graph, "azure-native:monitor:DiagnosticSetting").inputs
    assert logging["resourceUri"].endswith("/blobServices/default")
    assert [each["category"] for each in logging["logs"]] == ["StorageRead", "StorageWrite", "StorageDelete"]
    assert one(graph, f"{STORAGE}:StorageAccount").inputs["publicNetworkAccess"] == "Disabled"
    endpoint = one(graph, "azure-native:network:PrivateEndpoint").inputs
    assert endpoint["privateLinkServiceConnections"][0]["groupIds"] == ["blob"]


def test_files_lie_below_their_checksums_and_belong_to_the_department() -> None:
    done = run_program(declared())
    blob = one(done.graph, f"{STORAGE}:Blob").inputs
    assert blob["blobName"] == "shop/sentiment/aaaaaaaaaaaaaaaa/sentiment/config.pbtxt"
    assert blob["metadata"]["cost_center"] == "CC-2000"
    name = one(done.graph, f"{STORAGE}:StorageAccount").inputs["accountName"]
    assert done.outputs["url"] == f"https://{name}.blob.core.windows.net/models/shop/sentiment"


def test_everything_that_takes_tags_has_its_owner() -> None:
    graph = graph_of(declared(kms_key=KEY, key_vault_id=VAULT, subscription_id=SUBSCRIPTION, private_subnet_id=SUBNET))
    tagged = [each for each in azure_resources(graph) if "tags" in each.inputs]
    assert sorted(each.type.rpartition(":")[2] for each in tagged) == [
        "PrivateEndpoint",
        "StorageAccount",
        "UserAssignedIdentity",
    ]
    for each in tagged:
        assert SHOP.aws_tags().items() <= each.inputs["tags"].items()


REFUSED = [
    (
        {"region": "westus", "zone_redundant": True},
        "zone_redundant: needs zones, and westus has none; write false, or delete it",
    ),
    (
        {"replica_region": "eastus"},
        "replica_region: Azure copies from 'westeurope' to 'northeurope' alone, not to 'eastus'; write northeurope",
    ),
    (
        {"region": "polandcentral", "replica_region": "westeurope"},
        "replica_region: Azure pairs 'polandcentral' with no region, so nothing is copied; delete it",
    ),
    ({"access_logs": True}, "log_analytics_id: is missing, and access_logs needs it; add it"),
    (
        {"kms_key": KEY, "subscription_id": SUBSCRIPTION},
        "key_vault_id: is missing, and kms_key needs it; add it",
    ),
    (
        {"lock": {"days": 1}, "force_destroy": True},
        "force_destroy would delete what lock keeps; delete one of the two (a locked store is left behind by pulumi "
        "destroy)",
    ),
]


@pytest.mark.parametrize(("args", "message"), REFUSED)
def test_what_azure_does_not_do_is_refused_before_any_resource(args: dict[str, Any], message: str) -> None:
    assert refusal(declared(**args)) == f"ModelStore prod-models-westeurope: {message}"
