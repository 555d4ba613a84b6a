"""``InvokeEndpoint`` of SageMaker Runtime, signed by botocore with the credentials that AWS's own tools find.

An endpoint of inference components has one of the endpoint's own name.
"""

from __future__ import annotations

import time
from typing import Any
from urllib.parse import urlsplit

from .endpoint import Endpoint
from .inference import Reply
from .refusal import CannotAsk, NoCredentials, NotReached, Refused, TookTooLong, one_line
from .sending import Request

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
    try:
        import botocore.exceptions as wrong
    except ImportError:
        raise CannotAsk(
            "SageMaker's requests are signed by the package botocore, which is missing; pip install botocore"
        ) from None
    asked: dict[str, Any] = {
        "EndpointName": endpoint.name,
        "Body": request.body,
        "ContentType": request.content_type,
        "Accept": request.content_type,
    }
    if request.variant is not None:
        asked["TargetVariant"] = request.variant
    try:
        service = request.once("service", lambda: _service(request))
    except wrong.BotoCoreError as error:
        raise CannotAsk(f"SageMaker is not asked: {one_line(str(error))}") from None
    wait = 0.25
    for left in range(request.attempts - 1, -1, -1):
        began = time.perf_counter()
        try:
            answer = service.invoke_endpoint(**asked)
            said = answer["Body"].read()
        except wrong.ClientError as error:
            status = error.response.get("ResponseMetadata", {}).get("HTTPStatusCode", 0)
            if status in (429, 502, 503, 504) and left:
                request.pause(wait)
                wait *= 2
                continue
            raise Refused(_refusal(endpoint, error, status), status) from None
        except (wrong.ReadTimeoutError, wrong.ConnectTimeoutError):
            raise TookTooLong(
                f"{endpoint.host} did not answer within {request.timeout_s:g} s; raise timeout_s, or look whether the "
                "model is ready"
            ) from None
        except (wrong.NoCredentialsError, wrong.PartialCredentialsError, wrong.CredentialRetrievalError):
            raise NoCredentials(
                "SageMaker: no AWS credentials were found; run `aws sso login`, or set AWS_PROFILE"
            ) from None
        except (wrong.ConnectionError, wrong.HTTPClientError):
            if not left:
                raise NotReached(
                    f"{endpoint.host} is not reached; check the region, and that this machine is in its network"
                ) from None
            request.pause(wait)
            wait *= 2
        except wrong.BotoCoreError as error:
            raise CannotAsk(f"SageMaker is not asked: {one_line(str(error))}") from None
        else:
            latency_ms = (time.perf_counter() - began) * 1000
            return Reply(said, answer.get("ContentType", ""), answer.get("InvokedProductionVariant"), latency_ms)
    raise AssertionError("attempts is at least 1")


def _service(request: Request) -> Any:
    """botocore's client, which reads AWS's description of the service: a tenth of a second, so once."""
    import botocore.config
    import botocore.session

    parts = urlsplit(request.endpoint.url)
    config = botocore.config.Config(
        connect_timeout=request.timeout_s,
        read_timeout=request.timeout_s,
        # Its own attempts would follow a time-out too, and a slow server would get twice the work.
        retries={"total_max_attempts": 1, "mode": "standard"},
    )
    return botocore.session.get_session().create_client(
        "sagemaker-runtime",
        region_name=request.endpoint.region,
        endpoint_url=f"{parts.scheme}://{parts.netloc}",
        config=config,
    )


def _check(endpoint: Endpoint) -> None:
    if endpoint.name is None:
        raise CannotAsk(
            f"endpoint {endpoint.url!r} names no SageMaker endpoint; write "
            "https://runtime.sagemaker.<region>.amazonaws.com/endpoints/<name>/invocations"
        )
    if endpoint.region is None:
        raise CannotAsk(f"endpoint {endpoint.url!r}: its requests are signed for a region; name it")
    if urlsplit(endpoint.url).path.endswith("/async-invocations"):
        raise CannotAsk(
            f"endpoint {endpoint.name} answers into S3; put the request there and name it to InvokeEndpointAsync"
        )


def _refusal(endpoint: Endpoint, error: Any, status: int) -> str:
    said = error.response.get("Error", {})
    code = said.get("Code", "")
    # ModelError has what the model's server said; what SageMaker says of it names the account.
    message = error.response.get("OriginalMessage") or said.get("Message") or code
    what = _ADVICE.get(code)
    return f"{endpoint.host} refused the request: {one_line(message)} ({code or status})" + (
        f"; {what}" if what else ""
    )
