"""A model store in Azure Blob Storage. Follows the documentation of Azure Storage."""

from __future__ import annotations

from typing import Any

import pulumi

from ..catalog.regions import without_zones
from ..environment.model_store import ModelStore
from ..governance.azure_role import KEY_USER, role_definition_id
from ..governance.azure_sdk import azure
from ..governance.known_after import known_after
from ..governance.ownership import Ownership
from ..resolve.names import storage_account_name
from .made_store import MadeStore
from .model_store_args import ModelStoreArgs

_COMPONENT = "ModelStore"
_CONTAINER = "models"
_SOFT_DELETE_DAYS = 365
"""The longest that Azure keeps what was deleted."""


def blob_store(
    name: str, declared: ModelStore, args: ModelStoreArgs, ownership: Ownership, child: pulumi.ResourceOptions
) -> MadeStore:
    """A storage account with one container, and what guards it."""
    storage: Any = azure(_COMPONENT, "storage")
    group, account_name = args.get("resource_group", ""), _account_name(args, ownership)
    place = {"resource_group_name": group, "location": args["region"], "tags": ownership.aws_tags()}
    account = storage.StorageAccount(
        name,
        account_name=account_name,
        **place,
        kind="StorageV2",
        sku={"name": _redundancy(args)},
        minimum_tls_version="TLS1_2",
        enable_https_traffic_only=True,
        allow_blob_public_access=False,
        allow_shared_key_access=args.get("shared_keys", True),
        default_to_o_auth_authentication=True,
        allow_cross_tenant_replication=False,
        public_network_access="Enabled" if args.get("public_network", True) else "Disabled",
        immutable_storage_with_versioning=_lock(declared),
        **_key(name, args, place, child),
        opts=child,
    )
    here: dict[str, Any] = {"account_name": account.name, "resource_group_name": group}
    service = storage.BlobServiceProperties(
        name,
        blob_services_name="default",
        **here,
        is_versioning_enabled=True,
        delete_retention_policy={"enabled": True, "days": min(declared.expire_old_versions_days, _SOFT_DELETE_DAYS)},
        container_delete_retention_policy={
            "enabled": True,
            "days": min(declared.expire_old_versions_days, _SOFT_DELETE_DAYS),
        },
        opts=child,
    )
    # Versions are expired only where there are any.
    versioned = pulumi.ResourceOptions.merge(child, pulumi.ResourceOptions(depends_on=[service]))
    lifecycle = storage.ManagementPolicy(
        name,
        management_policy_name="default",
        **here,
        policy={"rules": [_old_versions(declared)]},
        opts=versioned,
    )
    container = storage.BlobContainer(name, container_name=_CONTAINER, **here, public_access="None", opts=versioned)
    if declared.access_logs:
        _access_logs(name, account, args, child)
    if "private_subnet_id" in args:
        _private_endpoint(name, account, args, place, child)
    ready = known_after(container.name, [lifecycle])
    url = pulumi.Output.concat("https://", account.name, ".blob.core.windows.net/", ready)
    return MadeStore(ready, url, account.id, pulumi.Output.from_input(args.get("kms_key", "")), account.name)


def _account_name(args: ModelStoreArgs, ownership: Ownership) -> str:
    return storage_account_name(args["organization"], ownership.environment, args["region"])


def _redundancy(args: ModelStoreArgs) -> str:
    zones = args.get("zone_redundant", not without_zones("azure", args["region"]))
    kind = "ZRS" if zones else "LRS"
    if "replica_region" in args:
        kind = {"ZRS": "GZRS", "LRS": "GRS"}[kind]
    return f"Standard_{kind}"


def _lock(declared: ModelStore) -> dict[str, Any] | None:
    """Unlocked can be shortened by who may; Locked by nobody ("Version-level WORM policies")."""
    if declared.lock is None:
        return None
    return {
        "enabled": True,
        "immutability_policy": {
            "state": "Locked" if declared.lock.mode == "compliance" else "Unlocked",
            "immutability_period_since_creation_in_days": declared.lock.days,
            "allow_protected_append_writes": False,
        },
    }


def _key(name: str, args: ModelStoreArgs, place: dict[str, Any], child: pulumi.ResourceOptions) -> dict[str, Any]:
    """Identity and encryption, once the identity may use the key."""
    key, vault = args.get("kms_key"), args.get("key_vault_id")
    if key is None or vault is None:
        return {}
    identity = azure(_COMPONENT, "managedidentity").UserAssignedIdentity(name, **place, opts=child)
    granted = azure(_COMPONENT, "authorization").RoleAssignment(
        f"{name}-key",
        principal_id=identity.principal_id,
        principal_type="ServicePrincipal",
        role_definition_id=role_definition_id(args.get("subscription_id", ""), KEY_USER),
        scope=vault,
        opts=child,
    )
    usable = known_after(identity.id, [granted])
    vault_uri, _, key_name = key.partition("/keys/")
    return {
        "identity": {"type": "UserAssigned", "user_assigned_identities": [usable]},
        "encryption": {
            "key_source": "Microsoft.Keyvault",
            "key_vault_properties": {"key_vault_uri": vault_uri, "key_name": key_name},
            "encryption_identity": {"encryption_user_assigned_identity": usable},
            "services": {"blob": {"enabled": True, "key_type": "Account"}},
        },
    }


def _old_versions(declared: ModelStore) -> dict[str, Any]:
    version: dict[str, Any] = {"delete": {"daysAfterCreationGreaterThan": declared.expire_old_versions_days}}
    if declared.archive_old_versions_days is not None:
        version["tierToCold"] = {"daysAfterCreationGreaterThan": declared.archive_old_versions_days}
    return {
        "name": "old-versions",
        "enabled": True,
        "type": "Lifecycle",
        "definition": {"filters": {"blobTypes": ["blockBlob"]}, "actions": {"version": version}},
    }


def _access_logs(name: str, account: Any, args: ModelStoreArgs, child: pulumi.ResourceOptions) -> None:
    """Reads, writes and deletions go to Log Analytics, whose workspace says how long they stay."""
    azure(_COMPONENT, "monitor").DiagnosticSetting(
        name,
        name="access",
        resource_uri=pulumi.Output.concat(account.id, "/blobServices/default"),
        workspace_id=args.get("log_analytics_id"),
        logs=[{"category": each, "enabled": True} for each in ("StorageRead", "StorageWrite", "StorageDelete")],
        opts=child,
    )


def _private_endpoint(
    name: str, account: Any, args: ModelStoreArgs, place: dict[str, Any], child: pulumi.ResourceOptions
) -> None:
    azure(_COMPONENT, "network").PrivateEndpoint(
        name,
        **place,
        subnet={"id": args.get("private_subnet_id")},
        private_link_service_connections=[{"name": name, "privateLinkServiceId": account.id, "groupIds": ["blob"]}],
        opts=child,
    )
