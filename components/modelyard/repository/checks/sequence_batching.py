"""Sequence batching: control signals, states, slots."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from ...environment.yaml_document import Steps
from ..protobuf import module
from ..repository import RepositoryModel
from .fault import Fault, dims_text, dtype_name

_PAIRS = ("int32_false_true", "fp32_false_true", "bool_false_true")
_CORRELATION_TYPES = ("UINT64", "INT64", "UINT32", "INT32", "STRING")
_FOLDER = "initial_state"


def faults(model: RepositoryModel) -> Iterator[Fault]:
    """triton-inference-server/server docs/user_guide/batcher.md, Sequence Batcher, and architecture.md, Stateful
    Models."""
    if not model.config.HasField("sequence_batching"):
        return
    batching = model.config.sequence_batching
    for field, message in [*_controls(batching), *_states(model, batching), *_slots(batching)]:
        yield Fault(model.name, ("sequence_batching", *field), f"sequence batching of model {model.name!r}: {message}")


def _controls(batching: Any) -> Iterator[tuple[Steps, str]]:
    kinds: dict[int, str] = {}
    names: set[str] = set()
    control_message = module().ModelSequenceBatching.Control
    for index, tensor in enumerate(batching.control_input):
        where: Steps = ("control_input", index)
        if not tensor.name:
            yield where, f"control tensor {index + 1} has no name; give it one"
        elif tensor.name in names:
            yield (*where, "name"), f"control tensor {tensor.name!r} is declared twice; give each signal its own tensor"
        names.add(tensor.name)
        for position, control in enumerate(tensor.control):
            place: Steps = (*where, "control", position)
            kind: str = control_message.Kind.Name(control.kind)
            if control.kind in kinds:
                other = kinds[control.kind]
                yield place, f"tensors {other!r} and {tensor.name!r} both carry {kind}; keep one"
            kinds.setdefault(control.kind, tensor.name)
            reason = _control(control, kind)
            if reason:
                yield place, f"control tensor {tensor.name!r} {reason}"


def _control(control: Any, kind: str) -> str | None:
    pairs = [(name, list(getattr(control, name))) for name in _PAIRS if getattr(control, name)]
    if kind == "CONTROL_SEQUENCE_CORRID":
        dtype = dtype_name(control.data_type)
        if pairs:
            return f"carries the correlation id and sets {pairs[0][0]}, which only signals have; delete it"
        if dtype not in _CORRELATION_TYPES:
            return f"carries the correlation id as {dtype}; its data type is one of {', '.join(_CORRELATION_TYPES)}"
        return None
    if not pairs:
        return f"carries {kind} without values; set one of {', '.join(_PAIRS)}"
    if len(pairs) > 1:
        return f"carries {kind} with both {pairs[0][0]} and {pairs[1][0]}; keep one"
    name, values = pairs[0]
    return None if len(values) == 2 else f"has {len(values)} values in {name}; name two, for false and for true"


def _states(model: RepositoryModel, batching: Any) -> Iterator[tuple[Steps, str]]:
    inputs: set[str] = set()
    files = {file.key: file.size for file in model.files}
    for index, state in enumerate(batching.state):
        where: Steps = ("state", index)
        if state.input_name in inputs:
            yield (*where, "input_name"), f"state input {state.input_name!r} is declared twice; rename one"
        inputs.add(state.input_name)
        if len(state.initial_state) > 1:
            message = f"state {state.input_name!r} begins in {len(state.initial_state)} ways; keep one initial_state"
            yield (*where, "initial_state"), message
        for position, initial in enumerate(state.initial_state[:1]):
            reason = _initial(model.name, state, initial, files)
            if reason:
                yield (*where, "initial_state", position), f"initial_state of state {state.input_name!r} {reason}"


def _initial(name: str, state: Any, initial: Any, files: dict[str, int]) -> str | None:
    dims, expected = list(initial.dims), list(state.dims)
    if initial.data_type != state.data_type:
        return f"is {dtype_name(initial.data_type)} and the state {dtype_name(state.data_type)}; make them the same"
    if not initial.name:
        return "has no name; give it one"
    if -1 in dims:
        return f"has variable dims {dims_text(dims)}; say each dimension"
    if len(dims) != len(expected) or any(b not in (-1, a) for a, b in zip(dims, expected, strict=True)):
        return f"has dims {dims_text(dims)} and the state {dims_text(expected)}; make them the same"
    source = initial.WhichOneof("state_data")
    if source is None:
        return "says neither zero_data nor data_file; add one"
    if source == "data_file" and f"{name}/{_FOLDER}/{initial.data_file}" not in files:
        return f"is read from {_FOLDER}/{initial.data_file}, which is not there; add the file, or use zero_data"
    return None


def _slots(batching: Any) -> Iterator[tuple[Steps, str]]:
    if batching.HasField("direct"):
        share = batching.direct.minimum_slot_utilization
        if not 0 <= share <= 1:
            yield ("direct", "minimum_slot_utilization"), f"minimum_slot_utilization is {share:g}; it is from 0 to 1"
    if not batching.HasField("oldest"):
        return
    count = batching.oldest.max_candidate_sequences
    if count < 0:
        yield ("oldest", "max_candidate_sequences"), f"max_candidate_sequences is {count}; it is at least 1"
    for index, size in enumerate(batching.oldest.preferred_batch_size):
        # Each candidate gives one request of one row to a batch.
        if 0 < count < size:
            yield (
                ("oldest", "preferred_batch_size", index),
                f"a batch of the preferred size {size} can never form of {count} candidate sequences; lower the one "
                "or raise max_candidate_sequences",
            )
