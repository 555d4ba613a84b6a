"""Arguments of :class:`~modelyard.serving.azureml.registry.AzureMLRegistry`.

The annotations stay real objects (no postponed evaluation): Pulumi's component analyzer reads them.
"""

from collections.abc import Sequence
from typing import NotRequired, TypedDict

import pulumi

from modelyard.governance.ownership import OwnershipArgs


class AzureMLRegistryArgs(TypedDict):
    """A registry of models and environments that several workspaces share."""

    ownership: OwnershipArgs
    """Who pays: the platform."""
    registry_name: str
    """Name of the registry, 3 to 33 letters, digits, hyphens and underscores."""
    location: str
    """Azure location of the registry itself, for example westeurope."""
    replicas: NotRequired[Sequence[str]]
    """Further locations that workspaces use it in. Default: none."""
    resource_group: pulumi.Input[str]
    """Resource group; it must be there."""
    public_access: NotRequired[bool]
    """Whether it can be reached from the internet. Default: false."""
    zone_redundant: NotRequired[bool]
    """Whether its storage is kept in three zones. Default: false."""
