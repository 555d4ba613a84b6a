"""How the images of containers come to a new node."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field, StringConstraints, model_validator

from .declaration import Declaration
from .patterns import ONE_LINE_PATTERN

ImageStartBy = Literal["pull", "parallel_pull", "streaming", "preloaded"]


class ImageStart(Declaration):
    """What a node does for the first container of an image of many gigabytes."""

    by: ImageStartBy
    """pull: layer after layer, whole. parallel_pull: the same, in many parts at a time (EKS, SOCI snapshotter).
    streaming: the container starts while its image still loads (GKE, images of Artifact Registry). preloaded: the
    node starts with a disk that has the images (EKS on Bottlerocket, GKE)."""
    disk: Annotated[str, StringConstraints(pattern=ONE_LINE_PATTERN, min_length=1, max_length=200)] | None = None
    """With preloaded, what the disk is made of. EKS: id of a snapshot of Bottlerocket's data volume, in the region.
    GKE: a disk image, as projects/<project>/global/images/<name>."""
    volume_mib_per_second: Annotated[int, Field(ge=125, le=1000)] | None = None
    """EKS, with parallel_pull: throughput of the volume that images lie on. Default: 600, or nothing more than any
    volume has where local_ssd takes the images."""

    @model_validator(mode="after")
    def _goes_together(self) -> ImageStart:
        if self.by == "preloaded" and self.disk is None:
            raise ValueError("by is preloaded, and disk is missing, which has the images; name it")
        if self.by != "preloaded" and self.disk is not None:
            raise ValueError(f"disk is for by: preloaded, and by is {self.by}; delete it, or write preloaded")
        if self.by != "parallel_pull" and self.volume_mib_per_second is not None:
            raise ValueError(
                f"volume_mib_per_second is for by: parallel_pull, and by is {self.by}; delete it, or write "
                "parallel_pull"
            )
        return self
