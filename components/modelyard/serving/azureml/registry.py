"""A registry of models and environments, as a Pulumi component."""

import pulumi

from modelyard.governance.azure_sdk import azure
from modelyard.serving.azureml.registry_args import AzureMLRegistryArgs
from modelyard.serving.azureml.registry_declaration import registry_declaration


class AzureMLRegistry(pulumi.ComponentResource):
    """A registry that several workspaces share: what was tried in one is served by another, byte by byte.

    Takes the provider of azure-native from ``opts``.

    Raises:
        InvalidEnvironment: arguments do not fit; before any resource is registered.
        NoAzureSdk: pulumi-azure-native is not installed.
    """

    registry_name: pulumi.Output[str]
    """Name of the registry, known once it is there."""
    registry_id: pulumi.Output[str]
    """Resource id of the registry."""

    def __init__(self, name: str, args: AzureMLRegistryArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        declared = registry_declaration(name, args)
        tags = declared.owner.aws_tags()
        learning = azure("AzureMLRegistry", "machinelearningservices")
        super().__init__("modelyard:index:AzureMLRegistry", name, {}, opts)
        made = learning.Registry(
            name,
            registry_name=declared.registry_name,
            resource_group_name=declared.resource_group,
            location=declared.location,
            identity={"type": "SystemAssigned"},
            public_network_access="Enabled" if declared.public_access else "Disabled",
            region_details=declared.region_details,
            tags=tags,
            opts=pulumi.ResourceOptions(parent=self),
        )
        self.registry_name = made.name
        self.registry_id = made.id
        self.register_outputs({"registryName": self.registry_name, "registryId": self.registry_id})
