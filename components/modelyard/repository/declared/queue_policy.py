"""What happens to a request that waits for a batch."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field

from ...environment.declaration import Declaration
from .texts import Microseconds


class QueuePolicy(Declaration):
    """``ModelQueuePolicy``."""

    timeout_action: Literal["reject", "delay"] | None = None
    """Default: reject. delay: behind every request that has not timed out."""
    default_timeout_us: Microseconds | None = None
    """Default: 0, which is none."""
    allow_timeout_override: bool | None = None
    """Whether a request may shorten its own timeout. Default: false."""
    max_queue_size: Annotated[int, Field(ge=0, le=4_294_967_295)] | None = None
    """Requests beyond it are refused. Default: 0, which is no limit."""
