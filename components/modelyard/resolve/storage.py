"""Where an environment keeps images and models, and what of its declaration those places cannot do."""

from __future__ import annotations

from collections.abc import Iterator

from ..catalog.regions import without_zones
from ..environment.image_registry import ImageRegistry
from ..environment.platform import Platform
from ..environment.target import Cloud
from ..environment.yaml_document import Steps
from .image_registry import (
    REGISTRY,
    cloud_of_region,
    in_region,
    registry_notices,
    registry_problems,
    replicated_secrets,
    unknown_region,
)
from .model_store import STORE, store_notices, store_problems
from .unused import sections_of_others


def storage_places(platform: Platform) -> list[tuple[Cloud, str]]:
    """Cloud and region of every model store and image registry, once each: where a cluster is, and where SageMaker
    serves."""
    found: list[tuple[Cloud, str]] = []
    for cluster in platform.clusters:
        found.append((cluster.cloud, cluster.region))
    for region in platform.managed.regions("aws") if platform.managed is not None else ():
        found.append(("aws", region))
    return list(dict.fromkeys(found))


def log_workspace(platform: Platform, location: str) -> str | None:
    """Where it is logged who reads models in a location of Azure: the workspace that a cluster there names, or else
    that of the registry. That of a cluster's own is not known before the cluster, and a store is there first."""
    named = (
        cluster.aks.log_analytics_workspace_id
        for cluster in platform.clusters
        if (cluster.cloud, cluster.region) == ("azure", location)
    )
    return next((each for each in named if each is not None), platform.image_registry.acr.log_analytics_workspace_id)


def storage_findings(platform: Platform) -> list[tuple[Steps, str]]:
    """What is wrong, each said once however many places it is wrong in."""
    return list(dict.fromkeys((*_registries(platform), *_stores(platform))))


def storage_notices(platform: Platform) -> list[str]:
    """What is done otherwise than declared, by the clouds that are there."""
    clouds: list[Cloud] = list(dict.fromkeys(cloud for cloud, _ in storage_places(platform)))
    found = [sentence for cloud in clouds for sentence in store_notices(platform.model_store, cloud)]
    without = [region for cloud, region in storage_places(platform) if without_zones(cloud, region)]
    if without:
        found.append(f"Azure has no availability zones in {', '.join(without)}: what is stored there lies in one place")
    if platform.image_registry.repositories:
        found += [sentence for cloud in clouds for sentence in registry_notices(platform.image_registry, cloud)]
    found += replicated_secrets(
        platform.image_registry, [region for cloud, region in storage_places(platform) if cloud == "aws"]
    )
    return found


def _registries(platform: Platform) -> Iterator[tuple[Steps, str]]:
    declared, places = platform.image_registry, storage_places(platform)
    clouds: set[Cloud] = {cloud for cloud, _ in places}
    for steps, message in sections_of_others(declared, clouds):
        yield ("image_registry", *steps), message
    if not declared.repositories and not declared.pull_through:
        return
    for cloud, region in places:
        there = in_region(declared, region) if cloud == "aws" else declared
        for steps, message in registry_problems(there, cloud, platform.environment, region):
            yield ("image_registry", *steps), message
    for position, region in enumerate(declared.replicas):
        whose = cloud_of_region(region)
        if whose is not None and whose not in clouds:
            yield (
                ("image_registry", "replicas", position),
                f"{region!r} is a region of {REGISTRY[whose]}, and no registry of this environment is there; delete it",
            )
    if "azure" in clouds:
        yield from _private_subnets(declared, [region for cloud, region in places if cloud == "azure"])


def _private_subnets(declared: ImageRegistry, locations: list[str]) -> Iterator[tuple[Steps, str]]:
    """Of registries of Azure, where there is one."""
    acr = declared.acr
    for location in acr.private_subnets:
        if location not in locations:
            message = (
                f"no registry of this environment is in {location!r}, so nothing is made there; its registries of "
                f"Azure are in {', '.join(locations)}"
            )
            yield ("image_registry", "acr", "private_subnets", location), message
    if acr.private_dns_zone_ids and not acr.private_subnets:
        message = "get the names of private endpoints, and there is none; delete them, or add acr.private_subnets"
        yield ("image_registry", "acr", "private_dns_zone_ids"), message


def _stores(platform: Platform) -> Iterator[tuple[Steps, str]]:
    declared, places = platform.model_store, storage_places(platform)
    regions = [region for _, region in places]
    for cloud, region in places:
        problems = store_problems(
            declared, cloud, platform.organization, platform.environment, region, declared.replicas.get(region)
        )
        if cloud == "azure" and declared.access_logs and log_workspace(platform, region) is None:
            message = (
                f"go to Log Analytics on Azure, and no workspace is named for {region}; write "
                "aks.log_analytics_workspace_id of a cluster there, or image_registry.acr.log_analytics_workspace_id"
            )
            yield ("model_store", "access_logs"), message
        for path, message in problems:
            # The organization stands beside the store, and the other region under this one's name.
            own = {"organization": ("organization",), "replica_region": ("model_store", "replicas", region)}
            yield own.get(path, ("model_store", path)), message
    for region in declared.replicas:
        whose = cloud_of_region(region)
        if whose is None:
            yield ("model_store", "replicas", region), unknown_region(region)
        elif region not in regions:
            yield (
                ("model_store", "replicas", region),
                f"no model store of this environment is on {STORE[whose]} in {region!r}, so nothing is copied; its "
                f"stores are in {', '.join(regions) or 'no region'}",
            )
