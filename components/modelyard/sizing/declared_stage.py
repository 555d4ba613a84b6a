"""What a model's declaration leaves to sizing, and what it does not."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class DeclaredStage:
    """One model that executes. None: sizing decides; what is declared is kept."""

    model: str
    max_batch_size: int
    """Rows that the model can take at once: the upper bound. 0: it takes no batches."""
    max_queue_delay_us: int | None = None
    preferred_batch_sizes: tuple[int, ...] | None = None
    instances: int | None = None
    """In one replica, for each GPU where the model runs on GPUs."""
    dynamic_batching: bool = True
    """False where the model is scheduled in another way: its requests are executed one by one."""
