"""Batch sizes and queue delays of one model."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from ..repository import RepositoryModel
from .completion import is_completed
from .fault import Fault


def faults(model: RepositoryModel) -> Iterator[Fault]:
    """triton-inference-server/server docs/user_guide/batcher.md."""
    config = model.config
    largest = config.max_batch_size
    if largest < 0:
        message = (
            f"max_batch_size of model {model.name!r} is {largest}; it is at least 1, or 0 for a model without batches"
        )
        yield Fault(model.name, ("max_batch_size",), message)
        return
    for where, batcher in batchers(config):
        for index, size in enumerate(batcher.preferred_batch_size):
            if not 1 <= size <= largest:
                yield Fault(model.name, (*where, "preferred_batch_size", index), _preferred(model.name, size, largest))
        delay_us = batcher.max_queue_delay_microseconds
        if delay_us and largest <= 1 and not is_completed(model):
            message = (
                f"model {model.name!r} lets requests wait {delay_us} µs for others while max_batch_size is {largest}: "
                "no batch can form; raise max_batch_size or delete the delay"
            )
            yield Fault(model.name, (*where, "max_queue_delay_microseconds"), message)


def batchers(config: Any) -> Iterator[tuple[tuple[str, ...], Any]]:
    """Whatever forms batches of preferred sizes: where it stands, and its message."""
    if config.HasField("dynamic_batching"):
        yield ("dynamic_batching",), config.dynamic_batching
    elif config.HasField("sequence_batching") and config.sequence_batching.HasField("oldest"):
        yield ("sequence_batching", "oldest"), config.sequence_batching.oldest


def _preferred(name: str, size: int, largest: int) -> str:
    if size < 1:
        return f"preferred batch size {size} of model {name!r} is below 1; name sizes from 1 to {largest}, or none"
    if largest == 0:
        return (
            f"preferred batch size {size} of model {name!r} is named while max_batch_size is 0, which takes no "
            f"batches; set max_batch_size to {size} or more, or delete it"
        )
    return (
        f"preferred batch size {size} of model {name!r} is above its max_batch_size {largest}; lower the one or raise "
        "the other"
    )
