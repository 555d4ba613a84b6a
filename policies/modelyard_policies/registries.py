"""Image registries: ECR, and Artifact Registry. Azure Container Registry has neither setting."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from pulumi_policy import ResourceValidationArgs

from modelyard_policies.inputs import is_true, require, shown
from modelyard_policies.resource_types import ResourceTypes
from modelyard_policies.rule import ResourceRule

REPOSITORY: Final = "aws:ecr/repository:Repository"
GOOGLE_REPOSITORY: Final = "gcp:artifactregistry/repository:Repository"


def rules() -> list[ResourceRule]:
    types = ResourceTypes(REPOSITORY, GOOGLE_REPOSITORY)
    return [
        ResourceRule(
            "registry-immutable",
            "A tag of an image repository is never moved to another image.",
            types=types,
            check=_immutable,
        ),
        ResourceRule(
            "registry-scan-on-push",
            "Images are scanned for known vulnerabilities when they are pushed.",
            types=types,
            check=_scanned,
        ),
    ]


def _immutable(args: ResourceValidationArgs) -> Iterator[str]:
    if args.resource_type == GOOGLE_REPOSITORY:
        if _holds_images(args):
            value = require(args.props, "dockerConfig", "immutableTags")
            if not is_true(value):
                yield (
                    f"dockerConfig.immutableTags is {shown(value)}, so a tag can be moved to another image; set it to "
                    "true."
                )
        return
    value = require(args.props, "imageTagMutability")
    if value == "IMMUTABLE_WITH_EXCLUSION":
        for excluded in require(args.props, "imageTagMutabilityExclusionFilters", default=()):
            if not str(require(excluded, "filter", default="")).strip("*"):
                yield (
                    "imageTagMutabilityExclusionFilters excludes '*', so every tag can be moved to another image; "
                    "exclude those alone that nobody runs, such as 'buildcache-*'."
                )
    elif value != "IMMUTABLE":
        yield f"imageTagMutability is {shown(value)}, so a tag can be moved to another image; set it to 'IMMUTABLE'."


def _scanned(args: ResourceValidationArgs) -> Iterator[str]:
    if args.resource_type == GOOGLE_REPOSITORY:
        value = require(args.props, "vulnerabilityScanningConfig", "enablementConfig")
        if _holds_images(args) and value == "DISABLED":
            yield (
                "vulnerabilityScanningConfig.enablementConfig is 'DISABLED', so nobody learns of a vulnerable image; "
                "set it to 'INHERITED', and enable the API containerscanning.googleapis.com in the project."
            )
        return
    value = require(args.props, "imageScanningConfiguration", "scanOnPush")
    if not is_true(value):
        yield (
            f"imageScanningConfiguration.scanOnPush is {shown(value)}, so nobody learns of a vulnerable image; "
            "set it to true."
        )


def _holds_images(args: ResourceValidationArgs) -> bool:
    """Whether somebody pushes images there: a copy of another registry has the tags of that one."""
    mode = require(args.props, "mode", default="STANDARD_REPOSITORY")
    return require(args.props, "format") == "DOCKER" and mode == "STANDARD_REPOSITORY"
