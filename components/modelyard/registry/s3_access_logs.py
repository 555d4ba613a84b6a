"""Who read and wrote what in a bucket, logged into another one ("Logging requests with server access logging")."""

from __future__ import annotations

import pulumi
import pulumi_aws as aws

from ..environment.model_store import ModelStore
from ..governance.ownership import Ownership
from ..governance.partition import partition
from .s3_store import bucket_policy, closed


def s3_access_logs(
    name: str,
    physical_name: str,
    logged: aws.s3.Bucket,
    declared: ModelStore,
    region: str,
    account_id: pulumi.Output[str],
    ownership: Ownership,
    child: pulumi.ResourceOptions,
) -> list[pulumi.CustomResource]:
    """The bucket of logs, encrypted by S3 itself: S3 delivers none into one with a key of KMS, or a lock."""
    # Logs hold nothing that their own bucket has to outlive.
    here = pulumi.ResourceOptions(parent=child.parent)
    bucket = aws.s3.Bucket(
        name, bucket=physical_name, force_destroy=True, region=region, tags=ownership.aws_tags(), opts=here
    )
    _, access = closed(name, bucket, region, here)
    aws.s3.BucketServerSideEncryptionConfiguration(
        name,
        bucket=bucket.bucket,
        rules=[{"apply_server_side_encryption_by_default": {"sse_algorithm": "AES256"}}],
        region=region,
        opts=here,
    )
    aws.s3.BucketLifecycleConfiguration(
        name,
        bucket=bucket.bucket,
        rules=[
            {
                "id": "logs",
                "status": "Enabled",
                "filter": {"prefix": ""},
                "expiration": {"days": declared.access_log_days},
            }
        ],
        region=region,
        opts=here,
    )
    arn = f"arn:{partition(region)}:s3:::{physical_name}"
    policy = aws.s3.BucketPolicy(
        name,
        bucket=bucket.bucket,
        policy=account_id.apply(
            lambda account: bucket_policy(
                arn,
                {
                    "Sid": "Deliver",
                    "Effect": "Allow",
                    "Principal": {"Service": "logging.s3.amazonaws.com"},
                    "Action": "s3:PutObject",
                    "Resource": f"{arn}/*",
                    "Condition": {"StringEquals": {"aws:SourceAccount": account}},
                },
            )
        ),
        region=region,
        opts=pulumi.ResourceOptions(parent=child.parent, depends_on=[access]),
    )
    logging = aws.s3.BucketLogging(
        name,
        bucket=logged.bucket,
        target_bucket=bucket.bucket,
        target_prefix="access/",
        region=region,
        opts=pulumi.ResourceOptions(parent=child.parent, depends_on=[policy]),
    )
    return [logging]
