"""Roles of Azure that a cluster's identities and its pods have: ``catalog/data/aks_roles.csv`` and, of stores,
``azureml_roles.csv``."""

from __future__ import annotations

from typing import Any

import pulumi

from ...catalog.table import rows
from ...governance.azure_sdk import azure

BLOB_READER = "Storage Blob Data Reader"
CLUSTER_ADMIN = "Azure Kubernetes Service RBAC Cluster Admin"
CRYPTO_USER = "Key Vault Crypto User"
DISK_KEY_USER = "Key Vault Crypto Service Encryption User"
DNS_ZONE_CONTRIBUTOR = "Private DNS Zone Contributor"
IDENTITY_OPERATOR = "Managed Identity Operator"
NETWORK_CONTRIBUTOR = "Network Contributor"
READER = "Reader"
VAULT_CONTRIBUTOR = "Key Vault Contributor"
_TABLES = ("aks_roles.csv", "azureml_roles.csv")


def role_assignment(
    name: str,
    role: str,
    *,
    principal_id: pulumi.Input[str],
    scope: pulumi.Input[str],
    subscription_id: pulumi.Input[str],
    principal_type: str | None = "ServicePrincipal",
    condition: str | None = None,
    opts: pulumi.ResourceOptions,
) -> Any:
    """Lets somebody do what a built-in role allows.

    Args:
        name: logical name.
        role: of the table.
        principal_id: object id of who may.
        scope: resource id of where.
        subscription_id: in which the role's definition is named.
        principal_type: ``ServicePrincipal`` (managed identities too), ``Group`` or ``User``; None: not known.
        condition: on what of the scope, in the language of role assignment conditions; None: all of it.
        opts: parent and so on.

    Raises:
        KeyError: the table has no such role.
    """
    ids = {row["role"]: row["id"] for table in _TABLES for row in rows(table)}
    known: dict[str, Any] = {} if principal_type is None else {"principal_type": principal_type}
    if condition is not None:
        known |= {"condition": condition, "condition_version": "2.0"}
    return azure("ServingCluster", "authorization").RoleAssignment(
        name,
        principal_id=principal_id,
        role_definition_id=pulumi.Output.concat(
            "/subscriptions/", subscription_id, "/providers/Microsoft.Authorization/roleDefinitions/", ids[role]
        ),
        scope=scope,
        opts=opts,
        **known,
    )
