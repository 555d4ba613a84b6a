"""Which images of an environment need a signature in a region, by their addresses, and what is to be known of that."""

from __future__ import annotations

from collections.abc import Iterator
from fnmatch import fnmatchcase

from ..environment.image_verification import EnvironmentVerification
from ..environment.platform import Platform
from ..environment.target import Cloud
from .finding import Finding
from .names import acr_name, google_repository, repository_name
from .resolved import Resolution, ResolvedCluster

CREDENTIALS: dict[Cloud, str] = {"aws": "amazon", "gcp": "google", "azure": "azure"}
"""Kyverno's names for whose credentials read a registry."""


def verified_images(platform: Platform, cluster: ResolvedCluster) -> list[str]:
    """As Kyverno matches them: what is declared, else the environment's own repositories where the cluster is. Not what
    is fetched through the registry of others, who sign with keys of their own."""
    assert platform.image_verification is not None
    if platform.image_verification.images:
        return platform.image_verification.images
    environment, region = platform.environment, cluster.declared.region
    if cluster.declared.cloud == "gcp":
        project = cluster.account.project or "*"
        host = f"{region}-docker.pkg.dev/{project}/{google_repository(environment, 'images')}"
        return [f"{host}/{repository}*" for repository in platform.image_registry.repositories]
    china = ".cn" if region.startswith("cn-") else ""
    host = (
        f"{acr_name(platform.organization, environment, region)}.azurecr.io"
        if cluster.declared.cloud == "azure"
        else f"{platform.aws_account_id or '*'}.dkr.ecr.{region}.amazonaws.com{china}"
    )
    own = [repository_name(environment, repository) for repository in platform.image_registry.repositories]
    return [f"{host}/{repository}*" for repository in own]


def verification_findings(platform: Platform) -> list[Finding]:
    """What is declared of signatures and means nothing."""
    declared = platform.image_verification
    if declared is not None and not declared.images and not platform.image_registry.repositories:
        return [
            Finding(
                ("image_verification", "images"),
                "names no image, and image_registry declares no repositories; add images, or repositories",
            )
        ]
    return []


def verification_notices(resolution: Resolution) -> Iterator[str]:
    """Where nothing is asked for, and whose images nobody signs in time."""
    declared = resolution.environment.platform.image_verification
    if declared is None:
        return
    elsewhere = [each.declared.name for each in resolution.clusters if each.declared.existing is not None]
    if elsewhere:
        yield (
            f"signatures are asked for on clusters that are made here, and not on {', '.join(elsewhere)}; declare "
            "ImageVerification there"
        )
    yield from _unread_keys(resolution, declared)
    yield from _left_out(resolution, declared)
    built = sorted({each.declared.name for each in resolution.models if each.build is not None})
    if built and declared.enforcement == "enforce":
        whose = f"model {built[0]!r} is" if len(built) == 1 else f"models {', '.join(map(repr, built))} are"
        yield (
            f"the image of {whose} built and rolled out by one pulumi up, in which nobody signs it; push and sign it "
            "beforehand under the same tag, or its pods are refused"
        )


def _left_out(resolution: Resolution, declared: EnvironmentVerification) -> Iterator[str]:
    """Models that nobody judges, and images that somebody else publishes and signs with other keys, if at all."""
    unjudged = sorted({each.department.department for each in resolution.models} & set(declared.excluded_namespaces))
    if unjudged:
        yield (
            f"images of department {', '.join(unjudged)} are judged by nobody, as excluded_namespaces of "
            "image_verification names its namespace"
        )
    for image in sorted({each.image for each in resolution.models if each.image and ":" in each.image}):
        matching = [] if image.startswith("registry:") else [one for one in declared.images if fnmatchcase(image, one)]
        if matching and declared.enforcement == "enforce":
            yield (
                f"{matching[0]!r} of image_verification.images takes in {image.partition('@')[0]}, which others "
                "publish: its pods are refused unless a key named here has signed it"
            )


_KEY_STORES: dict[str, tuple[Cloud | None, str, str]] = {
    "awskms": ("aws", "AWS", "kms:DescribeKey and kms:GetPublicKey on it"),
    "gcpkms": ("gcp", "Google Cloud", "roles/cloudkms.viewer and roles/cloudkms.publicKeyViewer on it"),
    "azurekms": ("azure", "Azure", "Key Vault Crypto User on its vault"),
    "hashivault": (None, "Vault", ""),
}
"""Cloud, name and right to read a public key, by how cosign writes a key's address."""


def _unread_keys(resolution: Resolution, declared: EnvironmentVerification) -> Iterator[str]:
    """Keys in a key management that Kyverno does not reach by what it is given here, the registry's rights."""
    made = [each.declared for each in resolution.clusters if each.declared.existing is None]
    for key in declared.keys:
        if key.kms is None:
            continue
        cloud, store, right = _KEY_STORES[key.kms.partition(":")[0]]
        inside = [each.name for each in made if each.cloud == cloud]
        outside = [each.name for each in made if each.cloud != cloud]
        begins = f"key {key.name!r} of image_verification"
        if inside:
            yield (
                f"{begins} is read by Kyverno on {', '.join(inside)}, whose identity may read the registry alone; "
                f"grant it {right}, or write public_key in place of kms"
            )
        if outside:
            yield (
                f"{begins} cannot be read by Kyverno on {', '.join(outside)}, which has no credentials of {store}; "
                "write public_key in place of kms"
            )
