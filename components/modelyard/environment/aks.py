"""What only a cluster of AKS has."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field, StringConstraints, model_validator

from .declaration import Declaration
from .patterns import (
    AZURE_GROUP_PATTERN,
    AZURE_RESOURCE_PATTERN,
    KEY_VAULT_KEY_PATTERN,
    TIME_OF_DAY_PATTERN,
    UTC_OFFSET_PATTERN,
    UUID_PATTERN,
)


class MaintenanceWindow(Declaration):
    """Hours of one day a week."""

    day: Literal["monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday"] = "sunday"
    start: Annotated[str, StringConstraints(pattern=TIME_OF_DAY_PATTERN)] = "01:00"
    hours: Annotated[int, Field(ge=4, le=24)] = 4
    utc_offset: Annotated[str, StringConstraints(pattern=UTC_OFFSET_PATTERN)] = "+00:00"
    """Of the local time in start; it does not follow summer time."""


class Aks(Declaration):
    """Settings of Azure Kubernetes Service."""

    subscription_id: Annotated[str, StringConstraints(pattern=UUID_PATTERN)] | None = None
    """Default: managed.azure.subscription_id."""
    tenant_id: Annotated[str, StringConstraints(pattern=UUID_PATTERN)] | None = None
    """Microsoft Entra tenant. Default: managed.azure.tenant_id."""
    resource_group: Annotated[str, StringConstraints(pattern=AZURE_GROUP_PATTERN)] | None = None
    """Default: managed.azure.resource_group."""
    tier: Literal["free", "standard", "premium"] = "standard"
    """free: no promised availability. premium: two years of support for a Kubernetes version."""
    upgrade_channel: Literal["none", "patch", "stable", "rapid", "node_image"] = "patch"
    """How soon AKS upgrades Kubernetes by itself."""
    node_os_upgrade_channel: Literal["none", "unmanaged", "security_patch", "node_image"] = "node_image"
    """How nodes get fixes of their system."""
    kms_key: Annotated[str, StringConstraints(pattern=KEY_VAULT_KEY_PATTERN)] | None = None
    """Key of Key Vault for the cluster's secrets, with its version. Default: Microsoft's own key."""
    key_vault_id: Annotated[str, StringConstraints(pattern=AZURE_RESOURCE_PATTERN)] | None = None
    """Resource id of that vault; needed beside kms_key."""
    disk_encryption_set_id: Annotated[str, StringConstraints(pattern=AZURE_RESOURCE_PATTERN)] | None = None
    """Whose key encrypts the nodes' disks. Default: Microsoft's own key."""
    log_analytics_workspace_id: Annotated[str, StringConstraints(pattern=AZURE_RESOURCE_PATTERN)] | None = None
    """Where the control plane's logs go. Default: a workspace of the cluster's own."""
    defender: bool = False
    """Whether Microsoft Defender watches the nodes."""
    image_cleaner_hours: Annotated[int, Field(ge=24, le=2160)] | None = 168
    """Unused vulnerable images are removed from nodes at this interval; null turns it off."""
    cost_analysis: bool = True
    """Whether Azure shows the cost of each namespace; not with tier free."""
    maintenance: MaintenanceWindow | None = MaintenanceWindow()
    """When AKS may upgrade Kubernetes and exchange nodes by itself; null: at any time."""

    @model_validator(mode="after")
    def _goes_together(self) -> Aks:
        found = []
        if (self.kms_key is None) != (self.key_vault_id is None):
            missing = "kms_key" if self.kms_key is None else "key_vault_id"
            found.append(f"kms_key and key_vault_id go together, and {missing} is missing; add it")
        if self.tier == "free" and self.cost_analysis and "cost_analysis" in self.model_fields_set:
            found.append("cost_analysis is not for tier free; delete it, or write tier: standard")
        os_channel = self.node_os_upgrade_channel
        if self.upgrade_channel == "node_image" and os_channel != "node_image":
            found.append(
                f"node_os_upgrade_channel is {os_channel}, and with upgrade_channel node_image AKS takes no other than "
                "node_image; delete it, or write upgrade_channel: patch"
            )
        if found:
            raise ValueError("; and ".join(found))
        return self
