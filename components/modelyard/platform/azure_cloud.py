"""What an environment has in Azure for models at Azure Machine Learning: a resource group, a workspace and its computes
in each location, and what departments put into their storage."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any, Protocol

import pulumi

from ..environment.managed import ManagedAzure
from ..environment.platform import Platform
from ..governance.known_after import known_after
from ..governance.ownership import Ownership
from ..registry.model_upload import model_prefix
from ..repository.repository import RepositoryFile
from ..resolve.names import azure_name
from .google_cloud import asset
from .handles import WORKSPACE_OUTPUTS, AzureHandle


class AzurePlace(Protocol):
    """Whose account it is: ``managed.azure``, or a cluster's."""

    @property
    def subscription_id(self) -> str | None: ...

    @property
    def tenant_id(self) -> str | None: ...


def azure_provider(
    place: AzurePlace,
    location: str,
    parent: pulumi.Resource,
    name: str | None = None,
    needed_by: str = "target azureml",
) -> Any:
    """One for each location.

    Args:
        place: subscription and tenant.
        location: of everything that is made by it.
        parent: the environment.
        name: logical name. Default: ``modelyard-azure-<location>``.
        needed_by: what an error says.

    Raises:
        NoAzureSdk: pulumi-azure-native is not installed.
    """
    from ..governance.azure_sdk import NoAzureSdk

    try:
        from pulumi_azure_native import Provider
    except ImportError:
        raise NoAzureSdk(needed_by) from None
    return Provider(
        name or f"modelyard-azure-{location}",
        subscription_id=place.subscription_id,
        tenant_id=place.tenant_id,
        location=location,
        opts=pulumi.ResourceOptions(parent=parent),
    )


def declare_azure(
    platform: Platform,
    ownership: Ownership,
    captured: Mapping[str, Mapping[str, int]],
    parent: pulumi.Resource,
) -> dict[str, AzureHandle]:
    """Everything that the foundation has there, by location.

    Args:
        platform: with the locations.
        ownership: the platform's.
        captured: by location, days by name of the endpoint after which what it captures is deleted.
        parent: of all resources.
    """
    place = None if platform.managed is None else platform.managed.azure
    if place is None:
        return {}
    providers = {location: azure_provider(place, location, parent) for location in place.regions}
    from ..governance.azure_sdk import azure

    first = place.regions[0]
    group = azure("AzureMLWorkspace", "resources").ResourceGroup(
        f"{platform.environment}-models",
        resource_group_name=place.resource_group,
        location=first,
        tags=ownership.aws_tags(),
        opts=pulumi.ResourceOptions(parent=parent, provider=providers[first]),
    )
    return {
        location: _declare_workspace(
            platform.environment, place, location, provider, group, ownership, captured.get(location, {}), parent
        )
        for location, provider in providers.items()
    }


def _declare_workspace(
    environment: str,
    place: ManagedAzure,
    location: str,
    provider: pulumi.ProviderResource,
    group: Any,
    ownership: Ownership,
    captured: Mapping[str, int],
    parent: pulumi.Resource,
) -> AzureHandle:
    from ..serving.azureml.workspace import AzureMLWorkspace

    within = pulumi.ResourceOptions(parent=parent, providers=[provider])
    name = azure_name(environment, location)
    arguments: Any = {
        "ownership": ownership.args(),
        "location": location,
        "subscription_id": place.subscription_id,
        "tenant_id": place.tenant_id,
        "resource_group": group.name,
        "public_access": place.public_access,
    }
    if captured:
        arguments["expire_captured_days"] = dict(captured)
    if location in place.keys:
        arguments["key"] = place.keys[location].model_dump()
    if location in place.private_subnets:
        arguments["private_subnet_id"] = place.private_subnets[location]
    made = AzureMLWorkspace(name, arguments, within)
    for cluster in place.arc_clusters.get(location, ()):
        from ..serving.azureml.kubernetes_compute import AzureMLKubernetesCompute

        told: Any = {
            "ownership": ownership.args(),
            "location": location,
            "resource_group": group.name,
            "workspace": made.workspace_name,
            **cluster.model_dump(exclude_none=True, exclude_unset=True),
        }
        AzureMLKubernetesCompute(f"{name}-{cluster.compute}", told, within)
    return AzureHandle(provider, {output: getattr(made, output) for output in WORKSPACE_OUTPUTS}, group.name)


def upload_to_azure(
    name: str,
    model: str,
    files: Iterable[tuple[str, RepositoryFile]],
    ownership: Ownership,
    place: ManagedAzure,
    handle: AzureHandle,
    parent: pulumi.Resource,
) -> pulumi.Output[str]:
    """Blobs below ``<department>/<model>/``, each at its place; gives the address of that folder, known once all are
    there. A blob never changes: another content has another place."""
    from ..governance.azure_sdk import azure

    prefix = model_prefix(ownership.department, model)
    account, container = handle.workspace["storage_account_name"], handle.workspace["model_container"]
    blobs = [
        azure("AzureMLEndpoint", "storage").Blob(
            f"{name}-{at}",
            account_name=account,
            container_name=container,
            resource_group_name=place.resource_group,
            blob_name=f"{prefix}/{at}",
            type="Block",
            source=asset(file),
            opts=pulumi.ResourceOptions(parent=parent, provider=handle.provider),
        )
        for at, file in files
    ]
    address = pulumi.Output.concat("https://", account, ".blob.core.windows.net/", container, f"/{prefix}")
    return known_after(address, blobs)
