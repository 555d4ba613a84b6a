"""What the instances of a SageMaker endpoint are given besides their type (``ProductionVariant`` of the SageMaker API
reference)."""

from __future__ import annotations

from typing import Annotated

from pydantic import StringConstraints

from .declaration import Declaration
from .patterns import KEY_ARN_PATTERN, RESERVATION_ARN_PATTERN
from .s3_url import S3Url


class CapacityReservation(Declaration):
    """ML capacity that was reserved before (a training plan for endpoints). Instances start there and nowhere else:
    where it has no room they do not start."""

    arn: Annotated[str, StringConstraints(pattern=RESERVATION_ARN_PATTERN, max_length=258)]
    """Of the reservation."""


class CoreDumps(Declaration):
    """A process of the container that crashes leaves its memory in S3, with everything that was in it."""

    url: S3Url | None = None
    """Where dumps are put, for example s3://bucket/prefix. Default: below the model's data in the model store."""
    kms_key_arn: Annotated[str, StringConstraints(pattern=KEY_ARN_PATTERN)] | None = None
    """Encrypts them. Default: the endpoint's key."""
