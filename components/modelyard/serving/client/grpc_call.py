"""``GRPCInferenceService/ModelInfer`` of the Open Inference Protocol, at a cluster's gateway or a server.

It is found at the host and port of the endpoint's URL: with TLS where that is https. Triton itself listens at 8001.
"""

from __future__ import annotations

import os
import time
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from .binary_tensors import pack, unpack
from .inference import Answer, Reply
from .inference_protocol import TRACK, side_header
from .refusal import CannotAsk, NotReached, Refused, TookTooLong, Unreadable, one_line
from .sending import Request
from .tensor import Tensor

_METHOD = "/inference.GRPCInferenceService/ModelInfer"
_STATUS = {
    "INVALID_ARGUMENT": 400, "UNAUTHENTICATED": 401, "PERMISSION_DENIED": 403, "NOT_FOUND": 404,
    "FAILED_PRECONDITION": 400, "RESOURCE_EXHAUSTED": 429, "UNIMPLEMENTED": 501, "UNAVAILABLE": 503,
}  # fmt: skip
"""Of HTTP, by gRPC's ("HTTP to gRPC Status Code Mapping", read the other way); any other is 500."""
_ADVICE = {
    "UNAUTHENTICATED": "give the client a token that the gateway takes, or set MODELYARD_ENDPOINT_TOKEN",
    "PERMISSION_DENIED": "the caller is not among those that the model's access names",
    "NOT_FOUND": "is it the model's name, and is the model loaded?",
    "UNIMPLEMENTED": "does gRPC answer at this address? Triton itself listens at port 8001",
}
_LARGEST_BYTES = 2**31 - 1
"""Of a message; 4 MiB, gRPC's own limit, is less than a batch of images."""
_NO_PROXY = ("grpc.enable_http_proxy", 0)


def infer(request: Request, tensors: Sequence[Tensor]) -> Answer:
    """Raises NotAnswered."""
    try:
        import grpc
        from tritonclient.grpc import service_pb2
    except ImportError:
        raise CannotAsk(
            "gRPC is spoken by the packages grpcio and tritonclient[grpc], of which one is missing; pip install "
            "modelyard[try]"
        ) from None
    messages: Any = service_pb2
    metadata = _metadata(request)
    if not tensors:
        raise CannotAsk("the request has no input tensor; give it one at least")
    asked = messages.ModelInferRequest(model_name=request.endpoint.model)
    for tensor in tensors:
        asked.inputs.add(name=tensor.name, datatype=tensor.datatype, shape=tensor.shape)
        asked.raw_input_contents.append(pack(tensor))
    call = request.once("grpc", lambda: _channel(grpc, request)).unary_unary(
        _METHOD,
        request_serializer=messages.ModelInferRequest.SerializeToString,
        response_deserializer=messages.ModelInferResponse.FromString,
    )
    wait = 0.25
    for left in range(request.attempts - 1, -1, -1):
        began = time.perf_counter()
        try:
            answer, told = call.with_call(asked, timeout=request.timeout_s, metadata=metadata)
        except grpc.RpcError as error:
            code = error.code().name  # pyright: ignore[reportAttributeAccessIssue]
            if code == "DEADLINE_EXCEEDED":
                raise TookTooLong(
                    f"{request.endpoint.host} did not answer within {request.timeout_s:g} s; raise timeout_s, or look "
                    "whether the model is ready"
                ) from None
            if code not in ("UNAVAILABLE", "RESOURCE_EXHAUSTED") or not left:
                raise _failure(request, code, error.details()) from None  # pyright: ignore[reportAttributeAccessIssue]
            request.pause(wait)
            wait *= 2
        else:
            latency_ms = (time.perf_counter() - began) * 1000
            served_by = dict(told.initial_metadata() or ()).get(TRACK)
            return _answer(answer, request.endpoint.host, served_by, latency_ms)
    raise AssertionError("attempts is at least 1")


def _channel(grpc: Any, request: Request) -> Any:
    parts = urlsplit(request.endpoint.url)
    if parts.path not in ("", "/"):
        raise CannotAsk(f"endpoint {request.endpoint.url!r}: gRPC has no path; write scheme, host and port alone")
    secure = parts.scheme == "https"
    options: list[tuple[str, Any]] = [
        ("grpc.max_receive_message_length", _LARGEST_BYTES),
        ("grpc.max_send_message_length", _LARGEST_BYTES),
    ]
    if parts.hostname in ("localhost", "127.0.0.1", "::1"):
        options.append(_NO_PROXY)
    named = {name.lower(): value for name, value in request.headers.items()}.get("host")
    if named is not None:
        # The gateway finds certificate and route by one name.
        options += [("grpc.default_authority", named), ("grpc.ssl_target_name_override", named)]
    host = f"[{parts.hostname}]" if ":" in (parts.hostname or "") else parts.hostname
    address = f"{host}:{parts.port or (443 if secure else 80)}"
    if not secure:
        return grpc.insecure_channel(address, options=options)
    return grpc.secure_channel(address, grpc.ssl_channel_credentials(_trusted()), options=options)


def _trusted() -> bytes | None:
    """The certificates that Python's own HTTPS trusts where a variable names them. None: gRPC's."""
    named = os.environ.get("SSL_CERT_FILE")
    if not named:
        return None
    try:
        return Path(named).read_bytes()
    except OSError:
        raise CannotAsk(f"SSL_CERT_FILE names {named}, which cannot be read; name a file of certificates") from None


def _metadata(request: Request) -> list[tuple[str, str]]:
    said: Mapping[str, str] = {
        **{name.lower(): value for name, value in request.headers.items() if name.lower() != "host"},
        **({} if request.token is None else {"authorization": f"Bearer {request.token}"}),
        **side_header(request.variant),
    }
    return list(said.items())


def _failure(request: Request, code: str, details: str | None) -> NotReached | Refused:
    secrets = [*([request.token] if request.token else ()), *request.headers.values()]
    said = one_line(details or code.lower(), secrets)
    host, what = request.endpoint.host, _ADVICE.get(code)
    if code == "UNAVAILABLE" and "failed to connect" in said:
        return NotReached(f"{host} is not reached over gRPC; check the address, its port and the network")
    sentence = f"{host} refused the request: {said} ({code})"
    return Refused(f"{sentence}; {what}" if what else sentence, _STATUS.get(code, 500))


def _answer(answer: Any, host: str, served_by: str | None, latency_ms: float) -> Answer:
    reply = Reply(answer.SerializeToString(), "application/grpc", served_by, latency_ms)
    outputs: dict[str, Tensor] = {}
    try:
        raw = list(answer.raw_output_contents)
        for at, said in enumerate(answer.outputs):
            shape = tuple(said.shape)
            if raw:
                outputs[said.name] = unpack(said.name, said.datatype, shape, raw[at])
            else:
                # KServe's own server answers in lists.
                values = next((tuple(each) for _, each in said.contents.ListFields()), ())
                texts = tuple(each.decode() if isinstance(each, bytes) else each for each in values)
                outputs[said.name] = Tensor(said.name, said.datatype, shape, texts)
    except (CannotAsk, IndexError, KeyError, ValueError) as error:
        raise Unreadable(
            f"{host} did not answer in the Open Inference Protocol over gRPC ({one_line(str(error))})"
        ) from None
    return Answer(outputs, reply)
