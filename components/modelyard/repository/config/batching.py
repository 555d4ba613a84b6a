"""The scheduler of a model (``ModelDynamicBatching``, ``ModelSequenceBatching``)."""

from __future__ import annotations

from typing import Any

from ...sizing.settings import StageSettings
from ..declared.dynamic_batching import DynamicBatching
from ..declared.model import ModelDeclaration
from ..declared.queue_policy import QueuePolicy
from ..protobuf import ModelConfig
from .assign import assign
from .sequence import set_sequences


def set_scheduler(config: ModelConfig, model: ModelDeclaration, settings: StageSettings | None) -> None:
    """Set one scheduler, or none. ``config.max_batch_size`` is already what is used.

    What the declaration says stands. What it leaves out is as sizing decided; where nothing was decided, requests
    that have queued form batches and none waits for others.
    """
    if model.sequence_batching is not None:
        set_sequences(config.sequence_batching, model.sequence_batching)
        return
    declared = model.batching
    if declared is None:
        wanted = settings.dynamic_batching if settings else model.scheduled_by_triton
        if not wanted or config.max_batch_size < 2:
            return
    elif not declared.enabled:
        return
    written = config.dynamic_batching
    written.SetInParent()
    if settings is not None and not (declared and declared.says_when):
        written.max_queue_delay_microseconds = settings.max_queue_delay_us
        written.preferred_batch_size.extend(settings.preferred_batch_sizes)
    if declared is not None:
        _set_declared(written, declared, model.max_batch_size or 0, config.max_batch_size)


def _set_declared(written: Any, declared: DynamicBatching, largest: int, used: int) -> None:
    assign(
        written,
        declared,
        "preserve_ordering",
        "priority_levels",
        "default_priority_level",
        max_queue_delay_microseconds="max_queue_delay_us",
    )
    # A size that sizing has made impossible goes; one that never was possible stays, for the check to tell.
    written.preferred_batch_size.extend(
        size for size in declared.preferred_batch_sizes if size <= used or size > largest
    )
    if declared.queue is not None:
        _set_queue(written.default_queue_policy, declared.queue)
    for level, queue in declared.priority_queues.items():
        _set_queue(written.priority_queue_policy[level], queue)


def _set_queue(written: Any, queue: QueuePolicy) -> None:
    written.SetInParent()
    if queue.timeout_action is not None:
        written.timeout_action = written.TimeoutAction.Value(queue.timeout_action.upper())
    assign(
        written,
        queue,
        "allow_timeout_override",
        "max_queue_size",
        default_timeout_microseconds="default_timeout_us",
    )
