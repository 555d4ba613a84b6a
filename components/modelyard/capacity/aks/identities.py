"""Who a cluster of AKS is to Azure: its control plane and its nodes.

Follows "Use a managed identity in AKS" and "Use a pre-created kubelet managed identity" of the AKS documentation.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import pulumi

from ...environment.aks import Aks
from ...governance.azure_sdk import azure
from ...governance.ownership import Ownership
from .disk_key import DiskKey
from .roles import (
    CRYPTO_USER,
    DNS_ZONE_CONTRIBUTOR,
    IDENTITY_OPERATOR,
    NETWORK_CONTRIBUTOR,
    READER,
    VAULT_CONTRIBUTOR,
    role_assignment,
)
from .secrets_key import SecretsKey


@dataclass(frozen=True, slots=True)
class Identities:
    control_plane: Any
    kubelet: Any
    """Of nodes: pulls images."""
    granted: Sequence[pulumi.Resource]
    """What the control plane has to be allowed before the cluster is made."""


def identities(
    name: str,
    *,
    declared: Aks,
    location: str,
    subnet_id: pulumi.Input[str] | None,
    subscription_id: pulumi.Input[str],
    key: SecretsKey | None,
    disks: DiskKey,
    ownership: Ownership,
    parent: pulumi.Resource,
) -> Identities:
    """Two managed identities; that of the control plane may no more than the cluster needs."""
    opts = pulumi.ResourceOptions(parent=parent)

    def identity(part: str) -> Any:
        return azure("ServingCluster", "managedidentity").UserAssignedIdentity(
            f"{name}-{part}",
            resource_group_name=declared.resource_group,
            location=location,
            tags=ownership.aws_tags(),
            opts=opts,
        )

    control_plane, kubelet = identity("control-plane"), identity("kubelet")
    wanted: list[tuple[str, str, pulumi.Input[str] | None]] = [
        ("kubelet", IDENTITY_OPERATOR, kubelet.id),
        ("subnet", NETWORK_CONTRIBUTOR, subnet_id),
        ("api-subnet", NETWORK_CONTRIBUTOR, declared.api_server_subnet_id),
        ("dns-zone", DNS_ZONE_CONTRIBUTOR, declared.private_dns_zone_id),
        ("dns-link", NETWORK_CONTRIBUTOR, _network_of(subnet_id) if declared.private_dns_zone_id is not None else None),
        ("key", CRYPTO_USER, None if key is None else key.vault_id),
        ("key-link", VAULT_CONTRIBUTOR, key.vault_id if key is not None and key.private else None),
        ("disks", READER, disks.set_id),
    ]
    granted = [
        role_assignment(
            f"{name}-{what}",
            role,
            principal_id=control_plane.principal_id,
            scope=scope,
            subscription_id=subscription_id,
            opts=opts,
        )
        for what, role, scope in wanted
        if scope is not None
    ]
    return Identities(control_plane, kubelet, [*granted, *disks.granted])


def _network_of(subnet_id: pulumi.Input[str] | None) -> pulumi.Output[str] | None:
    """To which AKS links a zone of one's own, even where a hub has linked it already ("Create a private AKS
    cluster")."""
    if subnet_id is None:
        return None
    return pulumi.Output.from_input(subnet_id).apply(lambda known: known.rpartition("/subnets/")[0])
