"""Is the server alive, is the model what the configuration says, and does it answer over both protocols?"""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any

from ..repository.protobuf import ModelConfig
from .address import ServerAddress
from .answers import as_configured, http_client, http_outputs, infer, inputs, sequence, why
from .grpc_client import GrpcClient
from .requests import NoSample, SampleRequest, samples
from .tensor import dtype_name, is_float

HTTP = "HTTP"
GRPC = "gRPC"


@dataclass(frozen=True, slots=True)
class SmokeCheck:
    """One thing that was looked at."""

    name: str
    """For example ``HTTP: 8 rows are answered``."""
    passed: bool
    detail: str
    """What was seen; for a failure what was expected and what came."""
    milliseconds: float | None = None
    """What the call took; None: nothing was called."""


@dataclass(frozen=True, slots=True)
class Smoke:
    checks: tuple[SmokeCheck, ...]

    @property
    def passed(self) -> bool:
        return all(check.passed for check in self.checks)


def smoke(
    address: ServerAddress,
    config: ModelConfig,
    *,
    version: int | None = None,
    requests: Sequence[SampleRequest] | None = None,
    timeout_s: float = 10.0,
) -> Smoke:
    """Server live and ready, model ready, its metadata equal to the configuration, and one request of one row and
    one of the largest batch over HTTP and gRPC by ``tritonclient``, with outputs of the declared names, dtypes and
    shapes, the same over both.

    Where a protocol does not say that the server is live, nothing more is asked of it. A decoupled model is asked
    over gRPC alone, since HTTP does not serve it. What the server's dialect lacks is not asked.

    Args:
        requests: what is sent; default: one row and the largest batch, made up by :func:`.requests.samples`.
        timeout_s: for each call; a call without an answer is a failed check, not an exception.
    """
    checks: list[SmokeCheck] = []
    if requests is None:
        try:
            requests = [samples(config, count=1, rows=rows)[0] for rows in sorted({1, max(config.max_batch_size, 1)})]
        except NoSample as error:
            checks.append(SmokeCheck("a request can be made up", False, str(error)))
            requests = []
    answers = {
        HTTP: _over(_Http(address, config, version, timeout_s), config, requests, checks),
        GRPC: _over(_Grpc(address, config, version, timeout_s), config, requests, checks) if address.grpc else {},
    }
    for at, request in enumerate(requests):
        if at in answers[HTTP] and at in answers[GRPC]:
            different = _difference(answers[HTTP][at], answers[GRPC][at], config)
            checks.append(
                SmokeCheck(f"{_rows(request)} answered alike over HTTP and gRPC", different is None, different or "yes")
            )
    return Smoke(tuple(checks))


class _Http:
    name = HTTP
    serves_decoupled = False

    def __init__(self, address: ServerAddress, config: ModelConfig, version: int | None, timeout_s: float) -> None:
        self.config, self.timeout_s, self.address = config, timeout_s, address
        self.version = "" if version is None else str(version)
        self.headers = dict(address.headers)
        self.client = http_client(address, timeout_s)

    def live(self) -> bool:
        return self.client.is_server_live(headers=self.headers)

    def ready(self) -> bool:
        return self.client.is_server_ready(headers=self.headers)

    def model_ready(self) -> bool:
        return self.client.is_model_ready(self.config.name, self.version, headers=self.headers)

    @property
    def tells_model_ready(self) -> bool:
        return self.address.dialect.model_ready_http

    def metadata(self) -> _Tensors:
        return _tensors(self.client.get_model_metadata(self.config.name, self.version, headers=self.headers))

    def infer(self, request: SampleRequest) -> dict[str, Any]:
        answer = infer(self.client, self.address, self.config, request, self.version)
        return http_outputs(answer, self.address, self.config, request)

    def close(self) -> None:
        self.client.close()


class _Grpc:
    name = GRPC
    serves_decoupled = True
    tells_model_ready = True

    def __init__(self, address: ServerAddress, config: ModelConfig, version: int | None, timeout_s: float) -> None:
        self.client = GrpcClient(address, timeout_s)
        self.config, self.timeout_s, self.address = config, timeout_s, address
        self.version = "" if version is None else str(version)

    def live(self) -> bool:
        return self.client.live()

    def ready(self) -> bool:
        return self.client.ready()

    def model_ready(self) -> bool:
        return self.client.model_ready(self.config.name, self.version)

    def metadata(self) -> _Tensors:
        return _tensors(self.client.metadata(self.config.name, self.version))

    def infer(self, request: SampleRequest) -> dict[str, Any]:
        ask = self.client.stream if self.config.model_transaction_policy.decoupled else self.client.infer
        found = ask(self.config.name, self.version, inputs(request, "grpc"), sequence(request))
        return found if self.address.dialect.named_outputs else as_configured(found, self.config, request)

    def close(self) -> None:
        self.client.close()


