"""Arguments of a registry, checked and completed."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Any

from pydantic import StringConstraints, model_validator

from ...environment.declaration import Declaration
from ...environment.patterns import AZURE_LOCATION_PATTERN
from ...governance.arguments import read_arguments
from ...governance.ownership import Ownership
from .registry_args import AzureMLRegistryArgs
from .workspace_declaration import ResourceName

Location = Annotated[str, StringConstraints(pattern=AZURE_LOCATION_PATTERN)]


class AzureMLRegistryDeclaration(Declaration):
    """Same keys as :class:`~modelyard.serving.azureml.registry_args.AzureMLRegistryArgs`."""

    ownership: Mapping[str, Any]
    registry_name: ResourceName
    location: Location
    replicas: list[Location] = []
    resource_group: Any
    public_access: bool = False
    zone_redundant: bool = False

    @property
    def owner(self) -> Ownership:
        return Ownership.of(self.ownership)  # type: ignore[arg-type]

    @property
    def region_details(self) -> list[dict[str, Any]]:
        """``regionDetails``: in each location a container registry and a storage account, which Azure makes."""
        kind = "Standard_ZRS" if self.zone_redundant else "Standard_LRS"
        storage = {"storageAccountType": kind, "storageAccountHnsEnabled": False, "allowBlobPublicAccess": False}
        return [
            {
                "location": location,
                "acrDetails": [{"systemCreatedAcrAccount": {"acrAccountSku": "Premium"}}],
                "storageAccountDetails": [{"systemCreatedStorageAccount": dict(storage)}],
            }
            for location in (self.location, *self.replicas)
        ]

    @model_validator(mode="after")
    def _each_once(self) -> AzureMLRegistryDeclaration:
        places = [self.location, *self.replicas]
        twice = sorted({place for place in places if places.count(place) > 1})
        if twice:
            raise ValueError(f"{', '.join(twice)} is named more than once among location and replicas; delete one")
        return self


def registry_declaration(name: str, args: AzureMLRegistryArgs) -> AzureMLRegistryDeclaration:
    """The arguments with their defaults.

    Raises:
        InvalidEnvironment: unknown keys, missing keys or values that do not fit, all at once.
    """
    return read_arguments(AzureMLRegistryDeclaration, args, AzureMLRegistryArgs, f"AzureMLRegistry {name}")
