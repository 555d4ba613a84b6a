"""What each cloud's image registry can do of what is declared: refusals, and what a plan says beside the result.

Follows the user guide of Amazon ECR and the documentation of Artifact Registry and Azure Container Registry.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from ..catalog import regions
from ..catalog.registry_upstreams import upstreams
from ..environment.image_registry import ImageRegistry
from ..environment.image_upstream import ImageUpstream
from ..environment.known_name import unknown
from ..environment.patterns import AZURE_LOCATION_PATTERN, GOOGLE_REGION_PATTERN, REGION_PATTERN
from ..environment.target import Cloud
from .finding import Finding

REGISTRY: dict[Cloud, str] = {"aws": "Amazon ECR", "gcp": "Artifact Registry", "azure": "Azure Container Registry"}
"""The clouds' registries as people call them."""

ECR_PREFIX_LIMIT = 30
"""Characters of the beginning of repositories that a pull-through cache rule makes."""

PULL_THROUGH_SECRET = "ecr-pullthroughcache/"
"""How the name of a secret begins that ECR may read."""

_REGIONS: dict[Cloud, str] = {
    "aws": REGION_PATTERN,
    "gcp": GOOGLE_REGION_PATTERN,
    "azure": AZURE_LOCATION_PATTERN,
}
_A_REGION: dict[Cloud, str] = {
    "aws": "a region of AWS",
    "gcp": "a region of Google Cloud",
    "azure": "a location of Azure",
}
_NOT_REPLICATED: dict[str, str] = {"us": "us", "northamerica": "us", "europe": "europe", "asia": "asia"}
"""The multi-region of Artifact Registry for the beginning of a region."""
_ACR_DAYS = 365
_OWN_NAMES = ("all", "images", "own", "virtual")
"""How the repositories beside those of upstreams, and their readers, are named."""


def replicas_in(declared: ImageRegistry, cloud: Cloud, region: str) -> list[str]:
    """The further regions that are this cloud's and not the registry's own."""
    return [name for name in declared.replicas if name != region and cloud_of_region(name) == cloud]


def cloud_of_region(region: str) -> Cloud | None:
    """Whose region it is by its form; None for what is none."""
    return next((cloud for cloud, pattern in _REGIONS.items() if re.match(pattern, region)), None)


def registry_problems(
    declared: ImageRegistry, cloud: Cloud, environment: str, region: str, *, reached: bool = False
) -> list[Finding]:
    """Everything that this cloud's registry cannot do, each with the nearest that it can.

    Args:
        declared: as the user wrote it.
        cloud: whose registry.
        environment: begins the names of repositories.
        region: of the registry.
        reached: whether a private endpoint in some subnet is known already.
    """
    found = [
        Finding(("replicas", at), unknown_region(name))
        for at, name in enumerate(declared.replicas)
        if cloud_of_region(name) is None
    ]
    known = [each.name for each in regions.regions(cloud)]
    found += [
        Finding(("replicas", at), unknown(_A_REGION[cloud], name, known))
        for at, name in enumerate(declared.replicas)
        if cloud_of_region(name) == cloud and known and name not in known
    ]
    if declared.scanning == "enhanced" and cloud != "aws":
        found.append(Finding(("scanning",), _NO_ENHANCED[cloud]))
    if declared.mutable_tags and cloud != "aws":
        found.append(Finding(("mutable_tags",), _NO_EXCEPTIONS[cloud]))
    replicas = replicas_in(declared, cloud, region)
    if cloud == "gcp" and replicas:
        found.append(Finding(("replicas",), _no_replicas(region, replicas)))
    if cloud == "aws" and not declared.ecr.owns_account_settings:
        wanted = [
            *(["replicas"] if replicas else []),
            *(["scanning: enhanced"] if declared.scanning == "enhanced" else []),
            *(["ecr.managed_signing"] if declared.ecr.managed_signing else []),
        ]
        if wanted:
            found.append(Finding(("ecr", "owns_account_settings"), _one_owner(" and ".join(wanted))))
    if cloud == "azure" and declared.acr.soft_delete_days is None and declared.expire_untagged_days > _ACR_DAYS:
        found.append(
            Finding(
                ("expire_untagged_days",),
                f"must be at most {_ACR_DAYS} in Azure Container Registry, not {declared.expire_untagged_days}",
            )
        )
    if cloud == "azure" and not (declared.acr.public_access or reached or region in declared.acr.private_subnets):
        message = (
            f"false leaves no way to the registry of {region}; add acr.private_subnets: {{{region}: <resource id of a "
            "subnet>}"
        )
        found.append(Finding(("acr", "public_access"), message))
    for at, upstream in enumerate(declared.pull_through):
        found += [
            Finding(("pull_through", at, *where), message)
            for where, message in _upstream_problems(upstream, cloud, environment, region)
        ]
    return found


