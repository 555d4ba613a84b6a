"""The model store and the image registry of each region that has a cluster, on its cloud."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import pulumi

from ..environment.platform import Platform
from ..environment.target import Cloud
from ..governance.ownership import Ownership
from ..registry.container_registry import PULLERS, ContainerRegistry
from ..registry.model_store import ModelStore
from ..resolve.image_registry import in_region, replicas_in
from ..resolve.names import acr_name
from ..resolve.storage import log_workspace, storage_places
from ..resolve.unused import of_others
from .handles import GoogleHandle, StoreHandle

Within = Callable[[Cloud, str], pulumi.ResourceOptions]
"""Options with the parent and the provider of a cloud's region."""


def declare_stores(
    platform: Platform,
    ownership: Ownership,
    within: Within,
    google: Mapping[str, GoogleHandle],
    captured: Mapping[str, Mapping[str, int]] = {},
    groups: Mapping[str, pulumi.Input[str]] = {},
) -> dict[str, StoreHandle]:
    """By region. Where Vertex AI has a bucket for models in a region of Google Cloud, clusters there share it.

    Args:
        platform: as declared.
        ownership: the platform's.
        within: options of what is made in a place.
        google: what Vertex AI has, by region.
        captured: by region of AWS, days by folder after which what endpoints captured there is deleted.
        groups: by location, the resource group on Azure, where this program makes it.
    """
    found: dict[str, StoreHandle] = {}
    for cloud, region in storage_places(platform):
        if cloud == "gcp" and region in google:
            bucket = google[region].bucket
            nothing = pulumi.Output.from_input("")
            url = pulumi.Output.concat("gs://", bucket)
            found[region] = StoreHandle(bucket, nothing, "gcp", url, locked=platform.model_store.lock is not None)
            continue
        arguments: Any = {
            **store_arguments(platform, cloud, region, ownership),
            **_told(captured, groups, cloud, region),
        }
        made = ModelStore(
            f"{platform.environment}-models-{region}",
            arguments,
            within(cloud, region),
        )
        found[region] = StoreHandle(
            made.bucket,
            made.kms_key_arn,
            cloud,
            made.url,
            account=made.account if cloud == "azure" else None,
            resource_group=groups.get(region) or _place(platform, cloud, region).get("resource_group"),
            locked=platform.model_store.lock is not None,
        )
    return found


def declare_registries(
    platform: Platform,
    ownership: Ownership,
    within: Within,
    pullers: Mapping[str, Mapping[str, pulumi.Input[str]]] = {},
    groups: Mapping[str, pulumi.Input[str]] = {},
) -> dict[str, ContainerRegistry]:
    """By region.

    Args:
        platform: as declared.
        ownership: the platform's.
        within: options of what is made in a place.
        groups: by location, the resource group on Azure, where this program makes it.
        pullers: by region and name, who may pull beside whom the cloud lets: role ARNs of other accounts, service
            accounts of nodes on Google Cloud, object ids of kubelets' identities on Azure.
    """
    found: dict[str, ContainerRegistry] = {}
    defended: set[str | None] = set()
    # Where a cluster is, the repositories are declared; elsewhere the first registry says how copies are kept.
    settled = {region for _, region in storage_places(platform)}
    for cloud, region in storage_places(platform):
        arguments: Any = {
            **registry_arguments(platform, cloud, region, ownership, pullers.get(region, {})),
            **_told({}, groups, cloud, region),
        }
        if cloud == "azure":
            # A subscription has one plan of Defender, however many registries.
            arguments["acr"]["defender"] &= arguments.get("subscription_id") not in defended
            defended.add(arguments.get("subscription_id"))
        copies = replicas_in(platform.image_registry, "aws", region) if cloud == "aws" else []
        if copies:
            arguments["replica_templates"] = [each for each in copies if each not in settled]
            settled.update(copies)
        found[region] = ContainerRegistry(f"{platform.environment}-images-{region}", arguments, within(cloud, region))
    return found


def _told(
    captured: Mapping[str, Mapping[str, int]], groups: Mapping[str, pulumi.Input[str]], cloud: Cloud, region: str
) -> Any:
    """What only the program knows of a place."""
    if cloud == "azure":
        return {"resource_group": groups[region]} if region in groups else {}
    return {"expire_captured_days": captured[region]} if captured.get(region) else {}


