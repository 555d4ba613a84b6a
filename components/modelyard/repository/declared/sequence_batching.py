"""Requests that belong together and meet the same instance."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field, model_validator

from ...environment.declaration import Declaration
from .dtype import DType
from .texts import BatchSize, Dims, Microseconds, TensorName, Text

Int32 = Annotated[int, Field(ge=-(2**31), le=2**31 - 1)]


class DirectStrategy(Declaration):
    """``StrategyDirect``: each sequence keeps a slot of the batch."""

    max_queue_delay_us: Microseconds | None = None
    minimum_slot_utilization: Annotated[float, Field(ge=0, le=1)] | None = None
    """Share of the slots that must be ready before a batch goes, until the delay has passed."""


class OldestStrategy(Declaration):
    """``StrategyOldest``: the dynamic batcher picks one request of each of the oldest sequences."""

    max_candidate_sequences: Annotated[int, Field(ge=1, le=2_147_483_647)]
    preferred_batch_sizes: list[BatchSize] = []
    max_queue_delay_us: Microseconds | None = None
    preserve_ordering: bool | None = None


class Control(Declaration):
    """``ModelSequenceBatching.Control``: one signal to the model."""

    kind: Literal["start", "ready", "end", "corrid"]
    int32_false_true: Annotated[list[Int32], Field(min_length=2, max_length=2)] | None = None
    fp32_false_true: Annotated[list[float], Field(min_length=2, max_length=2)] | None = None
    bool_false_true: Annotated[list[bool], Field(min_length=2, max_length=2)] | None = None
    dtype: DType | None = None
    """Of the correlation id (kind corrid)."""

    @model_validator(mode="after")
    def _one_form(self) -> Control:
        pairs = [
            name
            for name in ("int32_false_true", "fp32_false_true", "bool_false_true")
            if getattr(self, name) is not None
        ]
        if self.kind == "corrid" and (pairs or self.dtype is None):
            raise ValueError("kind corrid takes dtype, and no values for false and true")
        if self.kind in ("start", "ready", "end") and (len(pairs) != 1 or self.dtype is not None):
            raise ValueError(
                f"kind {self.kind} takes one of int32_false_true, fp32_false_true and bool_false_true, and no dtype"
            )
        return self


class ControlInput(Declaration):
    """``ModelSequenceBatching.ControlInput``: a tensor that the server fills with signals."""

    name: TensorName
    control: Annotated[list[Control], Field(min_length=1)]


class InitialState(Declaration):
    """``ModelSequenceBatching.InitialState``: what a sequence begins with."""

    name: Text
    dtype: DType
    dims: Dims
    zero_data: bool | None = None
    data_file: Text | None = None
    """File below ``initial_state/`` beside model.yaml, raw bytes."""

    @model_validator(mode="after")
    def _one(self) -> InitialState:
        if bool(self.zero_data) == (self.data_file is not None):
            raise ValueError("must say one of zero_data: true and data_file: <file>")
        return self


class State(Declaration):
    """``ModelSequenceBatching.State``: kept by the server between requests of a sequence."""

    input_name: TensorName
    output_name: TensorName
    dtype: DType
    dims: Dims
    initial_state: list[InitialState] = []
    use_same_buffer_for_input_output: bool | None = None
    use_growable_memory: bool | None = None


class SequenceBatching(Declaration):
    """``ModelSequenceBatching``; at most one of direct and oldest, direct where neither is named."""

    direct: DirectStrategy | None = None
    oldest: OldestStrategy | None = None
    max_sequence_idle_us: Microseconds | None = None
    """After which a sequence is given up. Default: 1,000,000."""
    control_input: list[ControlInput] = []
    state: list[State] = []
    iterative_sequence: bool | None = None
    """Whether a request is given back to the model until it is done. Default: false."""

    @model_validator(mode="after")
    def _one_strategy(self) -> SequenceBatching:
        if self.direct is not None and self.oldest is not None:
            raise ValueError("names both direct and oldest; keep one strategy")
        return self