def in_region(declared: ImageRegistry, region: str) -> ImageRegistry:
    """With the secrets of a region of AWS: a replica of a secret there has the same ARN but for the region ("Replicate
    AWS Secrets Manager secrets across Regions")."""
    found = []
    for upstream in declared.pull_through:
        given = upstream.credentials
        if given is not None and given.aws_secret_arn is not None:
            parts = given.aws_secret_arn.split(":")
            there = given.model_copy(update={"aws_secret_arn": ":".join([*parts[:3], region, *parts[4:]])})
            upstream = upstream.model_copy(update={"credentials": there})
        found.append(upstream)
    return declared.model_copy(update={"pull_through": found})


def replicated_secrets(declared: ImageRegistry, regions: Sequence[str]) -> list[str]:
    """What a plan says of secrets of which registries in other regions of AWS read a replica."""
    found = []
    for upstream in declared.pull_through:
        arn = None if upstream.credentials is None else upstream.credentials.aws_secret_arn
        parts = [] if arn is None else arn.split(":")
        there = [region for region in regions if parts and region != parts[3]]
        if there:
            found.append(
                f"{REGISTRY['aws']} reads secrets of its own region alone: {parts[-1]!r} of {parts[3]}, for upstream "
                f"{upstream.name!r}, has to be replicated to {', '.join(there)} beforehand"
            )
    return found


def registry_notices(declared: ImageRegistry, cloud: Cloud) -> list[str]:
    """What this cloud's registry does otherwise, one line each."""
    name = REGISTRY[cloud]
    found = []
    if cloud == "gcp" and declared.immutable_tags:
        found.append(
            f"{name} deletes no image that has an immutable tag, so keep_tagged_images bounds nothing there until the "
            "tags of old images are gone"
        )
    if cloud == "azure" and declared.immutable_tags:
        found.append(
            f"{name} has no rule for immutable tags; lock images after the push (az acr repository update "
            "--write-enabled false), or name them by digest, which policy image-pinned asks for"
        )
    if cloud == "azure" and declared.scanning == "on_push" and not declared.acr.defender:
        found.append(
            f"{name} scans nothing itself; Microsoft Defender for Containers does, once it is on for the subscription "
            "(acr.defender of the one environment that may turn it on)"
        )
    if cloud == "azure" and not declared.acr.public_access:
        found.append(
            f"no task of {name} reaches a registry without a public address, so keep_tagged_images bounds nothing "
            "there; run acr purge from within the network"
        )
    if cloud == "azure" and declared.acr.soft_delete_days is not None:
        found.append(
            f"{name} keeps deleted images for {declared.acr.soft_delete_days} days, and then applies no "
            "expire_untagged_days; a weekly task removes untagged images all the same"
        )
    return found


def unknown_region(name: str) -> str:
    """The sentence for a text that has the form of no cloud's region."""
    return f"{name!r} is no region of AWS, Google Cloud or Azure, such as eu-west-1, europe-west4 or westeurope"


