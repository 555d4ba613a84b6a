"""A model store in Amazon S3. Follows the user guide of Amazon S3."""

from __future__ import annotations

from typing import Any

import pulumi
import pulumi_aws as aws

from ..governance.encryption_key import encryption_key
from ..governance.known_after import known_after
from ..governance.ownership import Ownership
from ..governance.partition import partition
from ..governance.policy_document import policy_document
from ..resolve.model_store import COPY, LOGS
from ..resolve.names import bucket_name
from .made_store import MadeStore
from .model_store_args import ModelStoreArgs
from .model_store_declaration import ModelStoreDeclaration

_MULTIPART_DAYS = 7
"""An upload that was broken off is paid for until somebody aborts it."""


def s3_store(
    name: str,
    declared: ModelStoreDeclaration,
    args: ModelStoreArgs,
    ownership: Ownership,
    child: pulumi.ResourceOptions,
) -> MadeStore:
    """The bucket and its key, and beside them a bucket of logs and a copy elsewhere where these are declared."""
    region = args["region"]
    account_id = aws.get_caller_identity_output(opts=pulumi.InvokeOptions(parent=child.parent)).account_id
    physical_name = bucket_name(args["organization"], ownership.environment, region)
    bucket, key, guards = _guarded(name, physical_name, declared, region, account_id, ownership, child)
    if declared.access_logs:
        from .s3_access_logs import s3_access_logs

        logs = f"{physical_name}{LOGS}"
        guards += s3_access_logs(f"{name}-logs", logs, bucket, declared, region, account_id, ownership, child)
    other = args.get("replica_region")
    if other is not None:
        from .s3_replica import s3_replica

        copy = _guarded(f"{name}-copy", f"{physical_name}{COPY}", declared, other, account_id, ownership, child)
        guards += s3_replica(name, (bucket, key, guards), copy, (region, other), ownership, child)
    ready = known_after(bucket.bucket, guards)
    return MadeStore(ready, pulumi.Output.concat("s3://", ready), bucket.arn, key.arn)


def _guarded(
    name: str,
    physical_name: str,
    declared: ModelStoreDeclaration,
    region: str,
    account_id: pulumi.Output[str],
    ownership: Ownership,
    child: pulumi.ResourceOptions,
) -> tuple[aws.s3.Bucket, aws.kms.Key, list[pulumi.CustomResource]]:
    """A bucket, its key, and what has to stand before the first object comes."""
    key = encryption_key(
        name,
        purpose=f"Models of {ownership.environment}",
        region=region,
        account_id=account_id,
        ownership=ownership,
        opts=child,
    )
    bucket = aws.s3.Bucket(
        name,
        bucket=physical_name,
        force_destroy=declared.force_destroy,
        region=region,
        tags=ownership.aws_tags(),
        opts=child,
    )
    return bucket, key, _guards(name, physical_name, bucket, key, declared, region, child)


def _guards(
    name: str,
    physical_name: str,
    bucket: aws.s3.Bucket,
    key: aws.kms.Key,
    declared: ModelStoreDeclaration,
    region: str,
    child: pulumi.ResourceOptions,
) -> list[pulumi.CustomResource]:
    ownership_controls, access = closed(name, bucket, region, child)
    versioning = aws.s3.BucketVersioning(
        name, bucket=bucket.bucket, versioning_configuration={"status": "Enabled"}, region=region, opts=child
    )
    encryption = aws.s3.BucketServerSideEncryptionConfiguration(
        name,
        bucket=bucket.bucket,
        rules=[
            {
                "apply_server_side_encryption_by_default": {"sse_algorithm": "aws:kms", "kms_master_key_id": key.arn},
                "bucket_key_enabled": True,
            }
        ],
        region=region,
        opts=child,
    )
    # Versions are expired and locked only where there are any: S3 takes the rules before, and then they mean nothing.
    versioned = pulumi.ResourceOptions.merge(child, pulumi.ResourceOptions(depends_on=[versioning]))
    captured = [_captured(*each) for each in sorted(declared.expire_captured_days.items())]
    rules: list[Any] = [_old_versions(declared), *captured]
    aws.s3.BucketLifecycleConfiguration(name, bucket=bucket.bucket, rules=rules, region=region, opts=versioned)
    policy = aws.s3.BucketPolicy(
        name,
        bucket=bucket.bucket,
        policy=bucket_policy(f"arn:{partition(region)}:s3:::{physical_name}"),
        region=region,
        # S3 lets a policy and the block be changed one at a time only.
        opts=pulumi.ResourceOptions.merge(child, pulumi.ResourceOptions(depends_on=[access])),
    )
    guards: list[pulumi.CustomResource] = [ownership_controls, versioning, encryption, policy]
    if declared.lock is not None:
        # Set on the bucket that is there, so that a lock which is declared later makes no new bucket.
        lock = aws.s3.BucketObjectLockConfiguration(
            name,
            bucket=bucket.bucket,
            object_lock_enabled="Enabled",
            rule={"default_retention": {"mode": declared.lock.mode.upper(), "days": declared.lock.days}},
            region=region,
            opts=versioned,
        )
        guards.append(lock)
    return guards


def closed(
    name: str, bucket: aws.s3.Bucket, region: str, child: pulumi.ResourceOptions
) -> tuple[aws.s3.BucketOwnershipControls, aws.s3.BucketPublicAccessBlock]:
    """Nothing in it is anybody else's, or public."""
    ownership_controls = aws.s3.BucketOwnershipControls(
        name, bucket=bucket.bucket, rule={"object_ownership": "BucketOwnerEnforced"}, region=region, opts=child
    )
    access = aws.s3.BucketPublicAccessBlock(
        name,
        bucket=bucket.bucket,
        block_public_acls=True,
        block_public_policy=True,
        ignore_public_acls=True,
        restrict_public_buckets=True,
        region=region,
        opts=child,
    )
    return ownership_controls, access


def bucket_policy(bucket_arn: str, *statements: dict[str, Any]) -> str:
    """TLS 1.2 or nothing, and what else is given."""
    everything = [bucket_arn, f"{bucket_arn}/*"]
    deny = {"Effect": "Deny", "Principal": "*", "Action": "s3:*", "Resource": everything}
    return policy_document(
        {"Sid": "TlsOnly", **deny, "Condition": {"Bool": {"aws:SecureTransport": "false"}}},
        {"Sid": "Tls12", **deny, "Condition": {"NumericLessThan": {"s3:TlsVersion": "1.2"}}},
        *statements,
    )


def _captured(folder: str, days: int) -> dict[str, Any]:
    """In a versioned bucket what expires is only hidden: the hidden version goes a day later."""
    return {
        "id": f"captured-{folder.rstrip('/').replace('/', '-')}",
        "status": "Enabled",
        "filter": {"prefix": folder},
        "expiration": {"days": days},
        "noncurrent_version_expiration": {"noncurrent_days": 1},
    }


def _old_versions(declared: ModelStoreDeclaration) -> dict[str, Any]:
    rule: dict[str, Any] = {
        "id": "old-versions",
        "status": "Enabled",
        "filter": {"prefix": ""},
        "noncurrent_version_expiration": {"noncurrent_days": declared.expire_old_versions_days},
        "expiration": {"expired_object_delete_marker": True},
        "abort_incomplete_multipart_upload": {"days_after_initiation": _MULTIPART_DAYS},
    }
    if declared.archive_old_versions_days is not None:
        rule["noncurrent_version_transitions"] = [
            {"noncurrent_days": declared.archive_old_versions_days, "storage_class": "GLACIER_IR"}
        ]
    return rule
