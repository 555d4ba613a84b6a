"""Sequences of requests (``ModelSequenceBatching``)."""

from __future__ import annotations

from typing import Any

from ..declared.sequence_batching import Control, SequenceBatching, State
from .assign import assign
from .tensors import data_type


def set_sequences(written: Any, declared: SequenceBatching) -> None:
    """``written``: the message."""
    written.SetInParent()
    assign(written, declared, "iterative_sequence", max_sequence_idle_microseconds="max_sequence_idle_us")
    if declared.direct is not None:
        written.direct.SetInParent()
        assign(
            written.direct,
            declared.direct,
            "minimum_slot_utilization",
            max_queue_delay_microseconds="max_queue_delay_us",
        )
    if declared.oldest is not None:
        oldest = declared.oldest
        written.oldest.max_candidate_sequences = oldest.max_candidate_sequences
        written.oldest.preferred_batch_size.extend(oldest.preferred_batch_sizes)
        assign(written.oldest, oldest, "preserve_ordering", max_queue_delay_microseconds="max_queue_delay_us")
    for each in declared.control_input:
        added = written.control_input.add()
        added.name = each.name
        for control in each.control:
            _set_control(added.control.add(), control)
    for state in declared.state:
        _set_state(written.state.add(), state)


def _set_control(written: Any, control: Control) -> None:
    written.kind = written.Kind.Value(f"CONTROL_SEQUENCE_{control.kind.upper()}")
    written.int32_false_true.extend(control.int32_false_true or ())
    written.fp32_false_true.extend(control.fp32_false_true or ())
    written.bool_false_true.extend(control.bool_false_true or ())
    if control.dtype is not None:
        written.data_type = data_type(control.dtype)


def _set_state(written: Any, state: State) -> None:
    written.data_type = data_type(state.dtype)
    written.dims.extend(state.dims)
    assign(
        written,
        state,
        "input_name",
        "output_name",
        "use_same_buffer_for_input_output",
        "use_growable_memory",
    )
    for initial in state.initial_state:
        added = written.initial_state.add()
        added.data_type = data_type(initial.dtype)
        added.dims.extend(initial.dims)
        assign(added, initial, "name", "data_file")
        if initial.zero_data:
            added.zero_data = True
