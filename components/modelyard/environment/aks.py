"""What only a cluster of AKS has."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field, StringConstraints, model_validator

from .aks_nodes import AksNodes
from .azure_resource_kind import of_another_kind
from .declaration import Declaration
from .patterns import (
    AZURE_GROUP_PATTERN,
    AZURE_RESOURCE_PATTERN,
    AZURE_SUBNET_PATTERN,
    KEY_VAULT_KEY_PATTERN,
    TIME_OF_DAY_PATTERN,
    UTC_OFFSET_PATTERN,
    UUID_PATTERN,
)

_KINDS = {
    "key_vault_id": "Microsoft.KeyVault/vaults",
    "private_dns_zone_id": "Microsoft.Network/privateDnsZones",
    "disk_encryption_set_id": "Microsoft.Compute/diskEncryptionSets",
    "log_analytics_workspace_id": "Microsoft.OperationalInsights/workspaces",
}


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
    encrypt_secrets: bool = True
    """Whether the cluster's secrets are encrypted with a key of Key Vault: kms_key, or one in a vault that is made."""
    key_generation: Annotated[int, Field(ge=1, le=9999)] = 1
    """Of the key that is made: one more is another key. Write all secrets again afterwards, or the change after the
    next one loses them."""
    kms_key: Annotated[str, StringConstraints(pattern=KEY_VAULT_KEY_PATTERN)] | None = None
    """A key of one's own for the cluster's secrets, with its version. Default: one in a vault that is made."""
    key_vault_id: Annotated[str, StringConstraints(pattern=AZURE_RESOURCE_PATTERN)] | None = None
    """Resource id of that vault; needed beside kms_key."""
    key_vault_private: bool = False
    """Whether that vault has no public address; needs api_server_subnet_id."""
    api_server_subnet_id: Annotated[str, StringConstraints(pattern=AZURE_SUBNET_PATTERN)] | None = None
    """Resource id of a subnet of the nodes' network, a /28 or larger, delegated to
    Microsoft.ContainerService/managedClusters: the API's own addresses are there. Default: a tunnel or private link of
    AKS. It is for life, and a cluster that is there has to be restarted at once."""
    private_dns_zone_id: Annotated[str, StringConstraints(pattern=AZURE_RESOURCE_PATTERN)] | None = None
    """Private DNS zone privatelink.<location>.azmk8s.io that gets the API's name. Default: one that AKS makes."""
    disk_encryption_set_id: Annotated[str, StringConstraints(pattern=AZURE_RESOURCE_PATTERN)] | None = None
    """Whose key encrypts the nodes' disks. Default: Microsoft's own key."""
    encrypt_disks: bool = False
    """Whether the disks of nodes and of the platform's own pods have a key that is made, beside that of the secrets;
    for the cluster's life."""
    log_analytics_workspace_id: Annotated[str, StringConstraints(pattern=AZURE_RESOURCE_PATTERN)] | None = None
    """Where the control plane's logs go. Default: a workspace of the cluster's own."""
    container_insights: bool = False
    """Whether Azure Monitor collects containers' logs and Kubernetes' events into that workspace."""
    managed_prometheus: bool = False
    """Whether Azure Monitor's managed Prometheus collects metrics too, into a workspace of the cluster's own; alerts
    and autoscaling keep to the cluster's own Prometheus."""
    azure_policy: bool = False
    """Whether Azure Policy judges pods, with the policies that are assigned to the subscription."""
    defender: bool = False
    """Whether Microsoft Defender watches the nodes."""
    image_cleaner_hours: Annotated[int, Field(ge=24, le=2160)] | None = 168
    """Unused vulnerable images are removed from nodes at this interval; null turns it off."""
    cost_analysis: bool = True
    """Whether Azure shows the cost of each namespace; not with tier free."""
    maintenance: MaintenanceWindow | None = MaintenanceWindow()
    """When AKS may upgrade Kubernetes and exchange nodes by itself; null: at any time."""
    nodes: AksNodes = AksNodes()
    """Of the system nodes, and of every pool that says nothing of its own."""
    retire_first_nodes: bool = False
    """Whether the system nodes that the cluster began with go, once a pool of cpu_pools with system: true is there to
    take their place."""

    @model_validator(mode="after")
    def _goes_together(self) -> Aks:
        found = [*of_another_kind({key: getattr(self, key) for key in _KINDS}, _KINDS)]
        if (self.kms_key is None) != (self.key_vault_id is None):
            missing = "kms_key" if self.kms_key is None else "key_vault_id"
            found.append(f"kms_key and key_vault_id go together, and {missing} is missing; add it")
        found += self._of_the_key()
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

    def _of_the_key(self) -> list[str]:
        found = []
        if self.kms_key is not None and self.key_vault_id is not None:
            vault, named = self.kms_key.removeprefix("https://").partition(".")[0], self.key_vault_id.rpartition("/")[2]
            if vault.lower() != named.lower():
                found.append(
                    f"key_vault_id names the vault {named!r}, and kms_key is in {vault!r}; write the id of that vault"
                )
        if not self.encrypt_secrets and self.kms_key is not None:
            found.append("kms_key is for encrypted secrets, and encrypt_secrets is false; delete one of the two")
        if self.key_generation > 1 and (self.kms_key is not None or not self.encrypt_secrets):
            found.append(
                f"key_generation is {self.key_generation}, of the key that is made, and none is; delete it"
                + (", and write the new version in kms_key" if self.kms_key is not None else "")
            )
        if self.encrypt_disks and self.disk_encryption_set_id is not None:
            found.append(
                "disk_encryption_set_id names a key for disks, and encrypt_disks makes one; delete one of the two"
            )
        elif self.encrypt_disks and (self.kms_key is not None or not self.encrypt_secrets):
            why = "encrypt_secrets is false" if not self.encrypt_secrets else "kms_key names one of your own"
            found.append(
                f"encrypt_disks makes a key beside that of the secrets, and {why}; write disk_encryption_set_id instead"
            )
        if self.key_vault_private and self.kms_key is None:
            found.append("key_vault_private is of the vault of kms_key, which is missing; add it, or delete this")
        elif self.key_vault_private and self.api_server_subnet_id is None:
            found.append(
                "key_vault_private needs api_server_subnet_id: AKS reaches a vault without a public address from there "
                "alone; add it"
            )
        return found