def _over(
    client: _Http | _Grpc, config: ModelConfig, requests: Sequence[SampleRequest], checks: list[SmokeCheck]
) -> dict[int, dict[str, Any]]:
    """Answers by the request's position."""
    answers: dict[int, dict[str, Any]] = {}
    try:
        if not _check(checks, "server is live", "whether it is live", client, client.live, _is_true):
            return answers
        _check(checks, "server is ready", "whether it is ready", client, client.ready, _is_true)
        if client.tells_model_ready:
            ready = f"model {config.name!r} is ready"
            _check(checks, ready, f"whether {ready}", client, client.model_ready, _is_true)
        if client.address.dialect.metadata:
            _check(
                checks,
                "metadata is as configured",
                f"for the metadata of model {config.name!r}",
                client,
                client.metadata,
                lambda metadata: _metadata(metadata, config),
            )
        if config.model_transaction_policy.decoupled and not client.serves_decoupled:
            return answers
        for at, request in enumerate(requests):
            seen: list[dict[str, Any]] = []

            def judge(
                answer: dict[str, Any], request: SampleRequest = request, seen: list[dict[str, Any]] = seen
            ) -> str | None:
                seen.append(answer)
                return unlike_configured(answer, config, request)

            infer = partial(client.infer, request)
            asked = f"for an inference of model {config.name!r}"
            if _check(checks, f"{_rows(request)} answered", asked, client, infer, judge):
                answers[at] = seen[0]
    finally:
        client.close()
    return answers


def _check(
    checks: list[SmokeCheck],
    name: str,
    asked: str,
    client: _Http | _Grpc,
    call: Callable[[], Any],
    judge: Callable[[Any], str | None],
) -> bool:
    """Calls, and appends what came of it. ``asked`` is for the error of what answers in no protocol; ``judge`` says
    what is wrong, or None."""
    start = time.perf_counter()
    try:
        answer = call()
    except Exception as error:  # the client lets whatever its libraries raise through
        wrong = why(error, client.timeout_s, asked, client.address.dialect.server)
    else:
        wrong = judge(answer)
    milliseconds = 1000 * (time.perf_counter() - start)
    checks.append(SmokeCheck(f"{client.name}: {name}", wrong is None, wrong or "yes", milliseconds))
    return wrong is None


_Tensors = dict[str, dict[str, tuple[str, list[int]]]]
"""Of ``inputs`` and ``outputs``, by name: dtype and shape."""


def _tensors(metadata: dict[str, Any]) -> _Tensors:
    return {
        kind: {each["name"]: (each["datatype"], [int(size) for size in each["shape"]]) for each in metadata[kind]}
        for kind in ("inputs", "outputs")
    }


def _is_true(answer: bool) -> str | None:
    return None if answer else "the server says no"


def _metadata(metadata: _Tensors, config: ModelConfig) -> str | None:
    """How the server's inputs and outputs differ from the configuration's."""
    for kind, declared in (("inputs", config.input), ("outputs", config.output)):
        batch = [-1] if config.max_batch_size > 0 else []
        wanted = {each.name: (dtype_name(each.data_type), [*batch, *each.dims]) for each in declared}
        seen = metadata[kind]
        for name in (*wanted, *seen):
            if wanted.get(name) != seen.get(name):
                return (
                    f"{kind[:-1]} {name!r}: configured is {_described(wanted.get(name))}, the server has "
                    f"{_described(seen.get(name))}"
                )
    return None


def _described(tensor: tuple[str, list[int]] | None) -> str:
    return "none" if tensor is None else f"{tensor[0]} {tensor[1]}"


def unlike_configured(answer: dict[str, Any], config: ModelConfig, request: SampleRequest) -> str | None:
    """How the outputs (dtype and array by name) differ in names, dtypes and shapes; None: they do not."""
    for declared in config.output:
        if declared.name not in answer:
            return f"output {declared.name!r} is missing; there are {', '.join(answer) or 'none'}"
        dtype, array = answer[declared.name]
        wanted = dtype_name(declared.data_type)
        if dtype != wanted:
            return f"output {declared.name!r}: expected {wanted}, got {dtype}"
        dims = ([request.rows] if config.max_batch_size > 0 else []) + list(declared.dims)
        shape = list(array.shape)
        if len(shape) != len(dims) or any(size not in (-1, seen) for size, seen in zip(dims, shape, strict=True)):
            return f"output {declared.name!r}: expected shape {dims}, got {shape}"
    return None


def _difference(one: dict[str, Any], other: dict[str, Any], config: ModelConfig) -> str | None:
    """Floats may differ in the last digits: a batch may have been put together in another way."""
    import numpy as np

    for declared in config.output:
        name = declared.name
        (dtype, over_http), (_, over_grpc) = one[name], other[name]
        if over_http.shape != over_grpc.shape:
            return f"output {name!r}: shape {list(over_http.shape)} over HTTP, {list(over_grpc.shape)} over gRPC"
        if is_float(dtype):
            equal = np.isclose(over_http, over_grpc, rtol=1e-4, atol=1e-6, equal_nan=True)
        else:
            equal = np.asarray(over_http == over_grpc)
        if not equal.all():
            at = tuple(int(each) for each in np.argwhere(~equal)[0])
            return f"output {name!r}{list(at)}: {over_http[at]} over HTTP, {over_grpc[at]} over gRPC"
    return None


def _rows(request: SampleRequest) -> str:
    return "1 row is" if request.rows == 1 else f"{request.rows} rows are"