def store_arguments(platform: Platform, cloud: Cloud, region: str, ownership: Ownership) -> Any:
    """Arguments of the region's ``ModelStore``."""
    declared = platform.model_store.model_dump(mode="json", exclude_none=True, exclude={"replicas"})
    other = platform.model_store.replicas.get(region)
    place = _place(platform, cloud, region)
    if cloud == "azure" and "kms_key" not in place:
        place.pop("subscription_id", None)
    if cloud == "azure" and platform.model_store.access_logs:
        place["log_analytics_id"] = log_workspace(platform, region)
    return {
        **declared,
        **place,
        **({} if other is None else {"replica_region": other}),
        "cloud": cloud,
        "region": region,
        "organization": platform.organization,
        "ownership": ownership.args(),
    }


def registry_arguments(
    platform: Platform,
    cloud: Cloud,
    region: str,
    ownership: Ownership,
    pullers: Mapping[str, pulumi.Input[str]] = {},
) -> Any:
    """Arguments of the region's ``ContainerRegistry``."""
    declared = platform.image_registry if cloud != "aws" else in_region(platform.image_registry, region)
    arguments = {
        **declared.model_dump(mode="json", exclude_none=True, exclude=of_others(cloud)),
        **_place(platform, cloud, region),
        "cloud": cloud,
        "region": region,
        "ownership": ownership.args(),
    }
    if pullers:
        arguments[PULLERS[cloud]] = list(pullers.values())
        if cloud != "aws":
            arguments["puller_names"] = list(pullers)
    if cloud == "azure":
        arguments["registry_name"] = acr_name(platform.organization, platform.environment, region)
    return arguments


def upload_arguments(store: StoreHandle) -> Any:
    """What ``ModelUpload`` needs to know of a store, beside the region."""
    arguments: dict[str, Any] = {"cloud": store.cloud, "bucket": store.bucket}
    if store.cloud == "aws":
        arguments["kms_key_arn"] = store.kms_key_arn
    if store.cloud == "azure":
        arguments |= {"account": store.account, "resource_group": store.resource_group}
    if store.locked:
        arguments["locked"] = True
    return arguments


def exported_stores(stores: Mapping[str, StoreHandle]) -> dict[str, dict[str, Any]]:
    """Output ``modelStores`` of the foundation's stack: what departments read of the stores, by region."""
    return {
        region: {
            "bucket": store.bucket,
            "kmsKeyArn": store.kms_key_arn,
            **({} if store.account is None else {"account": store.account}),
        }
        for region, store in stores.items()
    }


def exported_store(
    platform: Platform, cloud: Cloud, region: str, output: Callable[[str], pulumi.Output[str]]
) -> StoreHandle:
    """The store of a region as a department's stack reads it.

    Args:
        output: gives a value of the region's entry in ``modelStores``, by its name.
    """
    bucket, account = output("bucket"), output("account") if cloud == "azure" else None
    urls = {
        "aws": lambda: pulumi.Output.concat("s3://", bucket),
        "gcp": lambda: pulumi.Output.concat("gs://", bucket),
        "azure": lambda: pulumi.Output.concat("https://", account or "", ".blob.core.windows.net/", bucket),
    }
    return StoreHandle(
        bucket,
        output("kmsKeyArn"),
        cloud,
        urls[cloud](),
        account=account,
        resource_group=_place(platform, cloud, region).get("resource_group"),
        locked=platform.model_store.lock is not None,
    )


def _place(platform: Platform, cloud: Cloud, region: str) -> dict[str, Any]:
    """Project, group and key: a cluster's own, else those of the managed cloud, else those of the cluster that somebody
    else made."""
    cluster = next((each for each in platform.clusters if (each.cloud, each.region) == (cloud, region)), None)
    managed = platform.managed
    found: dict[str, Any] = {}
    existing = None if cluster is None else cluster.existing
    if cloud == "gcp":
        google = None if managed is None else managed.gcp
        found["project"] = (
            (cluster.gke.project if cluster is not None else None)
            or (google and google.project)
            or getattr(existing, "project", None)
        )
        if google is not None:
            found |= {"project_number": google.project_number, "kms_key": google.kms_keys.get(region)}
    if cloud == "azure":
        azure, own = None if managed is None else managed.azure, None if cluster is None else cluster.aks
        for key in ("subscription_id", "resource_group"):
            found[key] = (own and getattr(own, key)) or (azure and getattr(azure, key)) or getattr(existing, key, None)
        if azure is not None and region in azure.keys:
            # Without its version, so that a key that is rotated is used at once.
            key = azure.keys[region]
            found |= {"kms_key": key.identifier.rpartition("/")[0], "key_vault_id": key.vault_id}
    return {key: value for key, value in found.items() if value is not None}
