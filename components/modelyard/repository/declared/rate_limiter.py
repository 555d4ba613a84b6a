"""When an instance may execute, where instances share something scarce."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field

from ...environment.declaration import Declaration
from .texts import Text


class Resource(Declaration):
    """``ModelRateLimiter.Resource``."""

    name: Text
    global_: Annotated[bool, Field(alias="global")] = False
    """Shared by all devices rather than held by each."""
    count: Annotated[int, Field(ge=1, le=4_294_967_295)]


class RateLimiter(Declaration):
    """``ModelRateLimiter``; the server needs ``--rate-limit=execution_count`` to heed it."""

    resources: list[Resource] = []
    priority: Annotated[int, Field(ge=0, le=4_294_967_295)] | None = None
    """An instance of priority 2 gets half as many turns as one of priority 1. Default: 1."""
