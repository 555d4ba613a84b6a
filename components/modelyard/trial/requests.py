"""Sample requests for a model, valid by its configuration, ready to be sent any number of times."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from tritonclient.grpc.model_config_pb2 import ModelConfig

    from .golden import Golden


@dataclass(frozen=True, slots=True)
class SampleTensor:
    """One input as Triton's binary tensors hold it: row-major, little-endian, texts with 4 bytes of length before."""

    name: str
    dtype: str
    """As in the inference protocol: FP32, INT64, BYTES, BOOL, BF16, ..."""
    shape: tuple[int, ...]
    """With the batch first where the model takes batches."""
    content: bytes


@dataclass(frozen=True, slots=True)
class SampleRequest:
    """Inputs of one request."""

    rows: int
    """In the batch; 1 for a model that takes none."""
    tensors: tuple[SampleTensor, ...]

    def grpc(self, model: str, version: int | None = None) -> bytes:
        """A serialised ModelInferRequest."""
        raise NotImplementedError

    def http(self, model: str, version: int | None = None) -> tuple[bytes, dict[str, str]]:
        """Body of a POST to ``/v2/models/<model>/infer`` with binary tensors, answered with binary tensors, and its
        headers."""
        raise NotImplementedError


class NoSample(Exception):
    """A valid request cannot be made up for a model; the message says of which input, and what to add."""


def samples(
    config: ModelConfig,
    *,
    count: int = 32,
    rows: int = 1,
    seed: int = 0,
    golden: Golden | None = None,
    sizes: Mapping[str, Sequence[int]] | None = None,
) -> tuple[SampleRequest, ...]:
    """Requests of ``rows`` rows.

    The content is, in this order: rows of the golden cases' inputs, in turn; files and ranges of the declared
    warm-up; seeded random values that are valid for the dtype (floats of a normal distribution, integers 0 to 9,
    short texts).

    Args:
        config: of the model that is called.
        count: how many different requests.
        rows: in each; 1 to max_batch_size, 1 where that is 0.
        seed: the same seed, the same requests.
        golden: known inputs.
        sizes: what dimensions of -1 become, by input; default: as in the warm-up, else :data:`VARIABLE_SIZE`.

    Raises:
        NoSample: such as an input whose values only a golden case can give.
    """
    raise NotImplementedError
