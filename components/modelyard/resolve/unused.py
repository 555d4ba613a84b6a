"""What is declared and changes nothing, because nothing of the environment uses it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from ..environment.image_registry import ImageRegistry
from ..environment.platform import Platform
from ..environment.target import CLOUD_OF, OWNER, Cloud
from .finding import Finding
from .image_registry import REGISTRY
from .quota import QuotaKey, known_family, quota_uses
from .resolved import ResolvedCluster, ResolvedEndpoint

_SECTIONS: dict[str, Cloud] = {"ecr": "aws", "artifact_registry": "gcp", "acr": "azure"}
_OF_CLUSTERS = ("gateway", "monitoring", "image_verification")
_OF_REPOSITORIES = ("repositories", "pull_through", *_SECTIONS)


def sections_of_others(declared: ImageRegistry, clouds: set[Cloud]) -> Iterator[Finding]:
    """Settings that only the registry of another cloud has, where registries are on ``clouds``."""
    for section, cloud in _SECTIONS.items():
        if cloud not in clouds and section in declared.model_fields_set:
            where = f"registries here are on {' and '.join(OWNER[each] for each in OWNER if each in clouds)}"
            have = where if clouds else "there is no registry"
            yield Finding((section,), f"is for {REGISTRY[cloud]}, and {have}; delete it")


def of_others(cloud: Cloud) -> set[str]:
    """Sections of the registries of other clouds, which a registry of this one is not told."""
    return {section for section, owner in _SECTIONS.items() if owner != cloud}


def unused_notices(
    platform: Platform, clusters: Sequence[ResolvedCluster], endpoints: Sequence[ResolvedEndpoint]
) -> Iterator[str]:
    """Sentences about what may stay, and does nothing.

    Args:
        platform: as declared.
        clusters: every cluster.
        endpoints: every managed endpoint.
    """
    used: set[Cloud] = {each.declared.cloud for each in clusters}
    managed = {cloud for cloud in OWNER if platform.managed is not None and platform.managed.regions(cloud)}
    if platform.aws_account_id is not None and "aws" not in used | managed:
        yield "aws_account_id guards nothing, as nothing of this environment is on AWS"
    of_clusters = [key for key in _OF_CLUSTERS if key in platform.model_fields_set]
    if of_clusters and not clusters:
        yield f"without effect, as there is no cluster: {', '.join(of_clusters)}"
    registry = platform.image_registry
    settings = sorted(registry.model_fields_set - set(_OF_REPOSITORIES))
    if settings and not registry.repositories and not registry.pull_through:
        yield f"without effect, as image_registry names no repositories and no pull_through: {', '.join(settings)}"
    serving = {CLOUD_OF[each.target] for each in endpoints}
    for cloud in sorted(managed - serving - used):
        yield f"no model of this environment is served by managed.{cloud}, whose stores of models are made all the same"
    yield from _unused_quotas(platform, clusters)


def _unused_quotas(platform: Platform, clusters: Sequence[ResolvedCluster]) -> Iterator[str]:
    uses = quota_uses(clusters)
    for quota in platform.quotas:
        key = QuotaKey(quota.cloud, quota.region, known_family(quota) or "", quota.capacity == "spot")
        if key not in uses:
            how = "spot" if quota.capacity == "spot" else "on demand"
            yield f"the quota {quota.family!r} ({how}) of {quota.region} bounds no pool of this environment"
