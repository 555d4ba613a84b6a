"""Object stores that models are fetched from: S3, Google Cloud Storage and Azure Blob Storage.

Every pod proves who it is by its service account (EKS Pod Identity, Workload Identity Federation for GKE, Microsoft
Entra Workload ID); there are no keys to give.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Literal

Kind = Literal["s3", "gcs", "azure"]

_AZURE = "blob.core.windows.net"


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


def _remote(backend: str, **options: Any) -> dict[str, Any]:
    prefix = "RCLONE_CONFIG_STORE_"
    given = {f"{prefix}{name}": value for name, value in options.items()}
    return {f"{prefix}TYPE": backend, f"{prefix}ENV_AUTH": "true", f"{prefix}DIRECTORY_MARKERS": "true", **given}
