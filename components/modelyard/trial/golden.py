"""golden.json: requests whose answers are known, stored beside model.yaml.

    {"cases": [{"name": "a refund", "inputs": {"x": {"data": [[1.5, 2.0]]}}, "outputs": {"y": {"data": [[3.5]]}},
                "tolerance": {"absolute": 1e-5, "relative": 1e-5}}]}

``data`` is nested as the tensor is shaped, with the batch first where the model takes batches. Floats are equal
within the tolerance (of the expected value, absolute plus relative); everything else exactly.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

from pydantic import Field

from ..environment.declaration import Declaration
from .address import ServerAddress

if TYPE_CHECKING:
    from tritonclient.grpc.model_config_pb2 import ModelConfig

FILE_NAME = "golden.json"


class Tolerance(Declaration):
    absolute: Annotated[float, Field(ge=0)] = 1e-5
    relative: Annotated[float, Field(ge=0)] = 1e-5


class GoldenTensor(Declaration):
    data: Any
    """Nested lists; a value by itself for a tensor of no dimensions."""


class GoldenCase(Declaration):
    name: str | None = None
    inputs: Annotated[dict[str, GoldenTensor], Field(min_length=1)]
    outputs: Annotated[dict[str, GoldenTensor], Field(min_length=1)]
    tolerance: Tolerance = Tolerance()


class Golden(Declaration):
    cases: Annotated[tuple[GoldenCase, ...], Field(min_length=1)]


@dataclass(frozen=True, slots=True)
class Mismatch:
    """One answer that is not the golden one. ``str()`` is the sentence that people see."""

    case: str
    tensor: str
    index: tuple[int, ...] | None
    expected: str
    got: str

    def __str__(self) -> str:
        raise NotImplementedError


@dataclass(frozen=True, slots=True)
class GoldenResult:
    cases: int
    mismatches: tuple[Mismatch, ...]
    """The first few of each case and tensor."""

    @property
    def passed(self) -> bool:
        return not self.mismatches


def read_golden(path: Path, config: ModelConfig | None = None, *, shown: str | None = None) -> Golden:
    """The cases of a file, with tensors of the configuration's names, dtypes and shapes.

    Raises:
        InvalidEnvironment: with every problem of the file.
        OSError: the file cannot be read.
    """
    raise NotImplementedError


def check_golden(
    address: ServerAddress,
    config: ModelConfig,
    golden: Golden,
    *,
    version: int | None = None,
    timeout_s: float = 30.0,
) -> GoldenResult:
    """Sends each case and compares its answer. A case that is answered by an error is a mismatch."""
    raise NotImplementedError
