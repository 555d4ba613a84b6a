"""What a cloud's store of models gives back to its component."""

from __future__ import annotations

from dataclasses import dataclass, field

import pulumi


def _nothing() -> pulumi.Output[str]:
    return pulumi.Output.from_input("")


@dataclass(frozen=True, slots=True)
class MadeStore:
    """Known once the store may be filled."""

    bucket: pulumi.Output[str]
    """Name of the bucket; on Azure of the container."""
    url: pulumi.Output[str]
    """``s3://<bucket>``, ``gs://<bucket>`` or ``https://<account>.blob.core.windows.net/<container>``."""
    identifier: pulumi.Output[str]
    """ARN of the bucket, its name, or the resource id of the storage account."""
    kms_key: pulumi.Output[str] = field(default_factory=_nothing)
    """Key of the objects; empty for the cloud's own."""
    account: pulumi.Output[str] = field(default_factory=_nothing)
    """Name of the storage account on Azure; else empty."""
