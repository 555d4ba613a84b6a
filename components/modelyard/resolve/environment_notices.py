"""What a reader of the plan should know of an environment that works: budgets, sources, images and clusters."""

from __future__ import annotations

from collections.abc import Sequence

from ..environment.environment import Environment
from .cluster_notices import cluster_notices
from .controllers import controller_notices
from .image import unknown_platforms
from .image_start import image_start_notices
from .notices import Notices
from .offering import offering_notices
from .placed_model import PlacedModel
from .quota_notices import quota_notices
from .resolved import ResolvedCluster, ResolvedEndpoint
from .served_accelerator import device_notice
from .storage import storage_notices
from .unused import unused_notices
from .weights import add_weights_notices


def add_environment_notices(
    notices: Notices,
    environment: Environment,
    clusters: Sequence[ResolvedCluster],
    placed: Sequence[PlacedModel],
    endpoints: Sequence[ResolvedEndpoint],
) -> None:
    """Add them in the order in which the plan shows them."""
    _add_budget(notices, environment)
    _add_models(notices, placed)
    _add_clusters(notices, environment, clusters, placed)
    for sentence in storage_notices(environment.platform):
        notices.add(sentence)
    for sentence in unused_notices(environment.platform, clusters, endpoints):
        notices.add(sentence)


def _add_budget(notices: Notices, environment: Environment) -> None:
    platform = environment.platform
    if platform.monthly_budget_usd is None:
        notices.add(f"environment {platform.environment!r} has no monthly_budget_usd, so its total is not judged")
    else:
        promised = sum(department.monthly_budget_usd for department in environment.departments)
        if promised > platform.monthly_budget_usd:
            notices.add(
                f"the budgets of the departments add up to ${promised:,.2f}, more than the "
                f"${platform.monthly_budget_usd:,.2f} of environment {platform.environment!r}"
            )


def _add_models(notices: Notices, placed: Sequence[PlacedModel]) -> None:
    for each in placed:
        add_weights_notices(notices, each)
        if each.pool is not None:
            for sentence in image_start_notices(each.pool.declared, each.cluster.declared.name, each.image.image):
                notices.add(sentence)
        if unknown_platforms(each.model, each.image, each.pool):
            told = "on arm64 nodes, and a plan does not know for which processors {} made; see that {} linux/arm64"
            one, many = told.format("its image is", "it has"), told.format("their images are", "they have")
            notices.add_model(each.model.name, f"runs {one}", f"run {many}")
        if each.image.image is None and each.image.release is not None:
            notices.add_model(
                each.model.name,
                f"is served by the Triton of Seldon's installation, and its repository is made for release "
                f"{each.image.release_name}; say in release, or image, what runs there",
                f"are served by the Triton of Seldon's installation, and their repositories are made for release "
                f"{each.image.release_name}; say in release, or image, what runs there",
            )
        if each.image.build is not None and each.image.build.unpinned:
            bases = " and ".join(each.image.build.unpinned)
            notices.add_model(
                each.model.name,
                f"is served by an image built on {bases}, which another day may be another; name digests in FROM",
                f"are served by images built on {bases}, which another day may be another; name digests in FROM",
            )
        for pool in filter(None, (each.pool, each.overflow)):
            if (sentence := device_notice(each.model, pool)) is not None:
                notices.add(sentence)
        if each.source.url is not None:
            notices.add_model(
                each.model.name,
                "is loaded from an S3 folder of somebody else's; its files were not checked",
                "are loaded from S3 folders of somebody else's; their files were not checked",
            )


def _add_clusters(
    notices: Notices, environment: Environment, clusters: Sequence[ResolvedCluster], placed: Sequence[PlacedModel]
) -> None:
    for cluster in clusters:
        there = [each for each in placed if each.cluster.declared.name == cluster.declared.name]
        used = {pool.declared.name for each in there for pool in (each.pool, each.overflow) if pool is not None}
        images = sorted({each.image.image for each in there if each.image.image is not None})
        for sentence in cluster_notices(cluster, environment.platform.tier, used, images):
            notices.add(sentence)
        served = [(each.department.department, each.model) for each in there]
        for sentence in controller_notices(cluster.declared, served):
            notices.add(sentence)
    told = [limit.quota for limit in environment.account.limits]
    for sentence in quota_notices(clusters, [*environment.platform.quotas, *told]):
        notices.add(sentence)
    for sentence in offering_notices(environment.account, clusters):
        notices.add(sentence)
