"""Sample requests for a model, valid by its configuration, ready to be sent any number of times.

Follows Triton's HTTP protocol with its binary tensor data extension.
"""

from __future__ import annotations

import json
import random
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import quote, urlsplit

from ..repository.protobuf import ModelConfig
from .address import ServerAddress
from .tensor import array_of, content_of, dtype_name, width_bytes

if TYPE_CHECKING:
    from .golden import Golden

VARIABLE_SIZE = 8
"""What a dimension of -1 becomes where nothing says better."""


@dataclass(frozen=True, slots=True)
class SampleTensor:
    """One input as Triton's binary tensors hold it: row-major, little-endian, texts with 4 bytes of length before."""

    name: str
    dtype: str
    """As in the inference protocol: FP32, INT64, BYTES, BOOL, BF16, ..."""
    shape: tuple[int, ...]
    """With the batch first where the model takes batches."""
    content: bytes

    def array(self) -> Any:
        """As a numpy array; BF16 as float32, BYTES as objects."""
        return array_of(self.dtype, self.shape, self.content)


@dataclass(frozen=True, slots=True)
class SampleRequest:
    """Inputs of one request."""

    rows: int
    """In the batch; 1 for a model that takes none."""
    tensors: tuple[SampleTensor, ...]
    sequence: int | None = None
    """Of a stateful model: the request is a whole sequence of this number."""

    def http(self, address: ServerAddress, model: str, version: int | None = None) -> bytes:
        """A whole HTTP/1.1 request: POST to ``/v2/models/<model>/infer`` with binary tensors, asking for such."""
        url = urlsplit(address.http)
        parameters: dict[str, Any] = {"binary_data_output": True}
        if self.sequence is not None:
            parameters |= {"sequence_id": self.sequence, "sequence_start": True, "sequence_end": True}
        described = [
            {
                "name": tensor.name,
                "shape": tensor.shape,
                "datatype": tensor.dtype,
                "parameters": {"binary_data_size": len(tensor.content)},
            }
            for tensor in self.tensors
        ]
        head = json.dumps({"inputs": described, "parameters": parameters}, separators=(",", ":")).encode()
        body = head + b"".join(tensor.content for tensor in self.tensors)
        path = f"{url.path.rstrip('/')}/v2/models/{quote(model, safe='')}"
        if version is not None:
            path += f"/versions/{version}"
        headers = {
            "Host": url.netloc.rpartition("@")[2],
            "Content-Type": "application/octet-stream",
            "Inference-Header-Content-Length": str(len(head)),
            "Content-Length": str(len(body)),
            **address.headers,
        }
        lines = [f"POST {path}/infer HTTP/1.1", *(f"{name}: {value}" for name, value in headers.items())]
        return "\r\n".join(lines).encode() + b"\r\n\r\n" + body


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
    folder: Path | None = None,
) -> tuple[SampleRequest, ...]:
    """Requests of ``rows`` rows.

    The content is, for the first of these that there is: rows of the golden cases' inputs, in turn; the file or the
    zeros that the first declared warm-up gives the input; seeded random values: floats from the normal distribution,
    integers 0 to 9, true and false, texts such as ``sample 7``. Optional inputs are left out unless a golden case or
    the warm-up has them. Inputs that may be ragged differ in size from request to request.

    Args:
        config: of the model that is called.
        count: how many different requests.
        rows: in each; 1 to max_batch_size, 1 where that is 0.
        seed: the same seed, the same requests.
        golden: known inputs.
        sizes: what dimensions of -1 become, in their order, by input; default: as in the warm-up, else
            :data:`VARIABLE_SIZE`.
        folder: of the model, for the files of its warm-up; None: they are not read.

    Raises:
        NoSample: such as an input whose values only a golden case can give.
        ValueError: rows that the model does not take.
    """
    largest = max(config.max_batch_size, 1)
    if not 1 <= rows <= largest:
        raise ValueError(f"{rows} rows are not what {config.name!r} takes: 1 to {largest}")
    if not config.input:
        raise NoSample(f"model {config.name!r} declares no inputs, so no request can be made up; declare them")
    maker = _Maker(config, rows, random.Random(seed), sizes or {}, folder)
    known = _golden_rows(config, golden) if golden is not None else []
    stateful = config.WhichOneof("scheduling_choice") == "sequence_batching"
    return tuple(
        SampleRequest(
            rows=rows,
            tensors=_from_golden(config, known, at, rows) if known else maker.tensors(),
            sequence=at + 1 if stateful else None,
        )
        for at in range(count)
    )


