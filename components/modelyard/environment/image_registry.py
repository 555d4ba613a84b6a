"""The container image registry."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field, StringConstraints

from .declaration import Declaration
from .patterns import REPOSITORY_PATTERN

RepositoryName = Annotated[str, StringConstraints(pattern=REPOSITORY_PATTERN, min_length=2, max_length=200)]


class ImageRegistry(Declaration):
    """Repositories for the images that departments build; scanned on push, tags immutable, encrypted with KMS."""

    repositories: list[RepositoryName] = []
    """Created in every region that has a cluster, named <environment>/<repository>."""
    keep_tagged_images: Annotated[int, Field(ge=1, le=10000)] = 50
    """Images with a tag that the lifecycle keeps, newest first."""
    expire_untagged_days: Annotated[int, Field(ge=1, le=3650)] = 14
