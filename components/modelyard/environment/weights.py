"""How a model's files come to its pods."""

from __future__ import annotations

from math import ceil
from typing import Annotated, Literal

from pydantic import Field, model_validator

from .declaration import Declaration

WeightsBy = Literal["copy", "stream", "node_cache"]

_BYTES_PER_GIB = 1024**3
_TENTH = 1.1
"""Drivers stay some percent below the limit of a cache."""


class Weights(Declaration):
    """What a pod does with the files of its model before it answers."""

    by: WeightsBy = "copy"
    """copy: an init container fetches every file and checks it. stream: the server reads from the store through the
    cloud's file driver, which fetches what is read when it is read. node_cache: as stream, and every node of the pool
    reads the files once in advance and keeps them (EKS)."""
    cache_gib: Annotated[int, Field(ge=0, le=16_384)] | None = None
    """Disk of a node on which files that were read are kept for its next reader; 0: none. Default: the model's size
    with node_cache, else 0."""

    @property
    def are_copied(self) -> bool:
        return self.by == "copy"

    @model_validator(mode="after")
    def _caches_what_it_streams(self) -> Weights:
        if self.are_copied and self.cache_gib is not None:
            raise ValueError("cache_gib is for weights that are streamed; write by: stream, or delete it")
        if self.by == "node_cache" and self.cache_gib == 0:
            raise ValueError("cache_gib 0 leaves node_cache nothing to keep files in; delete it, or write by: stream")
        return self


def rounded_gib(size_bytes: int) -> int:
    """GiB of a cache that takes all of a model."""
    return ceil(size_bytes * _TENTH / _BYTES_PER_GIB)


COPIED = Weights()
"""Every pod fetches its own."""
