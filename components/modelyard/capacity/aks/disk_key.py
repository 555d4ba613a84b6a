"""A key of Key Vault for the disks of a cluster of AKS.

Follows "Bring your own keys (BYOK) with Azure disks in AKS" and "Server-side encryption of Azure Disk Storage".
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import pulumi

from ...environment.cluster import Cluster
from ...governance.azure_sdk import azure
from ...governance.ownership import Ownership
from ...resolve.names import cluster_name
from .roles import DISK_KEY_USER, role_assignment
from .secrets_key import SecretsKey

_ROTATED_AFTER = "P365D"


@dataclass(frozen=True, slots=True)
class DiskKey:
    set_id: pulumi.Input[str] | None
    """Of the disk encryption set; None: Microsoft's own key."""
    granted: Sequence[pulumi.Resource] = ()
    """What the set has to be allowed before a disk is made."""


def disk_key(
    name: str,
    declared: Cluster,
    key: SecretsKey | None,
    subscription_id: pulumi.Input[str],
    ownership: Ownership,
    parent: pulumi.Resource,
) -> DiskKey:
    """The set that is declared, or one whose key lies beside that of the secrets and is rotated every year: a set
    encrypts disks anew by itself, unlike secrets."""
    aks = declared.aks
    if not aks.encrypt_disks or key is None:
        return DiskKey(aks.disk_encryption_set_id)
    place: dict[str, Any] = {"resource_group_name": aks.resource_group, "tags": ownership.aws_tags()}
    made = azure("ServingCluster", "keyvault").Key(
        f"{name}-disks",
        key_name="disks",
        vault_name=key.vault.name,
        properties={
            "kty": "RSA",
            "keySize": 3072,
            "keyOps": ["wrapKey", "unwrapKey"],
            "rotationPolicy": {
                "lifetimeActions": [{"action": {"type": "rotate"}, "trigger": {"timeAfterCreate": _ROTATED_AFTER}}]
            },
        },
        # As of the secrets' key: it goes with its vault.
        opts=pulumi.ResourceOptions(parent=parent, retain_on_delete=True),
        **place,
    )
    disks = azure("ServingCluster", "compute").DiskEncryptionSet(
        name,
        disk_encryption_set_name=cluster_name(ownership.environment, declared.name),
        location=declared.region,
        encryption_type="EncryptionAtRestWithCustomerKey",
        identity={"type": "SystemAssigned"},
        active_key={"keyUrl": made.key_uri_with_version, "sourceVault": {"id": key.vault_id}},
        rotation_to_latest_key_version_enabled=True,
        # The set moves to the newest version itself.
        opts=pulumi.ResourceOptions(parent=parent, ignore_changes=["activeKey.keyUrl"]),
        **place,
    )
    granted = role_assignment(
        f"{name}-disk-key",
        DISK_KEY_USER,
        principal_id=disks.identity.apply(lambda identity: identity.principal_id),
        scope=key.vault_id,
        subscription_id=subscription_id,
        opts=pulumi.ResourceOptions(parent=parent),
    )
    return DiskKey(disks.id, [granted])
