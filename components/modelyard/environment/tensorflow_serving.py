"""What TensorFlow Serving is told besides its model."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Annotated, Literal, Protocol

from pydantic import Field, StringConstraints, model_validator

from .declaration import Declaration
from .patterns import GRAPH_TAG_PATTERN

Count = Annotated[int, Field(ge=1)]
Label = Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9_]+$")]
Tag = Annotated[str, StringConstraints(pattern=GRAPH_TAG_PATTERN)]


class BatchingDeclaration(Declaration):
    """Requests are executed together; one setting for every version."""

    max_batch_size: Count
    batch_timeout_us: Annotated[int, Field(ge=0)] = 0
    max_enqueued_batches: Count | None = None
    num_batch_threads: Count | None = None
    allowed_batch_sizes: list[Count] = []
    pad_variable_length_inputs: bool = False
    enable_large_batch_splitting: bool = False
    max_execution_batch_size: Count | None = None

    @model_validator(mode="after")
    def _fits(self) -> BatchingDeclaration:
        if reason := batching_problem(self):
            raise ValueError(reason)
        return self


class TensorFlowServerDeclaration(Declaration):
    """What the server is told besides its model."""

    version_policy: Literal["specific", "latest", "all"] = "specific"
    labels: Mapping[Label, Count] = {}
    batching: BatchingDeclaration | None = None
    model_warmup: bool = True
    saved_model_tags: list[Tag] = []
    rest_api_threads: Count | None = None
    grpc_max_threads: Count | None = None
    intra_op_threads: Count | None = None
    inter_op_threads: Count | None = None
    gpu_memory_fraction: Annotated[float, Field(gt=0, le=1)] | None = None
    mixed_precision: Literal["bfloat16"] | None = None


class BatchingParameters(Protocol):
    """How requests are put together; the fields are those of :class:`BatchingDeclaration`."""

    @property
    def max_batch_size(self) -> int: ...
    @property
    def allowed_batch_sizes(self) -> Sequence[int]: ...
    @property
    def enable_large_batch_splitting(self) -> bool: ...
    @property
    def max_execution_batch_size(self) -> int | None: ...


def batching_problem(batching: BatchingParameters) -> str | None:
    """Why a server with these parameters would not start, or would ignore one of them; None where it does neither."""
    sizes, most = batching.allowed_batch_sizes, batching.max_batch_size
    execution = batching.max_execution_batch_size
    if list(sizes) != sorted(set(sizes)):
        return f"allowed_batch_sizes {_listed(sizes)} do not increase; write each once, in ascending order"
    if sizes and sizes[-1] != most:
        return (
            f"the last of allowed_batch_sizes is {sizes[-1]} and max_batch_size is {most}; TensorFlow Serving wants "
            "them equal"
        )
    if execution is not None and not batching.enable_large_batch_splitting:
        return (
            f"max_execution_batch_size {execution} means nothing while enable_large_batch_splitting is off; turn it "
            "on, or delete the size"
        )
    if batching.enable_large_batch_splitting and execution is None:
        return "enable_large_batch_splitting splits to max_execution_batch_size, which is missing; add it"
    if execution is not None and execution > most:
        return f"max_execution_batch_size {execution} exceeds max_batch_size {most}; lower it"
    if execution is not None and sizes and sizes[-1] != execution:
        return (
            f"the last of allowed_batch_sizes is {sizes[-1]} and max_execution_batch_size is {execution}; TensorFlow "
            "Serving wants them equal"
        )
    return None


def _listed(sizes: Sequence[int]) -> str:
    return ", ".join(map(str, sizes))
