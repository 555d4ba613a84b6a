"""Object stores that models are fetched from: S3, Google Cloud Storage and Azure Blob Storage.

Every pod proves who it is by its service account (EKS Pod Identity, Workload Identity Federation for GKE, Microsoft
Entra Workload ID); there are no keys to give.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal

Kind = Literal["s3", "gcs", "azure"]

_AZURE = "blob.core.windows.net"
_BUCKET = r"(?P<bucket>[a-z0-9][a-z0-9._-]{1,61}[a-z0-9])"
_PREFIX = r"(?:/(?P<prefix>[^?#\n\r\t]*))?"
_URLS: dict[Kind, re.Pattern[str]] = {
    "s3": re.compile(rf"s3://{_BUCKET}{_PREFIX}"),
    "gcs": re.compile(rf"gs://{_BUCKET}{_PREFIX}"),
    "azure": re.compile(rf"https://(?P<account>[a-z0-9]{{3,24}})\.{re.escape(_AZURE)}/{_BUCKET}{_PREFIX}"),
}


@dataclass(frozen=True, slots=True)
class ObjectStore:
    """One bucket. ``bucket`` and ``account`` may be Pulumi outputs."""

    kind: Kind
    bucket: Any
    """Name of the bucket; the container of an Azure storage account."""
    region: str | None = None
    """AWS region of an S3 bucket."""
    account: Any = None
    """Azure storage account."""

    def variables(self) -> dict[str, Any]:
        """Environment of rclone, for a remote named ``store`` (rclone's documentation of each backend).

        Empty objects whose key ends with a slash are folders: an ensemble's version folder holds nothing.

        MD5 is not compared for S3: what is encrypted with KMS has an ETag that looks like one and is none. Files with a
        checksum of their own are checked by SHA-256.
        """
        if self.kind == "s3":
            return {
                **_remote("s3", PROVIDER="AWS", REGION=self.region, NO_CHECK_BUCKET="true"),
                "RCLONE_IGNORE_CHECKSUM": "true",
                "AWS_REGION": self.region,
            }
        if self.kind == "gcs":
            return _remote("google cloud storage")
        return _remote("azureblob", ACCOUNT=self.account)

    def url_start(self) -> tuple[Any, ...]:
        """Parts of the URL before the bucket's name."""
        if self.kind == "azure":
            return ("https://", self.account, f".{_AZURE}/")
        return ("s3://" if self.kind == "s3" else "gs://",)


def stored_at(url: str) -> Mapping[str, str] | None:
    """``store``, ``bucket``, ``prefix`` and, of Azure, ``account`` of the URL of a folder, as
    :class:`~modelyard.serving.triton.service_args.StoredModelArgs` takes them; None where it is no such URL.

    ``s3://<bucket>/<prefix>``, ``gs://<bucket>/<prefix>`` and
    ``https://<account>.blob.core.windows.net/<container>/<prefix>`` are; a slash at the end makes no difference.
    """
    for kind, pattern in _URLS.items():
        if found := pattern.fullmatch(url):
            parts = {key: value for key, value in found.groupdict().items() if value is not None}
            return {**parts, "store": kind, "prefix": parts.get("prefix", "").strip("/")}
    return None


def _remote(backend: str, **options: Any) -> dict[str, Any]:
    prefix = "RCLONE_CONFIG_STORE_"
    given = {f"{prefix}{name}": value for name, value in options.items()}
    return {f"{prefix}TYPE": backend, f"{prefix}ENV_AUTH": "true", f"{prefix}DIRECTORY_MARKERS": "true", **given}
