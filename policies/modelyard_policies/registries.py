"""Image registries (ECR)."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from pulumi_policy import ResourceValidationArgs

from modelyard_policies.inputs import is_true, require, shown
from modelyard_policies.resource_types import ResourceTypes
from modelyard_policies.rule import ResourceRule

REPOSITORY: Final = "aws:ecr/repository:Repository"


def rules() -> list[ResourceRule]:
    types = ResourceTypes(REPOSITORY)
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
    value = require(args.props, "imageTagMutability")
    if value != "IMMUTABLE":
        yield f"imageTagMutability is {shown(value)}, so a tag can be moved to another image; set it to 'IMMUTABLE'."


def _scanned(args: ResourceValidationArgs) -> Iterator[str]:
    value = require(args.props, "imageScanningConfiguration", "scanOnPush")
    if not is_true(value):
        yield (
            f"imageScanningConfiguration.scanOnPush is {shown(value)}, so nobody learns of a vulnerable image; "
            "set it to true."
        )
