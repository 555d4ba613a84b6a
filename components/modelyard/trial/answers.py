"""One request over HTTP by ``tritonclient``, and its answer."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlsplit

from ..repository.protobuf import ModelConfig
from .address import ServerAddress
from .requests import SampleRequest
from .tensor import dtype_name, numpy_dtype


class NoAnswer(Exception):
    """The server answered with an error or not at all; the message is its own, or says what happened."""


def ask(
    address: ServerAddress,
    config: ModelConfig,
    request: SampleRequest,
    *,
    version: int | None = None,
    timeout_s: float = 10.0,
) -> dict[str, Any]:
    """The outputs of one request as numpy arrays, by name: BYTES as objects, BF16 as float32.

    Raises:
        NoAnswer: why there is none.
    """
    client = http_client(address, timeout_s)
    try:
        answer = infer(client, address, config, request, "" if version is None else str(version))
        found = {name: array for name, (_, array) in http_outputs(answer, address, config, request).items()}
    except Exception as error:  # the client lets whatever its libraries raise through
        asked = f"for an inference of model {config.name!r}"
        raise NoAnswer(why(error, timeout_s, asked, address.dialect.server)) from None
    finally:
        client.close()
    return found


def http_client(address: ServerAddress, timeout_s: float) -> Any:
    """``tritonclient.http``, whose calls raise TimeoutError after ``timeout_s`` without an answer."""
    import tritonclient.http as http

    parts = urlsplit(address.http)
    return http.InferenceServerClient(
        f"{parts.netloc}{parts.path.rstrip('/')}",
        ssl=parts.scheme == "https",
        connection_timeout=timeout_s,
        network_timeout=timeout_s,
    )


def infer(client: Any, address: ServerAddress, config: ModelConfig, request: SampleRequest, version: str) -> Any:
    """The answer of ``tritonclient.http`` to one request, in the form that the server takes."""
    form: dict[str, Any] = {}
    headers = dict(address.headers)
    if not address.dialect.binary_http:
        # A server that is not told takes the body for what it likes best.
        headers["Content-Type"] = "application/json"
        if address.dialect.named_outputs:
            from tritonclient.http import InferRequestedOutput

            form["outputs"] = [InferRequestedOutput(each.name, binary_data=False) for each in config.output]
    given = inputs(request, "http", binary=address.dialect.binary_http)
    return client.infer(config.name, given, model_version=version, headers=headers, **form, **sequence(request))


def http_outputs(
    answer: Any, address: ServerAddress, config: ModelConfig, request: SampleRequest
) -> dict[str, tuple[str, Any]]:
    """Dtype and array by name."""
    found = {
        each["name"]: (each["datatype"], answer.as_numpy(each["name"])) for each in answer.get_response()["outputs"]
    }
    return found if address.dialect.named_outputs else as_configured(found, config, request)


def as_configured(
    found: dict[str, tuple[str, Any]], config: ModelConfig, request: SampleRequest
) -> dict[str, tuple[str, Any]]:
    """Outputs in their order under the configured names, with the configured dtypes, and shaped as the configuration
    has it where they have as many values."""
    outputs: dict[str, tuple[str, Any]] = {}
    for declared, (_, array) in zip(config.output, found.values(), strict=False):
        dtype = dtype_name(declared.data_type)
        shape = ([request.rows] if config.max_batch_size > 0 else []) + list(declared.dims)
        fixed = all(size >= 0 for size in shape)
        count = 1
        for size in shape:
            count *= size
        shaped = array.reshape(shape) if fixed and count == array.size else array
        outputs[declared.name] = (dtype, shaped.astype(numpy_dtype(dtype)))
    return outputs


def inputs(request: SampleRequest, protocol: str, *, binary: bool = True) -> list[Any]:
    """The request's tensors for ``tritonclient.http``, binary or as JSON, or for ``tritonclient.grpc``."""
    if protocol == "http":
        from tritonclient.http import InferInput
    else:
        from tritonclient.grpc import InferInput
    found: list[Any] = []
    for tensor in request.tensors:
        given = InferInput(tensor.name, list(tensor.shape), tensor.dtype)
        given.set_data_from_numpy(tensor.array(), **({} if binary else {"binary_data": False}))
        found.append(given)
    return found


def sequence(request: SampleRequest) -> dict[str, Any]:
    """What ``infer`` takes for a stateful model."""
    if request.sequence is None:
        return {}
    return {"sequence_id": request.sequence, "sequence_start": True, "sequence_end": True}


def why(error: Exception, timeout_s: float, asked: str, server: str) -> str:
    """What a call of ``tritonclient`` failed with, in words.

    Args:
        error: of the client, or of a library that it uses.
        timeout_s: after which the call ended.
        asked: what the server was asked: ``whether it is live``.
        server: that should have answered, as its makers write it.
    """
    from http.client import HTTPException

    from tritonclient.utils import InferenceServerException

    text = error.message() if isinstance(error, InferenceServerException) else str(error)
    if isinstance(error, TimeoutError) or "timed out" in str(text) or "Deadline Exceeded" in str(text):
        return f"no answer within {timeout_s:g} s"
    if isinstance(error, InferenceServerException):
        return one_line(text)
    if isinstance(error, OSError):
        return one_line(error.strerror or text)
    if isinstance(error, HTTPException) and "closed" in text:
        return "the server closed the connection before it answered"
    return f"asked {asked}, it did not answer in the inference protocol; is it {server}?"


def one_line(text: object, longest: int = 300) -> str:
    line = " ".join(str(text).split())
    return line if len(line) <= longest else line[: longest - 1] + "…"
