"""A model store in Google Cloud Storage. Follows the documentation of Cloud Storage."""

from __future__ import annotations

from typing import Any

import pulumi

from ..environment.model_store import ModelStore
from ..governance.google_sdk import google
from ..governance.known_after import known_after
from ..governance.ownership import Ownership
from ..resolve.model_store import LOGS, dual_region
from ..resolve.names import bucket_name
from .made_store import MadeStore
from .model_store_args import ModelStoreArgs

_COMPONENT = "ModelStore"
_MULTIPART_DAYS = 7
_DAY_SECONDS = 86400
_LOG_WRITER = "group:cloud-storage-analytics@google.com"


def gcs_store(
    name: str, declared: ModelStore, args: ModelStoreArgs, ownership: Ownership, child: pulumi.ResourceOptions
) -> MadeStore:
    """The bucket, and beside it a bucket of logs where it is declared."""
    storage: Any = google(_COMPONENT, "storage")
    physical_name = bucket_name(args["organization"], ownership.environment, args["region"])
    common: dict[str, Any] = {
        "project": args.get("project"),
        "uniform_bucket_level_access": True,
        "public_access_prevention": "enforced",
        "labels": ownership.gcp_labels(),
    }
    logging, guards = None, _key_grant(name, args, child)
    if declared.access_logs:
        here = pulumi.ResourceOptions(parent=child.parent)
        logs = storage.Bucket(
            f"{name}-logs",
            name=f"{physical_name}{LOGS}",
            location=args["region"].upper(),
            force_destroy=True,
            lifecycle_rules=[{"action": {"type": "Delete"}, "condition": {"age": declared.access_log_days}}],
            **common,
            opts=here,
        )
        writer = storage.BucketIAMMember(
            f"{name}-logs", bucket=logs.name, role="roles/storage.objectCreator", member=_LOG_WRITER, opts=here
        )
        logging = {"log_bucket": logs.name, "log_object_prefix": "access"}
        guards.append(writer)
    key = args.get("kms_key")
    bucket = storage.Bucket(
        name,
        name=physical_name,
        **_place(args),
        **gcs_protection(declared),
        encryption=None if key is None else {"default_kms_key_name": key},
        logging=logging,
        force_destroy=declared.force_destroy,
        **common,
        opts=pulumi.ResourceOptions.merge(child, pulumi.ResourceOptions(depends_on=guards)),
    )
    ready = known_after(bucket.name, [bucket])
    return MadeStore(ready, pulumi.Output.concat("gs://", ready), bucket.name, pulumi.Output.from_input(key or ""))


def gcs_protection(declared: ModelStore) -> dict[str, Any]:
    """How long objects stay, as arguments of the bucket. Cloud Storage has versions or a retention policy, not both;
    under the policy no object can be overwritten, which is what versions are for."""
    lifecycle: list[dict[str, Any]] = [
        {
            "action": {"type": "Delete"},
            "condition": {"days_since_noncurrent_time": declared.expire_old_versions_days, "with_state": "ARCHIVED"},
        },
        {"action": {"type": "AbortIncompleteMultipartUpload"}, "condition": {"age": _MULTIPART_DAYS}},
    ]
    if declared.archive_old_versions_days is not None:
        after = {"days_since_noncurrent_time": declared.archive_old_versions_days, "with_state": "ARCHIVED"}
        lifecycle.append({"action": {"type": "SetStorageClass", "storage_class": "COLDLINE"}, "condition": after})
    if declared.lock is None:
        return {"versioning": {"enabled": True}, "lifecycle_rules": lifecycle}
    return {
        "versioning": {"enabled": False},
        "lifecycle_rules": lifecycle[1:2],
        "retention_policy": {
            "retention_period": str(declared.lock.days * _DAY_SECONDS),
            "is_locked": declared.lock.mode == "compliance",
        },
    }


def _place(args: ModelStoreArgs) -> dict[str, Any]:
    region, other = args["region"], args.get("replica_region")
    if other is None:
        return {"location": region.upper()}
    both = sorted((region.upper(), other.upper()))
    return {"location": dual_region(region, other), "custom_placement_config": {"data_locations": both}}


def _key_grant(name: str, args: ModelStoreArgs, child: pulumi.ResourceOptions) -> list[pulumi.Resource]:
    key, number = args.get("kms_key"), args.get("project_number")
    if key is None or number is None:
        return []
    grant = google(_COMPONENT, "kms").CryptoKeyIAMMember(
        f"{name}-key",
        crypto_key_id=key,
        role="roles/cloudkms.cryptoKeyEncrypterDecrypter",
        member=f"serviceAccount:service-{number}@gs-project-accounts.iam.gserviceaccount.com",
        opts=child,
    )
    return [grant]
