"""The Cloud KMS key of a GKE cluster: its own, or one that is named.

Follows "Encrypt secrets at the application layer" and "Use customer-managed encryption keys" of the GKE documentation.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import pulumi

from ...environment.gke import Gke
from ...governance.google_sdk import google
from ...governance.known_after import known_after
from ...governance.logical_name import logical_name
from ...governance.ownership import Ownership
from .node_account import NodeAccount

_COMPONENT = "ServingCluster"
_NAME_LIMIT = 63 - 8
"""Key rings and keys have at most 63 characters ("KeyRing" of the Cloud KMS API reference)."""
_ROTATION = f"{90 * 86400}s"
"""What the CIS benchmark of Google Cloud asks for; older versions go on decrypting."""
_BEFORE_DESTRUCTION = f"{30 * 86400}s"
"""What a lost key encrypted is lost with it."""
_ROLE = "roles/cloudkms.cryptoKeyEncrypterDecrypter"
_GKE, _COMPUTE = "container-engine-robot", "compute-system"
"""Whose service agents encrypt secrets and disks."""


@dataclass(frozen=True, slots=True)
class ClusterKey:
    secrets: pulumi.Input[str]
    """Id of the key."""
    usable: Sequence[pulumi.Resource]
    """What lets GKE use it."""
    disks: pulumi.Output[str] | None
    """The same, known once Compute Engine may use it; None where disks have Google's own key."""


def cluster_key(
    name: str, gke: Gke, *, region: str, account: NodeAccount, ownership: Ownership, parent: pulumi.Resource
) -> ClusterKey:
    """Ring and key are autonamed: Google Cloud deletes neither, and a cluster of the same name gets others."""
    child = pulumi.ResourceOptions(parent=parent)
    key = gke.kms_key or _own_key(name, gke.project, region, ownership, child)
    number = (
        google(_COMPONENT, "organizations")
        .get_project_output(project_id=account.project, opts=pulumi.InvokeOptions(parent=parent))
        .number
    )

    def grant(grant_name: str, agent: str) -> pulumi.Resource:
        return google(_COMPONENT, "kms").CryptoKeyIAMMember(
            grant_name,
            crypto_key_id=key,
            role=_ROLE,
            member=pulumi.Output.concat("serviceAccount:service-", number, f"@{agent}.iam.gserviceaccount.com"),
            opts=child,
        )

    usable, disks = [grant(f"{name}-key", _GKE)], None
    if gke.encrypt_disks:
        disks = known_after(pulumi.Output.from_input(key), [grant(f"{name}-disks-key", _COMPUTE)])
    return ClusterKey(key, usable, disks)


def _own_key(
    name: str, project: str | None, region: str, ownership: Ownership, child: pulumi.ResourceOptions
) -> pulumi.Output[str]:
    kms: Any = google(_COMPONENT, "kms")
    short = logical_name(name, limit=_NAME_LIMIT)
    ring = kms.KeyRing(short, project=project, location=region, opts=child)
    key = kms.CryptoKey(
        short,
        key_ring=ring.id,
        purpose="ENCRYPT_DECRYPT",
        rotation_period=_ROTATION,
        destroy_scheduled_duration=_BEFORE_DESTRUCTION,
        labels=ownership.gcp_labels(),
        opts=child,
    )
    return key.id
