"""gRPC's own errors as sentences, and an answer whose tensors are lists, by a server on loopback."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from typing import Any

import grpc
import pytest
from modelyard.serving.client import CannotAsk, Client, Endpoint, NotAnswered, Refused, Tensor, TookTooLong, Unreadable
from tritonclient.grpc import service_pb2

messages: Any = service_pb2
SECRET = "s3cr3t-of-nobody"
X = [Tensor.of("x", "FP32", [[21]])]


@contextmanager
def server(*answers: Any) -> Iterator[tuple[str, list[Any]]]:
    """URL, and the metadata of each request; answers in turn, the last of them for ever, a status code as a refusal."""
    asked: list[Any] = []

    def infer(request: Any, context: grpc.ServicerContext) -> Any:
        asked.append(dict(context.invocation_metadata()))
        answer = answers[min(len(asked), len(answers)) - 1]
        if isinstance(answer, grpc.StatusCode):
            context.abort(answer, f"told so, with {SECRET}")
        return answer

    method = grpc.unary_unary_rpc_method_handler(
        infer, messages.ModelInferRequest.FromString, messages.ModelInferResponse.SerializeToString
    )
    handler = grpc.method_handlers_generic_handler("inference.GRPCInferenceService", {"ModelInfer": method})
    running = grpc.server(ThreadPoolExecutor(2))
    running.add_generic_rpc_handlers((handler,))
    port = running.add_insecure_port("127.0.0.1:0")
    running.start()
    try:
        yield f"http://127.0.0.1:{port}", asked
    finally:
        running.stop(None).wait()


@contextmanager
def client(url: str, **given: Any) -> Iterator[Client]:
    made = Client(Endpoint.at(url, "m"), **{"protocol": "grpc", "pause": lambda _: None, "token": SECRET, **given})
    try:
        yield made
    finally:
        made.close()


def listed(**contents: list[Any]) -> Any:
    said = messages.ModelInferResponse(model_name="m")
    said.outputs.add(name="y", datatype="FP32", shape=[1, 2], contents=messages.InferTensorContents(**contents))
    return said


def test_tensors_may_come_as_lists_and_the_token_is_sent() -> None:
    with server(listed(fp32_contents=[0.5, 2])) as (url, asked), client(url, headers={"X-Api-Key": "k"}) as asking:
        answer = asking.infer(X)
    assert (answer["y"], answer.outputs["y"].shape) == ((0.5, 2.0), (1, 2))
    assert (asked[0]["authorization"], asked[0]["x-api-key"]) == (f"Bearer {SECRET}", "k")


@pytest.mark.parametrize(
    ("code", "status", "advice", "times"),
    [
        (grpc.StatusCode.INVALID_ARGUMENT, 400, "", 1),
        (grpc.StatusCode.UNAUTHENTICATED, 401,
         "; give the client a token that the gateway takes, or set MODELYARD_ENDPOINT_TOKEN", 1),
        (grpc.StatusCode.PERMISSION_DENIED, 403, "; the caller is not among those that the model's access names", 1),
        (grpc.StatusCode.NOT_FOUND, 404, "; is it the model's name, and is the model loaded?", 1),
        (grpc.StatusCode.UNIMPLEMENTED, 501,
         "; does gRPC answer at this address? Triton itself listens at port 8001", 1),
        (grpc.StatusCode.INTERNAL, 500, "", 1),
        (grpc.StatusCode.RESOURCE_EXHAUSTED, 429, "", 3),
        (grpc.StatusCode.UNAVAILABLE, 503, "", 3),
    ],
)  # fmt: skip
def test_a_refusal_is_a_sentence_without_the_token(code: Any, status: int, advice: str, times: int) -> None:
    with server(code) as (url, asked), client(url) as asking, pytest.raises(Refused) as raised:
        asking.infer(X)
    assert str(raised.value) == f"127.0.0.1 refused the request: told so, with [secret] ({code.name}){advice}"
    assert (raised.value.status, len(asked)) == (status, times)


def test_a_busy_server_is_asked_again_and_a_slow_one_is_not() -> None:
    with server(grpc.StatusCode.UNAVAILABLE, listed(fp32_contents=[1, 2])) as (url, asked), client(url) as asking:
        assert asking.infer(X)["y"] == (1.0, 2.0)
        assert len(asked) == 2
    with (
        server(grpc.StatusCode.DEADLINE_EXCEEDED) as (url, asked),
        client(url) as asking,
        pytest.raises(TookTooLong, match=r"^127\.0\.0\.1 did not answer within 30 s; raise timeout_s"),
    ):
        asking.infer(X)
    assert len(asked) == 1


def test_an_answer_of_another_shape_is_a_sentence() -> None:
    with server(listed(fp32_contents=[1])) as (url, _), client(url) as asking, pytest.raises(Unreadable) as raised:
        asking.infer(X)
    assert str(raised.value) == (
        "127.0.0.1 did not answer in the Open Inference Protocol over gRPC (tensor 'y': its shape [1, 2] takes 2 "
        "values, and there are 1)"
    )


@pytest.mark.parametrize(
    ("url", "sentence"),
    [
        ("http://127.0.0.1:9/models", "endpoint 'http://127.0.0.1:9/models': gRPC has no path; write scheme, host and "
         "port alone"),
        ("https://models.example.com", "SSL_CERT_FILE names /nowhere/certificates.pem, which cannot be read; name a "
         "file of certificates"),
    ],
)  # fmt: skip
def test_what_cannot_be_asked_over_grpc_is_a_sentence(monkeypatch: pytest.MonkeyPatch, url: str, sentence: str) -> None:
    monkeypatch.setenv("SSL_CERT_FILE", "/nowhere/certificates.pem")
    with client(url) as asking, pytest.raises(CannotAsk) as raised:
        asking.infer(X)
    assert str(raised.value) == sentence


def test_a_body_as_it_is_and_no_tensor_are_sentences() -> None:
    with client("http://127.0.0.1:9") as asking:
        with pytest.raises(CannotAsk, match=r"^a body as it is goes over HTTP; leave protocol out, or ask with"):
            asking.send(b"a,b", "text/csv")
        with pytest.raises(CannotAsk, match=r"^the request has no input tensor; give it one at least$"):
            asking.infer([])


def test_a_missing_package_is_a_sentence(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "grpc", None)
    with client("http://127.0.0.1:9") as asking, pytest.raises(NotAnswered) as raised:
        asking.infer(X)
    assert str(raised.value) == (
        "gRPC is spoken by the packages grpcio and tritonclient[grpc], of which one is missing; pip install "
        "modelyard[try]"
    )
