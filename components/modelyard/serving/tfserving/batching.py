"""``batching.config``: how the server puts requests together (``BatchingParameters``).

Follows "Batch Scheduling Parameters and Tuning" of TensorFlow Serving's batching guide. It is one setting for the
whole server: every version of the model has the same.
"""

from __future__ import annotations

from dataclasses import dataclass

from .protobuf import new, text


@dataclass(frozen=True, slots=True)
class Batching:
    """Requests are executed together; what is None is as the server has it."""

    max_batch_size: int
    """Most rows of one execution."""
    batch_timeout_us: int = 0
    """How long the first request of a batch waits for others; 0: only while every thread is busy."""
    max_enqueued_batches: int | None = None
    """A request that finds so many full batches waiting is refused (429 over REST)."""
    num_batch_threads: int | None = None
    """Batches that are executed at once. The server's default: one for each processor of the node."""
    allowed_batch_sizes: tuple[int, ...] = ()
    """Batches are padded to one of these; empty: to none."""
    pad_variable_length_inputs: bool = False
    """Whether inputs of different lengths are padded to the longest of their batch."""
    enable_large_batch_splitting: bool = False
    """Whether a request of more rows than a batch takes is split."""
    max_execution_batch_size: int | None = None
    """Most rows of one execution of requests that are split."""


def batching_config(batching: Batching) -> str:
    """The file, in protobuf's text format."""
    message = new("BatchingParameters")
    message.max_batch_size.value = batching.max_batch_size
    message.batch_timeout_micros.value = batching.batch_timeout_us
    for name in ("max_enqueued_batches", "num_batch_threads", "max_execution_batch_size"):
        value = getattr(batching, name)
        if value is not None:
            getattr(message, name).value = value
    message.allowed_batch_sizes.extend(batching.allowed_batch_sizes)
    message.pad_variable_length_inputs = batching.pad_variable_length_inputs
    if batching.enable_large_batch_splitting:
        message.enable_large_batch_splitting.value = True
    return text(message)
