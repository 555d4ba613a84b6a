"""Requests of several callers in one execution."""

from __future__ import annotations

from typing import Annotated, Any

from pydantic import BeforeValidator, Field, model_validator

from ...environment.credential import shown
from ...environment.declaration import Declaration
from .queue_policy import QueuePolicy
from .texts import BatchSize, Microseconds

PriorityLevel = Annotated[int, Field(ge=1, le=4_294_967_295)]


def _level(key: Any) -> Any:
    """YAML's keys are read as text."""
    return int(key) if isinstance(key, str) and key.isascii() and key.isdecimal() and len(key) <= 10 else key


class DynamicBatching(Declaration):
    """``ModelDynamicBatching``."""

    enabled: bool = True
    """False: each request is executed by itself, whatever sizing says."""
    preferred_batch_sizes: list[BatchSize] = []
    """A batch of one of these sizes is sent at once, without the rest of the delay."""
    max_queue_delay_us: Microseconds | None = None
    """How long a request may wait for others. Default: what sizing says, else 0: batches form from what has queued."""
    preserve_ordering: bool | None = None
    """Whether answers leave in the order in which requests came. Default: false."""
    priority_levels: Annotated[int, Field(ge=0, le=4_294_967_295)] | None = None
    """1 is the highest. Default: 0, which is none."""
    default_priority_level: PriorityLevel | None = None
    """Of requests that name none; needed with priority_levels."""
    queue: QueuePolicy | None = None
    """``default_queue_policy``."""
    priority_queues: dict[Annotated[PriorityLevel, BeforeValidator(_level)], QueuePolicy] = {}
    """``priority_queue_policy``: by level, where it differs from queue."""

    @property
    def says_when(self) -> bool:
        """Whether it is declared when a batch is sent: delay and preferred sizes are one decision, declared together
        or left out together."""
        return self.max_queue_delay_us is not None or bool(self.preferred_batch_sizes)

    @model_validator(mode="after")
    def _levels(self) -> DynamicBatching:
        levels = self.priority_levels or 0
        default = self.default_priority_level
        if levels and default is None:
            raise ValueError(f"priority_levels {shown(levels)} needs default_priority_level, from 1 to {shown(levels)}")
        if default is not None and default > levels:
            raise ValueError(f"default_priority_level {default} is beyond priority_levels {levels}")
        beyond = sorted(level for level in self.priority_queues if level > levels)
        if beyond:
            raise ValueError(
                f"priority_queues names level {beyond[0]}, which is beyond priority_levels {levels}; "
                "raise priority_levels or delete that queue"
            )
        return self