class _Maker:
    """Makes up the inputs of one model."""

    def __init__(
        self,
        config: ModelConfig,
        rows: int,
        chance: random.Random,
        sizes: Mapping[str, Sequence[int]],
        folder: Path | None,
    ) -> None:
        self.config = config
        self.batch = (rows,) if config.max_batch_size > 0 else ()
        self.chance = chance
        self.sizes = sizes
        self.folder = folder
        self.warm_up = dict(config.model_warmup[0].inputs) if config.model_warmup else {}

    def tensors(self) -> tuple[SampleTensor, ...]:
        return tuple(
            self._tensor(declared)
            for declared in self.config.input
            if not declared.optional or declared.name in self.warm_up
        )

    def _tensor(self, declared: Any) -> SampleTensor:
        dtype, warm = dtype_name(declared.data_type), self.warm_up.get(declared.name)
        shape = (*self.batch, *self._dims(declared, warm))
        count = 1
        for size in shape:
            count *= size
        content = None
        if warm is not None and warm.WhichOneof("input_data_type") == "zero_data" and dtype != "BYTES":
            content = bytes(count * width_bytes(dtype))
        elif warm is not None and warm.WhichOneof("input_data_type") == "input_data_file":
            content = self._file(warm.input_data_file, dtype, count)
        if content is None:
            if declared.is_shape_tensor:
                raise NoSample(
                    f"input {declared.name!r} of model {self.config.name!r} holds a shape, which cannot be made up; "
                    "write a case with it into golden.json"
                )
            content = content_of(dtype, shape, [self._value(dtype) for _ in range(count)])
        return SampleTensor(declared.name, dtype, shape, content)

    def _dims(self, declared: Any, warm: Any) -> list[int]:
        given = self.sizes.get(declared.name)
        if given is None and warm is not None and len(warm.dims) == len(declared.dims):
            return [each if each > 0 else VARIABLE_SIZE for each in warm.dims]
        free = sum(size < 0 for size in declared.dims)
        if given is not None and len(given) != free:
            raise ValueError(
                f"input {declared.name!r} of model {self.config.name!r} has {free} variable dimensions, "
                f"not {len(given)}"
            )
        if given is None:
            ragged = declared.allow_ragged_batch
            given = [self.chance.randint(1, 2 * VARIABLE_SIZE) if ragged else VARIABLE_SIZE for _ in range(free)]
        choices = iter(given)
        return [next(choices) if size < 0 else size for size in declared.dims]

    def _file(self, name: str, dtype: str, count: int) -> bytes | None:
        """The warm-up's file, repeated to as many values; None: there is none, or it is of texts of another size."""
        path = self.folder / "warmup" / name if self.folder else None
        if path is None or not path.is_file():
            return None
        content = path.read_bytes()
        if dtype == "BYTES":
            return content if self.batch in ((), (1,)) else None
        wanted = count * width_bytes(dtype)
        if not content:
            return None
        return (content * (wanted // len(content) + 1))[:wanted]

    def _value(self, dtype: str) -> Any:
        if dtype == "BYTES":
            return f"sample {self.chance.randrange(10)}".encode()
        if dtype == "BOOL":
            return self.chance.random() < 0.5
        if dtype.startswith(("FP", "BF")):
            return self.chance.gauss(0, 1)
        return self.chance.randrange(10)


_Row = dict[str, tuple[str, tuple[int, ...], list[Any]]]
"""By input: dtype, shape without the batch, and the values of one row."""


def _golden_rows(config: ModelConfig, golden: Golden) -> list[_Row]:
    rows: list[_Row] = []
    dtypes = {declared.name: dtype_name(declared.data_type) for declared in config.input}
    for case in golden.cases:
        arrays = {name: tensor.array(dtypes[name]) for name, tensor in case.inputs.items()}
        if config.max_batch_size <= 0:
            rows.append({name: (dtypes[name], array.shape, [array]) for name, array in arrays.items()})
            continue
        for at in range(min(len(array) for array in arrays.values())):
            rows.append({name: (dtypes[name], array.shape[1:], [array[at]]) for name, array in arrays.items()})
    return rows


def _from_golden(config: ModelConfig, known: list[_Row], at: int, rows: int) -> tuple[SampleTensor, ...]:
    """Rows from ``at * rows`` on, in turn, of those that fit the first of them."""
    first = known[at * rows % len(known)]
    alike = [row for row in known if {n: row[n][1] for n in row} == {n: first[n][1] for n in first}]
    start = next(position for position, row in enumerate(alike) if row is first)
    chosen = [alike[(start + offset) % len(alike)] for offset in range(rows)]
    batch = (rows,) if config.max_batch_size > 0 else ()
    tensors: list[SampleTensor] = []
    for name, (dtype, dims, _) in first.items():
        content = b"".join(content_of(dtype, dims, value) for row in chosen for value in row[name][2])
        tensors.append(SampleTensor(name, dtype, (*batch, *dims), content))
    return tuple(tensors)
