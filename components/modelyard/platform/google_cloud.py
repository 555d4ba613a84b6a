"""What an environment has in Google Cloud for models at Vertex AI: a provider and a bucket for models in each region,
and what departments put into it."""

from __future__ import annotations

import os
from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

import pulumi

from ..environment.managed import ManagedGcp
from ..environment.platform import Platform
from ..governance.google_sdk import NoGcpSdk
from ..governance.known_after import known_after
from ..governance.ownership import Ownership
from ..registry.gcs_store import gcs_protection
from ..registry.model_upload import model_prefix
from ..repository.repository import RepositoryFile
from ..resolve.names import bucket_name
from .handles import GoogleHandle

if TYPE_CHECKING:
    import pulumi_gcp


def google_provider(
    project: str | None,
    region: str,
    ownership: Ownership,
    parent: pulumi.Resource,
    name: str | None = None,
    needed_by: str = "target vertex",
) -> Any:
    """One for each region, so that nothing lands in a default one.

    Args:
        project: id of the project.
        region: of everything that is made by it.
        ownership: labels of all of it.
        parent: the environment.
        name: logical name. Default: ``modelyard-gcp-<region>``.
        needed_by: what an error says.

    Raises:
        NoGcpSdk: pulumi-gcp is not installed.
    """
    return sdk(needed_by).Provider(
        name or f"modelyard-gcp-{region}",
        project=project,
        region=region,
        default_labels=ownership.gcp_labels(),
        opts=pulumi.ResourceOptions(parent=parent),
    )


def declare_google(platform: Platform, ownership: Ownership, parent: pulumi.Resource) -> dict[str, GoogleHandle]:
    """Everything that the foundation has there, by region: buckets are versioned, closed to the public, and encrypted
    with the region's key where one is declared."""
    place = None if platform.managed is None else platform.managed.gcp
    if place is None:
        return {}
    found: dict[str, GoogleHandle] = {}
    for region in place.regions:
        provider = google_provider(place.project, region, ownership, parent)
        bucket = _bucket(platform, place, region, ownership, parent, provider).name
        found[region] = GoogleHandle(provider, bucket, platform.model_store.lock is not None)
    return found


def _bucket(
    platform: Platform,
    place: ManagedGcp,
    region: str,
    ownership: Ownership,
    parent: pulumi.Resource,
    provider: pulumi.ProviderResource,
) -> pulumi_gcp.storage.Bucket:
    store, key = platform.model_store, place.kms_keys.get(region)
    return sdk().storage.Bucket(
        f"{platform.environment}-models-{region}",
        name=bucket_name(platform.organization, platform.environment, region),
        location=region.upper(),
        uniform_bucket_level_access=True,
        public_access_prevention="enforced",
        **gcs_protection(store),
        encryption=None if key is None else {"default_kms_key_name": key},
        force_destroy=store.force_destroy,
        labels=ownership.gcp_labels(),
        opts=pulumi.ResourceOptions(
            parent=parent, provider=provider, retain_on_delete=True if store.lock is not None else None
        ),
    )


def upload_to_google(
    name: str,
    model: str,
    files: Iterable[tuple[str, RepositoryFile]],
    ownership: Ownership,
    handle: GoogleHandle,
    parent: pulumi.Resource,
) -> pulumi.Output[str]:
    """Objects below ``<department>/<model>/``, each at its place; gives ``gs://<bucket>/<department>/<model>``, known
    once all are there. An object never changes: another content has another place."""
    prefix = model_prefix(ownership.department, model)
    objects = [
        sdk().storage.BucketObject(
            f"{name}-{place}",
            bucket=handle.bucket,
            name=f"{prefix}/{place}",
            source=asset(file),
            opts=pulumi.ResourceOptions(
                parent=parent, provider=handle.provider, retain_on_delete=True if handle.locked else None
            ),
        )
        for place, file in files
    ]
    return known_after(pulumi.Output.concat("gs://", handle.bucket, f"/{prefix}"), objects)


def asset(file: RepositoryFile) -> pulumi.Asset:
    """A file as an upload takes it: by its path from where the program runs, since plans show it."""
    return pulumi.StringAsset(file.text or "") if file.path is None else pulumi.FileAsset(os.path.relpath(file.path))


def sdk(needed_by: str = "target vertex") -> Any:
    """pulumi_gcp.

    Args:
        needed_by: what an error says.

    Raises:
        NoGcpSdk: it is not installed.
    """
    try:
        import pulumi_gcp
    except ImportError:
        raise NoGcpSdk(needed_by) from None
    return pulumi_gcp