_NO_ENHANCED: dict[Cloud, str] = {
    "gcp": "Artifact Registry has one kind of scanning, on_push, which looks again at images that are pulled; write "
    "scanning: on_push",
    "azure": "Azure Container Registry has no scanning of its own; write scanning: on_push, and acr: {defender: true} "
    "for Microsoft Defender for Containers, which looks again and again",
}
_NO_EXCEPTIONS: dict[Cloud, str] = {
    "gcp": "Artifact Registry makes all tags of a repository immutable or none; delete mutable_tags, or write "
    "immutable_tags: false",
    "azure": "Azure Container Registry has no rule for tags, so they all may move; delete mutable_tags and write "
    "immutable_tags: false",
}


def _no_replicas(region: str, replicas: list[str]) -> str:
    near = _NOT_REPLICATED.get(region.partition("-")[0])
    nearest = (
        f"the nearest is a registry in the multi-region {near!r}, or one in each region with images pushed to both"
        if near
        else "the nearest is a registry in each region, with images pushed to both"
    )
    return f"Artifact Registry copies no images to {', '.join(replicas)}; {nearest}"


def _one_owner(wanted: str) -> str:
    return (
        f"is false, and {wanted} of Amazon ECR exists once in an account and region, where the last environment that "
        "writes it wins; write true in the one environment of the account that owns it"
    )


def _upstream_problems(
    upstream: ImageUpstream, cloud: Cloud, environment: str, region: str
) -> list[tuple[tuple[str, ...], str]]:
    known, found = upstreams(cloud), []
    given = upstream.credentials
    mine = (
        None
        if given is None
        else {
            "aws": given.aws_secret_arn,
            "gcp": given.google_secret_version,
            "azure": given.key_vault_password,
        }[cloud]
    )
    prefix = f"{environment}/{upstream.name}"
    if cloud == "aws" and len(prefix) > ECR_PREFIX_LIMIT:
        found.append(
            (
                ("name",),
                f"makes the prefix {prefix!r} of {len(prefix)} characters; Amazon ECR allows "
                f"{ECR_PREFIX_LIMIT}, so shorten it",
            )
        )
    if cloud == "gcp" and upstream.name in _OWN_NAMES:
        message = (
            f"{upstream.name!r} is that of a repository of Modelyard's own on Artifact Registry "
            f"({', '.join(_OWN_NAMES)}); write another, such as {upstream.name}-upstream"
        )
        found.append((("name",), message))
    # Artifact Registry fetches from any registry by its address; the other two from those that they list.
    if cloud != "gcp" and upstream.upstream not in known:
        return [
            *found,
            (("upstream",), unknown(f"a registry that {REGISTRY[cloud]} fetches from", upstream.upstream, known)),
        ]
    want = known[upstream.upstream].credentials if upstream.upstream in known else "optional"
    key = {"aws": "aws_secret_arn", "gcp": "google_secret_version", "azure": "key_vault_password"}[cloud]
    if want == "required" and mine is None:
        found.append(
            (
                ("credentials",),
                f"{REGISTRY[cloud]} fetches from {upstream.upstream} with credentials alone; "
                f"add credentials: {{{key}: ...}}",
            )
        )
    if want == "none" and mine is not None:
        found.append(
            (("credentials", key), f"{REGISTRY[cloud]} takes no credentials for {upstream.upstream}; delete it")
        )
    if cloud == "aws" and mine is not None and f":secret:{PULL_THROUGH_SECRET}" not in mine:
        found.append(
            (
                ("credentials", key),
                f"names a secret that Amazon ECR may not read; its name has to begin with {PULL_THROUGH_SECRET}",
            )
        )
    if cloud == "aws" and mine is not None and mine.split(":")[3] != region:
        found.append(
            (
                ("credentials", key),
                f"names a secret of {mine.split(':')[3]}, and Amazon ECR in {region} reads those of {region} alone; "
                "name its replica there",
            )
        )
    return found
