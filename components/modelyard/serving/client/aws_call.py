"""A request of AWS's own client, with its errors as sentences; signed with the credentials that AWS's tools find."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, TypeVar

from .refusal import CannotAsk, NoCredentials, NotReached, Refused, TookTooLong, one_line
from .sending import Request

_Answer = TypeVar("_Answer")
_LATER = (429, 502, 503, 504)


def aws_service(request: Request, service: str, url: str | None = None) -> Any:
    """botocore's client, which reads AWS's description of the service: a tenth of a second, so once.

    Args:
        request: whose client keeps it.
        service: ``sagemaker-runtime``, ``s3``.
        url: where it is. Default: where AWS has it in the endpoint's region.

    Raises:
        CannotAsk: botocore is not installed, or AWS's settings are wrong.
    """
    try:
        import botocore.config
        import botocore.exceptions
        import botocore.session
    except ImportError:
        raise CannotAsk(
            "SageMaker's requests are signed by the package botocore, which is missing; pip install botocore"
        ) from None
    # Its own attempts would follow a time-out too, and a slow server would get twice the work.
    config = botocore.config.Config(
        connect_timeout=request.timeout_s,
        read_timeout=request.timeout_s,
        retries={"total_max_attempts": 1, "mode": "standard"},
    )

    def made() -> Any:
        session = botocore.session.get_session()
        return session.create_client(service, region_name=request.endpoint.region, endpoint_url=url, config=config)

    try:
        return request.once(service, made)
    except botocore.exceptions.BotoCoreError as error:
        raise CannotAsk(f"SageMaker is not asked: {one_line(str(error))}") from None


def answered(
    request: Request,
    host: str,
    advice: Mapping[str, str],
    ask: Callable[[], _Answer],
    missing: frozenset[int] = frozenset(),
) -> _Answer | None:
    """What ``ask`` gives; asked again where nothing was done with it.

    Args:
        request: how often, and with what pauses.
        host: for sentences.
        advice: what to do, by AWS's code of the error.
        ask: calls botocore's client.
        missing: statuses that mean there is nothing yet: None is given.

    Raises:
        NotAnswered: NotReached, TookTooLong, NoCredentials, Refused or CannotAsk.
    """
    import botocore.exceptions as wrong

    wait = 0.25
    for left in range(request.attempts - 1, -1, -1):
        try:
            return ask()
        except wrong.ClientError as error:
            status = error.response.get("ResponseMetadata", {}).get("HTTPStatusCode", 0)
            if status in missing:
                return None
            if status not in _LATER or not left:
                raise Refused(_refusal(host, error, status, advice), status) from None
        except (wrong.ReadTimeoutError, wrong.ConnectTimeoutError):
            raise TookTooLong(
                f"{host} did not answer within {request.timeout_s:g} s; raise timeout_s, or look whether the model is "
                "ready"
            ) from None
        except (wrong.NoCredentialsError, wrong.PartialCredentialsError, wrong.CredentialRetrievalError):
            raise NoCredentials(
                "SageMaker: no AWS credentials were found; run `aws sso login`, or set AWS_PROFILE"
            ) from None
        except (wrong.ConnectionError, wrong.HTTPClientError):
            if not left:
                raise NotReached(
                    f"{host} is not reached; check the region, and that this machine is in its network"
                ) from None
        except wrong.BotoCoreError as error:
            raise CannotAsk(f"SageMaker is not asked: {one_line(str(error))}") from None
        request.pause(wait)
        wait *= 2
    raise AssertionError("attempts is at least 1")


def _refusal(host: str, error: Any, status: int, advice: Mapping[str, str]) -> str:
    said = error.response.get("Error", {})
    code = said.get("Code", "")
    # ModelError has what the model's server said; what SageMaker says of it names the account.
    message = error.response.get("OriginalMessage") or said.get("Message") or code
    what = advice.get(code)
    return f"{host} refused the request: {one_line(message)} ({code or status})" + (f"; {what}" if what else "")
