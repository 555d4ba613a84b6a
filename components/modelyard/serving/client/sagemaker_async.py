"""``InvokeEndpointAsync``: the answer, or why there is none, becomes an object in S3, which is waited for.

A body of up to 128,000 bytes goes with the request; a larger one is put into S3 first, where the endpoint's role has to
be allowed to read it (SageMaker Runtime's API reference, InvokeEndpointAsync).
"""

from __future__ import annotations

import re
import time
import uuid
from collections.abc import Mapping
from typing import Any

from .aws_call import answered, aws_service
from .inference import Reply
from .refusal import CannotAsk, Refused, TookTooLong, one_line
from .sending import Request

_LARGEST_BODY_BYTES = 128_000
_S3_URL = re.compile(r"s3://(?P<bucket>[a-z0-9][a-z0-9.-]{1,61}[a-z0-9])/(?P<key>.*)", re.DOTALL)
_NOT_YET = frozenset((403, 404))
"""S3 tells who may not list the bucket 403 for an object that is not there."""
_LONGEST_PAUSE_SECONDS = 5.0
_ADVICE = {
    "AccessDenied": "who asks needs s3:PutObject there, and the endpoint's role s3:GetObject",
    "NoSuchBucket": "name a bucket of the endpoint's region",
}


def send(request: Request, service: Any, asked: dict[str, Any], advice: Mapping[str, str]) -> Reply:
    """Raises NotAnswered.

    Args:
        request: what is sent.
        service: botocore's client of SageMaker Runtime.
        asked: endpoint and content type, as InvokeEndpointAsync takes them.
        advice: what to do, by AWS's code of the error.
    """
    endpoint = request.endpoint
    if request.variant is not None:
        raise CannotAsk(
            f"variant {request.variant!r}: an asynchronous endpoint of SageMaker picks the variant by the weights "
            "alone; leave it out"
        )
    s3 = aws_service(request, "s3")
    given = asked | _input(request, service, s3)
    began = time.perf_counter()
    taken = answered(request, endpoint.host, advice, lambda: service.invoke_endpoint_async(**given))
    assert taken is not None
    places = {key: taken.get(f"{key}Location") for key in ("Output", "Failure")}
    if not places["Output"]:
        raise Refused(f"{endpoint.host} took the request and names no place of the answer", 202)
    wait = 0.25
    while True:
        for kind, url in places.items():
            found = None if not url else _object(request, s3, url)
            if found is not None and kind == "Output":
                return Reply(*found, None, (time.perf_counter() - began) * 1000)
            if found is not None:
                said = one_line(found[0][:4000].decode(errors="replace"))
                raise Refused(
                    f"{endpoint.name} failed: {said or 'it gives no reason'}; look at the endpoint's log group", 424
                )
        waited = time.perf_counter() - began
        if waited >= request.answer_within_s:
            raise TookTooLong(
                f"{endpoint.name} put no answer at {places['Output']} within {request.answer_within_s:g} s; raise "
                "answer_within_s, and look whether who asks may read there (s3:GetObject)"
            )
        if request.waiting is not None:
            request.waiting(f"{waited:.0f} s: waiting for {places['Output']}")
        request.pause(min(wait, _LONGEST_PAUSE_SECONDS))
        wait *= 2


def _input(request: Request, service: Any, s3: Any) -> dict[str, Any]:
    """The body itself, or where it was put."""
    model = service.meta.service_model.operation_model("InvokeEndpointAsync")
    largest = _LARGEST_BODY_BYTES if "Body" in model.input_shape.members else 0
    upload_to = request.upload_to
    if upload_to is None:
        if len(request.body) <= largest:
            return {"Body": request.body}
        upload_to = request.endpoint.upload_to
    if upload_to is None:
        raise CannotAsk(
            f"the request has {len(request.body)} bytes, and up to {largest} go with an asynchronous request; give the "
            "client upload_to, an s3://bucket/prefix that the endpoint's role may read"
        )
    bucket, prefix = _place(upload_to)
    key = "/".join(filter(None, (prefix.strip("/"), f"{uuid.uuid4()}.in")))
    content = {"Body": request.body, "ContentType": request.content_type}
    answered(request, f"S3's bucket {bucket}", _ADVICE, lambda: s3.put_object(Bucket=bucket, Key=key, **content))
    return {"InputLocation": f"s3://{bucket}/{key}"}


def _object(request: Request, s3: Any, url: str) -> tuple[bytes, str] | None:
    """What lies there, and its content type; None: nothing yet."""
    bucket, key = _place(url)

    def ask() -> tuple[bytes, str]:
        found = s3.get_object(Bucket=bucket, Key=key)
        return found["Body"].read(), found.get("ContentType", "")

    return answered(request, f"S3's bucket {bucket}", _ADVICE, ask, _NOT_YET)


def _place(url: str) -> tuple[str, str]:
    found = _S3_URL.fullmatch(url if url.count("/") > 2 else f"{url}/")
    if found is None:
        raise CannotAsk(f"{url!r} is no place in S3; write s3://bucket/prefix")
    return found["bucket"], found["key"]
