"""With which key of Key Vault a cluster of AKS encrypts its secrets.

Follows "Add Key Management Service etcd encryption to an Azure Kubernetes Service cluster".
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from hashlib import sha256
from typing import Any

import pulumi

from ...environment.cluster import Cluster
from ...governance.azure_sdk import azure
from ...governance.ownership import Ownership

_RETENTION_DAYS = 90
_LETTERS, _DIGITS = 8, 8
"""Of the vault's name before the eight digits that Pulumi adds: it has 24 characters in the whole world."""


@dataclass(frozen=True, slots=True)
class SecretsKey:
    id: pulumi.Input[str]
    """With its version."""
    vault_id: pulumi.Input[str]
    private: bool
    """Whether the vault has no public address."""
    vault: Any = None
    """The vault, where it was made."""

    def profile(self) -> dict[str, Any]:
        """``azureKeyVaultKms`` of the cluster's security profile."""
        told = {"enabled": True, "keyId": self.id, "keyVaultNetworkAccess": "Private" if self.private else "Public"}
        return {**told, "keyVaultResourceId": self.vault_id} if self.private else told


def secrets_key(
    name: str, declared: Cluster, tenant_id: pulumi.Input[str], ownership: Ownership, parent: pulumi.Resource
) -> SecretsKey | None:
    """The key that is declared, or one in a vault of the cluster's own; None where secrets are not to be encrypted."""
    aks = declared.aks
    if not aks.encrypt_secrets:
        return None
    if aks.kms_key is not None and aks.key_vault_id is not None:
        return SecretsKey(aks.kms_key, aks.key_vault_id, aks.key_vault_private)
    vault = _vault(name, declared, tenant_id, ownership, parent)
    key = azure("ServingCluster", "keyvault").Key(
        name,
        key_name=f"secrets-{aks.key_generation}",
        vault_name=vault.name,
        resource_group_name=aks.resource_group,
        properties={"kty": "RSA", "keySize": 3072, "keyOps": ["encrypt", "decrypt", "wrapKey", "unwrapKey"]},
        tags=ownership.aws_tags(),
        # What a key encrypted is lost with it, and AKS reads with the key before this one too. It goes with its vault.
        opts=pulumi.ResourceOptions(parent=parent, retain_on_delete=True),
    )
    return SecretsKey(key.key_uri_with_version, vault.id, private=False, vault=vault)


def _vault(
    name: str, declared: Cluster, tenant_id: pulumi.Input[str], ownership: Ownership, parent: pulumi.Resource
) -> Any:
    """Open to any network, as AKS needs it without the API's own subnet, and to the cluster's identity alone. What is
    deleted stays for 90 days, and nobody can shorten that."""
    letters = re.sub("[^a-z0-9]", "", name.lower())[:_LETTERS]
    return azure("ServingCluster", "keyvault").Vault(
        letters + sha256(name.encode()).hexdigest()[:_DIGITS],
        resource_group_name=declared.aks.resource_group,
        location=declared.region,
        properties={
            "tenantId": tenant_id,
            "sku": {"family": "A", "name": "standard"},
            "enableRbacAuthorization": True,
            "enableSoftDelete": True,
            "softDeleteRetentionInDays": _RETENTION_DAYS,
            "enablePurgeProtection": True,
            "publicNetworkAccess": "Enabled",
            "networkAcls": {"bypass": "AzureServices", "defaultAction": "Allow"},
        },
        tags=ownership.aws_tags(),
        opts=pulumi.ResourceOptions(parent=parent, protect=declared.deletion_protection or None),
    )
