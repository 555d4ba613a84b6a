"""A place in S3."""

from __future__ import annotations

from typing import Annotated

from pydantic import AfterValidator, StringConstraints

from .known_name import refusal
from .patterns import ONE_LINE_PATTERN


def _s3_url(url: str) -> str:
    bucket, _, _ = url.removeprefix("s3://").partition("/")
    if not url.startswith("s3://") or not bucket:
        raise refusal(f"{url!r} must be an s3:// URL such as s3://bucket/prefix")
    return url.rstrip("/")


S3Url = Annotated[str, StringConstraints(pattern=ONE_LINE_PATTERN, max_length=512), AfterValidator(_s3_url)]
