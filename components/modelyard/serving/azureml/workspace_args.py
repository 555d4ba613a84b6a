"""Arguments of :class:`~modelyard.serving.azureml.workspace.AzureMLWorkspace`.

The annotations stay real objects (no postponed evaluation): Pulumi's component analyzer reads them.
"""

from collections.abc import Mapping, Sequence
from typing import NotRequired, TypedDict

import pulumi

from modelyard.governance.ownership import OwnershipArgs


class AzureMLKeyArgs(TypedDict):
    """A key of one's own in Key Vault."""

    identifier: str
    """https://<vault>.vault.azure.net/keys/<name>/<version>"""
    vault_id: pulumi.Input[str]
    """Resource id of the vault, which has purge protection; the workspace may only wrap and unwrap with it."""


class AzureMLWorkspaceArgs(TypedDict):
    """A workspace of Azure Machine Learning with all that it needs."""

    ownership: OwnershipArgs
    """Who pays: the platform."""
    location: str
    """Azure location, for example westeurope."""
    subscription_id: str
    """Subscription of the resource group."""
    tenant_id: str
    """Microsoft Entra tenant, which the key vault asks for."""
    resource_group: pulumi.Input[str]
    """Resource group; it must be there."""
    workspace_name: NotRequired[str]
    """Name of the workspace, 3 to 33 letters, digits, hyphens and underscores. Default: environment and location."""
    public_access: NotRequired[bool]
    """Whether the workspace, its storage, vault and registry can be reached from the internet. Default: false."""
    isolation: NotRequired[str]
    """Managed network of what runs in the workspace: disabled, allow_internet_outbound or
    allow_only_approved_outbound. Default: allow_internet_outbound."""
    outbound_hosts: NotRequired[Sequence[str]]
    """Hosts that may be called with allow_only_approved_outbound, over ports 80 and 443. Default: none."""
    key: NotRequired[AzureMLKeyArgs]
    """Customer-managed key. Default: Microsoft's own keys."""
    private_subnet_id: NotRequired[pulumi.Input[str]]
    """Subnet that gets a private endpoint of the workspace. Default: none."""
    private_dns_zone_ids: NotRequired[Sequence[pulumi.Input[str]]]
    """Private DNS zones privatelink.api.azureml.ms and privatelink.notebooks.azure.net of the subnet's network.
    Default: none, names are somebody else's."""
    container_registry: NotRequired[bool]
    """Whether the workspace has a container registry. Default: true."""
    uploads: NotRequired[bool]
    """Whether the storage account takes its keys, which Pulumi uploads files with (pulumi-azure-native issue 2015),
    from inside its network unless public_access is true. false: whoever reads or writes asks Microsoft Entra.
    Default: true."""
    zone_redundant: NotRequired[bool]
    """Whether storage and registry are kept in three zones. Default: false."""
    expire_captured_days: NotRequired[Mapping[str, int]]
    """By name of the endpoint, days after which what it has captured is deleted. Default: nothing is."""
    log_days: NotRequired[int]
    """How long logs are kept, 30 to 730 days. Default: 30."""
