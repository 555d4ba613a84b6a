"""One request over HTTP by ``tritonclient``, and its answer."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlsplit

from ..repository.protobuf import ModelConfig
from .address import ServerAddress
from .requests import SampleRequest


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
        answer = client.infer(
            config.name,
            inputs(request, "http"),
            model_version="" if version is None else str(version),
            headers=dict(address.headers),
            **sequence(request),
        )
        found = {output["name"]: answer.as_numpy(output["name"]) for output in answer.get_response()["outputs"]}
    except Exception as error:  # the client lets whatever its libraries raise through
        raise NoAnswer(why(error, timeout_s)) from None
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


def inputs(request: SampleRequest, protocol: str) -> list[Any]:
    """The request's tensors for ``tritonclient.http`` or ``tritonclient.grpc``."""
    if protocol == "http":
        from tritonclient.http import InferInput
    else:
        from tritonclient.grpc import InferInput
    found: list[Any] = []
    for tensor in request.tensors:
        given = InferInput(tensor.name, list(tensor.shape), tensor.dtype)
        given.set_data_from_numpy(tensor.array())
        found.append(given)
    return found


def sequence(request: SampleRequest) -> dict[str, Any]:
    """What ``infer`` takes for a stateful model."""
    if request.sequence is None:
        return {}
    return {"sequence_id": request.sequence, "sequence_start": True, "sequence_end": True}


def why(error: Exception, timeout_s: float) -> str:
    """What a call of ``tritonclient`` failed with, in words."""
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
    return "the answer is not of the inference protocol; is it a Triton server?"


def one_line(text: object, longest: int = 300) -> str:
    line = " ".join(str(text).split())
    return line if len(line) <= longest else line[: longest - 1] + "…"
