"""golden.json: requests whose answers are known, stored beside model.yaml.

    {"cases": [{"name": "a refund", "inputs": {"x": {"data": [[1.5, 2.0]]}}, "outputs": {"y": {"data": [[3.5]]}},
                "tolerance": {"absolute": 1e-5, "relative": 1e-5}}]}

``data`` is nested as the tensor is shaped, with the batch first where the model takes batches. Floats are equal
within absolute + relative * |expected|; everything else exactly, a NaN to a NaN. Outputs that a case leaves out are
not looked at.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Any

from pydantic import Field, ValidationError

from ..catalog.spelling import nearest
from ..environment.declaration import Declaration
from ..environment.problem import Problem
from ..repository.invalid import InvalidRepository
from ..repository.protobuf import ModelConfig
from .address import ServerAddress
from .answers import NoAnswer, ask
from .requests import SampleRequest, SampleTensor
from .tensor import content_of, dtype_name, is_float, numpy_dtype

FILE_NAME = "golden.json"
_SHOWN = 5


class Tolerance(Declaration):
    """Of floating-point outputs."""

    absolute: Annotated[float, Field(ge=0)] = 1e-5
    relative: Annotated[float, Field(ge=0)] = 1e-5


class GoldenTensor(Declaration):
    data: Any
    """Nested lists; a value by itself for a tensor of no dimensions."""

    def array(self, dtype: str) -> Any:
        """As numpy holds the dtype.

        Raises:
            ValueError: lists of unequal lengths, or a value that the dtype does not hold.
        """
        import numpy as np

        _check_values(self.data, dtype)
        if dtype == "BYTES":
            shape = _shape(self.data)
            array = np.empty(shape, dtype=object)
            array.ravel()[:] = [each.encode() for each in _values(self.data)]
            return array
        return np.array(self.data, dtype=numpy_dtype(dtype))


class GoldenCase(Declaration):
    name: str | None = None
    """Default: its number."""
    inputs: Annotated[dict[str, GoldenTensor], Field(min_length=1)]
    outputs: Annotated[dict[str, GoldenTensor], Field(min_length=1)]
    tolerance: Tolerance = Tolerance()


class Golden(Declaration):
    cases: tuple[GoldenCase, ...]
    """At least one."""


@dataclass(frozen=True, slots=True)
class Mismatch:
    """One answer that is not the golden one. ``str()`` is the sentence that people see."""

    case: str
    tensor: str | None
    """None: the request was not answered."""
    index: tuple[int, ...] | None
    """Of the first value that differs; None: the shape does, or there is no answer."""
    expected: str
    got: str
    others: int = 0
    """Values of the tensor that differ as well."""

    def __str__(self) -> str:
        return f"golden case {self.case}: {self.what}"

    @property
    def what(self) -> str:
        """The sentence without the case."""
        if self.tensor is None:
            return f"expected an answer, got {self.got}"
        at = "" if self.index is None else "[" + ", ".join(str(each) for each in self.index) + "]"
        rest = f", and {self.others} more values differ" if self.others else ""
        return f"output {self.tensor!r}{at}: expected {self.expected}, got {self.got}{rest}"


@dataclass(frozen=True, slots=True)
class GoldenResult:
    cases: int
    mismatches: tuple[Mismatch, ...]
    """One for each tensor that differs."""

    @property
    def passed(self) -> bool:
        return not self.mismatches


def read_golden(path: Path, config: ModelConfig | None = None, *, shown: str | None = None) -> Golden:
    """The cases of a file.

    Args:
        path: of the file.
        config: of the model, to check names, values and shapes by; None: they are not checked.
        shown: the file's name in errors; None: its path.

    Raises:
        InvalidRepository: with every problem of the file.
        OSError: the file cannot be read.
    """
    file = shown or str(path)
    content = path.read_bytes()
    try:
        json.loads(content)
    except json.JSONDecodeError as error:
        raise InvalidRepository([Problem(file, "", f"is not JSON: {error.msg}", error.lineno)]) from None
    except UnicodeDecodeError:
        raise InvalidRepository([Problem(file, "", "is not JSON: it is not UTF-8 text")]) from None
    try:
        golden = Golden.model_validate_json(content)
    except ValidationError as error:
        from ..environment.json_file import json_problems

        raise InvalidRepository(list(json_problems(file, error, Golden))) from None
    if not golden.cases:
        raise InvalidRepository([Problem(file, "cases", "holds no case; write one, or remove the file")])
    problems = list(_unlike(golden, config, file)) if config is not None else []
    if problems:
        raise InvalidRepository(problems)
    return golden


def check_golden(
    address: ServerAddress,
    config: ModelConfig,
    golden: Golden,
    *,
    version: int | None = None,
    timeout_s: float = 30.0,
) -> GoldenResult:
    """Sends each case over HTTP and compares its answer. A case that is answered by an error is a mismatch."""
    found: list[Mismatch] = []
    dtypes = {tensor.name: dtype_name(tensor.data_type) for tensor in (*config.input, *config.output)}
    for number, case in enumerate(golden.cases):
        name = named_case(case, number)
        try:
            answer = ask(address, config, golden_request(config, case), version=version, timeout_s=timeout_s)
        except NoAnswer as error:
            found.append(Mismatch(name, None, None, "", str(error)))
            continue
        for tensor, expected in case.outputs.items():
            if tensor not in answer:
                found.append(Mismatch(name, tensor, None, "this output", "none of this name"))
                continue
            mismatch = compare(
                name, tensor, dtypes[tensor], expected.array(dtypes[tensor]), answer[tensor], case.tolerance
            )
            if mismatch is not None:
                found.append(mismatch)
    return GoldenResult(len(golden.cases), tuple(found))


def compare(case: str, tensor: str, dtype: str, expected: Any, got: Any, tolerance: Tolerance) -> Mismatch | None:
    """The first value that differs; None: all are equal. Both are numpy arrays."""
    import numpy as np

    if expected.shape != got.shape:
        return Mismatch(case, tensor, None, f"shape {list(expected.shape)}", f"shape {list(got.shape)}")
    if is_float(dtype):
        wanted, seen = np.asarray(expected, np.float64), np.asarray(got, np.float64)
        equal = np.isclose(seen, wanted, rtol=tolerance.relative, atol=tolerance.absolute, equal_nan=True)
    else:
        equal = np.asarray(expected == got)
    if equal.all():
        return None
    differing = np.argwhere(~equal)
    at = tuple(int(each) for each in differing[0])
    return Mismatch(case, tensor, at, _text(expected[at]), _text(got[at]), len(differing) - 1)


def golden_request(config: ModelConfig, case: GoldenCase) -> SampleRequest:
    """What a case sends."""
    dtypes = {tensor.name: dtype_name(tensor.data_type) for tensor in config.input}
    tensors: list[SampleTensor] = []
    for name, given in case.inputs.items():
        array = given.array(dtypes[name])
        tensors.append(SampleTensor(name, dtypes[name], array.shape, content_of(dtypes[name], array.shape, array)))
    rows = tensors[0].shape[0] if config.max_batch_size > 0 and tensors[0].shape else 1
    return SampleRequest(rows, tuple(tensors))


def _unlike(golden: Golden, config: ModelConfig, file: str) -> Iterator[Problem]:
    """What of the cases is not of this configuration."""
    for number, case in enumerate(golden.cases):
        for kind, tensors, declared in (
            ("inputs", case.inputs, config.input),
            ("outputs", case.outputs, config.output),
        ):
            known = {each.name: each for each in declared}
            here = f"cases[{number}].{kind}"
            missing = [
                each.name for each in declared if kind == "inputs" and each.name not in tensors and not each.optional
            ]
            if missing:
                yield Problem(file, here, f"lacks {', '.join(missing)}, which model {config.name!r} needs")
            for name, tensor in tensors.items():
                if name not in known:
                    near = nearest(name, known)
                    hint = f"; did you mean {near}?" if near else ""
                    yield Problem(file, f"{here}.{name}", f"model {config.name!r} has {kind} {', '.join(known)}{hint}")
                else:
                    message = _wrong(tensor, known[name], config.max_batch_size)
                    if message:
                        yield Problem(file, f"{here}.{name}.data", message)


def _wrong(tensor: GoldenTensor, declared: Any, max_batch_size: int) -> str | None:
    try:
        array = tensor.array(dtype_name(declared.data_type))
    except ValueError as error:
        return str(error)
    dims = ([-1] if max_batch_size > 0 else []) + list(declared.dims)
    shape = list(array.shape)
    if len(shape) != len(dims) or any(size not in (-1, seen) for size, seen in zip(dims, shape, strict=True)):
        batch = ", with the batch first" if max_batch_size > 0 else ""
        return f"is of shape {shape}; declared is {dims}{batch}, where -1 is any size"
    if max_batch_size > 0 and not 1 <= shape[0] <= max_batch_size:
        return f"has {shape[0]} rows; the model takes 1 to {max_batch_size}"
    return None


def _check_values(data: Any, dtype: str) -> None:
    _shape(data)
    allowed: tuple[type, ...] = (str,) if dtype == "BYTES" else (bool,) if dtype == "BOOL" else (int,)
    if is_float(dtype):
        allowed = (int, float)
    for value in _values(data):
        if not isinstance(value, allowed) or (isinstance(value, bool) and dtype != "BOOL"):
            said = {"BYTES": "texts", "BOOL": "true or false"}.get(dtype, "numbers" if is_float(dtype) else "integers")
            raise ValueError(f"holds {value!r}; {'STRING' if dtype == 'BYTES' else dtype} takes {said}")
        if isinstance(value, int) and not is_float(dtype) and dtype != "BOOL":
            import numpy as np

            limits = np.iinfo(numpy_dtype(dtype))
            if not limits.min <= value <= limits.max:
                raise ValueError(f"holds {value}; {dtype} takes {limits.min} to {limits.max}")


def _values(data: Any) -> Iterator[Any]:
    if isinstance(data, list):
        for each in data:
            yield from _values(each)
    else:
        yield data


def _shape(data: Any) -> tuple[int, ...]:
    if not isinstance(data, list):
        return ()
    shapes = {_shape(each) for each in data}
    if len(shapes) > 1:
        raise ValueError("is nested in lists of unequal lengths; a tensor is rectangular")
    return (len(data), *(next(iter(shapes)) if shapes else ()))


def named_case(case: GoldenCase, number: int) -> str:
    """For sentences: its name in quotes, or its number."""
    return repr(case.name) if case.name else str(number)


def _text(value: Any) -> str:
    if isinstance(value, bytes):
        return repr(value.decode(errors="replace"))
    return str(value)
