"""What sizing decides for each model that executes, and what the generated repository applies."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class StageSettings:
    """Of one model that executes: the model itself, or one that an ensemble calls."""

    model: str
    max_batch_size: int
    """Rows in one execution; 0: the model takes no batches, and its requests are executed one by one."""
    max_queue_delay_us: int
    """How long the oldest request in the queue may wait for others while an instance is free."""
    preferred_batch_sizes: tuple[int, ...]
    """Sizes that are sent at once; empty: any size is, unless there is a delay."""
    instances: int
    """Executions side by side in one replica: for each GPU where the model runs on GPUs."""
    dynamic_batching: bool = True
    """False: Triton's default, each request executed by itself whatever max_batch_size says."""

    @property
    def largest_batch(self) -> int:
        """Rows in one execution under backlog, where requests have one row."""
        if not self.dynamic_batching:
            return 1
        if self.preferred_batch_sizes and self.max_queue_delay_us == 0:
            return max(self.preferred_batch_sizes)
        return max(self.max_batch_size, 1)


@dataclass(frozen=True, slots=True)
class Settings:
    """Of all models that execute for one request, in the order in which a request meets them."""

    stages: tuple[StageSettings, ...]

    def stage(self, model: str) -> StageSettings | None:
        return next((stage for stage in self.stages if stage.model == model), None)
