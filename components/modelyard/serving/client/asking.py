"""The client: the same request to any target."""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Mapping, Sequence
from typing import Any, Literal
from urllib.parse import urlsplit

from ...environment.target import SERVICE_OF
from ...http_header import unsendable
from . import azureml, grpc_call, inference_protocol, sagemaker, vertex
from .endpoint import Endpoint
from .inference import Answer, Reply, answer_of, request_body
from .refusal import CannotAsk
from .sending import Request, Sender
from .tensor import Tensor

TOKEN = "MODELYARD_ENDPOINT_TOKEN"
"""Environment variable that holds a bearer token, or the key of an Azure ML endpoint."""

_SENDERS: Mapping[str, Sender] = {
    "kubernetes": inference_protocol.send,
    "sagemaker": sagemaker.send,
    "vertex": vertex.send,
    "azureml": azureml.send,
}


class Client:
    """Asks one endpoint. Holds the token and never shows it.

    Args:
        endpoint: who is asked.
        protocol: of a cluster's gateway, or of a server on this machine: ``http``, or ``grpc`` at the same host and
            port. The managed services are asked over HTTP.
        token: a gateway's bearer token, or the key or token of an Azure ML endpoint. Default: what the environment
            variable MODELYARD_ENDPOINT_TOKEN holds. SageMaker and Vertex AI are asked with the credentials of the
            environment, as their own tools are.
        headers: sent with every request over HTTP, a gateway's API key for example; SageMaker takes none.
        timeout_s: longest silence before TookTooLong, in seconds.
        attempts: how often a request is sent at most where the endpoint was not reached or was busy (429, 502, 503,
            504), with growing pauses. An inference changes nothing, so sending it again is safe; after a time-out it
            is not sent again, because a slow server would get twice the work. Ask a sequence's model with 1.
        pause: waits so many seconds.
        upload_to: s3://bucket/prefix, where every request to an asynchronous endpoint of SageMaker is put, which its
            role may read. They stay there. Default: a request goes with the call, which takes 128,000 bytes, and a
            larger one is put where the endpoint says.
        answer_within_s: how long an answer of such an endpoint is waited for, in seconds.
        waiting: told what is waited for, from time to time.

    Raises:
        CannotAsk: the endpoint or an argument is not one that can be asked so.
    """

    def __init__(
        self,
        endpoint: Endpoint,
        *,
        protocol: Literal["http", "grpc"] = "http",
        token: str | None = None,
        headers: Mapping[str, str] | None = None,
        timeout_s: float = 30.0,
        attempts: int = 3,
        pause: Callable[[float], None] = time.sleep,
        upload_to: str | None = None,
        answer_within_s: float = 900.0,
        waiting: Callable[[str], None] | None = None,
    ) -> None:
        if endpoint.target not in _SENDERS:
            raise CannotAsk(f"target {endpoint.target!r} is no place; name the one that was chosen")
        if attempts < 1 or timeout_s <= 0:
            raise CannotAsk(f"attempts {attempts} and timeout_s {timeout_s:g}: both are above 0")
        if protocol not in ("http", "grpc"):
            raise CannotAsk(f"protocol {protocol!r}: a model is asked over http or grpc; name one of them")
        if protocol == "grpc" and endpoint.target != "kubernetes":
            raise CannotAsk(f"{SERVICE_OF[endpoint.target]} is asked over HTTP; leave protocol out")
        if endpoint.target != "sagemaker" and (endpoint.component or endpoint.target_model):
            raise CannotAsk("component and target_model are about SageMaker; leave them out")
        if upload_to and not endpoint.answers_into_s3:
            raise CannotAsk("upload_to is about an endpoint of SageMaker that answers into S3; leave it out")
        self.endpoint, self._protocol = endpoint, protocol
        self._token = token or os.environ.get(TOKEN) or None
        self._headers = dict(headers or {})
        self._kept: dict[str, Any] = {}
        self._timeout_s, self._attempts, self._pause = timeout_s, attempts, pause
        self._upload_to, self._answer_within_s, self._waiting = upload_to, answer_within_s, waiting
        for name, value in {**self._headers, "token": self._token or ""}.items():
            if (why := unsendable(name, value)) is not None:
                raise CannotAsk(why)
        if endpoint.target == "sagemaker" and self._headers:
            raise CannotAsk("headers: SageMaker's requests have none of one's own; leave them out")
        shows = bool(self._token or self._headers) or endpoint.target in ("vertex", "azureml")
        if shows and _is_open_to_others(endpoint.url):
            raise CannotAsk(f"{endpoint.host} is asked over http, which shows the token to the network; write https://")

    def infer(self, tensors: Sequence[Tensor], *, variant: str | None = None, binary: bool | None = None) -> Answer:
        """The outputs of one request.

        Args:
            tensors: inputs of the model.
            variant: who answers, past the weights: ``v3`` at SageMaker and Azure ML, ``stable`` or ``canary`` at a
                gateway; Vertex AI cannot. Default: as the weights say.
            binary: whether tensors go and come as bytes in place of JSON, as Triton takes them; it is smaller, and
                exact. Default: where an input has no JSON (FP16, BF16, bytes). gRPC is always so.

        Raises:
            NotAnswered: why there is no answer, in a sentence.
        """
        if self._protocol == "grpc":
            return grpc_call.infer(self._request(b"", "application/grpc", None, variant), tensors)
        body, json_bytes = request_body(tensors, binary)
        content_type = "application/json" if json_bytes is None else "application/octet-stream"
        reply = self._send(self._request(body, content_type, json_bytes, variant))
        return answer_of(reply, SERVICE_OF[self.endpoint.target] if self._is_managed else self.endpoint.host)

    def send(self, body: bytes, content_type: str = "application/json", *, variant: str | None = None) -> Reply:
        """Sends a body as it is, over HTTP, in whatever format the model's own server takes.

        Raises:
            NotAnswered: why there is no answer, in a sentence.
        """
        if self._protocol == "grpc":
            raise CannotAsk("a body as it is goes over HTTP; leave protocol out, or ask with tensors")
        return self._send(self._request(body, content_type, None, variant))

    def close(self) -> None:
        """Ends what gRPC keeps open; the next request opens it again."""
        channel = self._kept.pop("grpc", None)
        if channel is not None:
            channel.close()

    def _send(self, request: Request) -> Reply:
        return _SENDERS[self.endpoint.target](request)

    def _request(self, body: bytes, content_type: str, json_bytes: int | None, variant: str | None) -> Request:
        return Request(
            self.endpoint, body, content_type, json_bytes, variant, self._token, self._headers, self._timeout_s,
            self._attempts, self._pause, self._kept, self._upload_to, self._answer_within_s, self._waiting,
        )  # fmt: skip

    @property
    def _is_managed(self) -> bool:
        return self.endpoint.target != "kubernetes"


def _is_open_to_others(url: str) -> bool:
    parts = urlsplit(url)
    return parts.scheme == "http" and parts.hostname not in ("localhost", "127.0.0.1", "::1")
