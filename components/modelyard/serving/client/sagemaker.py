"""``InvokeEndpoint`` of SageMaker Runtime. An endpoint of inference components, or of many models, is told which."""

from __future__ import annotations

import time
from typing import Any
from urllib.parse import urlsplit

from . import sagemaker_async
from .aws_call import answered, aws_service
from .endpoint import Endpoint
from .inference import Reply
from .refusal import CannotAsk
from .sending import Request

_BINARY = "application/vnd.sagemaker-triton.binary+json;json-header-size={}"
"""Of Triton's port for SageMaker (triton-inference-server/server, ``sagemaker_server.cc``)."""
_ADVICE = {
    "AccessDeniedException": "who asks needs sagemaker:InvokeEndpoint on the endpoint",
    "ExpiredTokenException": "the credentials have expired; log in again",
    "UnrecognizedClientException": "the credentials are no account's; log in again",
    "ModelError": "the model's server failed; look at the endpoint's log group",
    "ModelNotReadyException": "the model is being loaded; ask again in a minute",
    "ThrottlingException": "too many requests are in flight; raise the endpoint's instances or concurrency",
}


def send(request: Request) -> Reply:
    """Raises NotAnswered."""
    endpoint = request.endpoint
    _check(endpoint)
    parts = urlsplit(endpoint.url)
    service = aws_service(request, "sagemaker-runtime", f"{parts.scheme}://{parts.netloc}")
    binary = request.json_bytes is not None
    asked: dict[str, Any] = {
        "EndpointName": endpoint.name,
        "ContentType": _BINARY.format(request.json_bytes) if binary else request.content_type,
    }
    if not binary:
        asked["Accept"] = request.content_type
    if endpoint.answers_into_s3:
        return sagemaker_async.send(request, service, asked, _ADVICE)
    named = {
        "TargetVariant": request.variant,
        "TargetModel": endpoint.target_model,
        "InferenceComponentName": endpoint.component,
    }
    asked |= {key: value for key, value in named.items() if value is not None}

    def ask() -> Reply:
        began = time.perf_counter()
        answer = service.invoke_endpoint(**asked, Body=request.body)
        said = answer["Body"].read()
        latency_ms = (time.perf_counter() - began) * 1000
        return Reply(said, answer.get("ContentType", ""), answer.get("InvokedProductionVariant"), latency_ms)

    reply = answered(request, endpoint.host, _ADVICE, ask)
    assert reply is not None
    return reply


def _check(endpoint: Endpoint) -> None:
    if endpoint.name is None:
        raise CannotAsk(
            f"endpoint {endpoint.url!r} names no SageMaker endpoint; write "
            "https://runtime.sagemaker.<region>.amazonaws.com/endpoints/<name>/invocations"
        )
    if endpoint.region is None:
        raise CannotAsk(f"endpoint {endpoint.url!r}: its requests are signed for a region; name it")
