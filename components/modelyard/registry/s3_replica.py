"""A copy of every object of a bucket in another region ("Replicating objects within and across Regions")."""

from __future__ import annotations

import pulumi
import pulumi_aws as aws

from ..governance.logical_name import ROLE_LIMIT, logical_name
from ..governance.ownership import Ownership
from ..governance.partition import dns_suffix
from ..governance.policy_document import policy_document, service_trust

Guarded = tuple[aws.s3.Bucket, aws.kms.Key, list[pulumi.CustomResource]]


def s3_replica(
    name: str,
    source: Guarded,
    copy: Guarded,
    regions: tuple[str, str],
    ownership: Ownership,
    child: pulumi.ResourceOptions,
) -> list[pulumi.CustomResource]:
    """The rule, and the role by which S3 reads here and writes there. Deletions are not copied."""
    bucket, key, guards = source
    other, other_key, other_guards = copy
    role = aws.iam.Role(
        logical_name(f"{name}-copy", limit=ROLE_LIMIT),
        assume_role_policy=service_trust("s3.amazonaws.com"),
        tags=ownership.aws_tags(),
        opts=child,
    )
    granted = aws.iam.RolePolicy(
        f"{name}-copy",
        role=role.name,
        policy=pulumi.Output.all(bucket.arn, key.arn, other.arn, other_key.arn).apply(
            lambda known: _policy(known[0], known[1], known[2], known[3], regions[0], regions[1])
        ),
        opts=child,
    )
    rule = aws.s3.BucketReplicationConfig(
        name,
        bucket=bucket.bucket,
        role=role.arn,
        rules=[
            {
                "id": "everything",
                "status": "Enabled",
                "filter": {"prefix": ""},
                "delete_marker_replication": {"status": "Disabled"},
                "source_selection_criteria": {"sse_kms_encrypted_objects": {"status": "Enabled"}},
                "destination": {
                    "bucket": other.arn,
                    "storage_class": "STANDARD_IA",
                    "encryption_configuration": {"replica_kms_key_id": other_key.arn},
                },
            }
        ],
        region=regions[0],
        opts=pulumi.ResourceOptions.merge(child, pulumi.ResourceOptions(depends_on=[granted, *guards, *other_guards])),
    )
    return [rule]


def _policy(bucket: str, key: str, other: str, other_key: str, region: str, other_region: str) -> str:
    def through(where: str) -> dict[str, dict[str, str]]:
        return {"StringEquals": {"kms:ViaService": f"s3.{where}.{dns_suffix(where)}"}}

    return policy_document(
        {
            "Sid": "ReadRule",
            "Effect": "Allow",
            "Action": ["s3:GetReplicationConfiguration", "s3:ListBucket"],
            "Resource": bucket,
        },
        {
            "Sid": "ReadObjects",
            "Effect": "Allow",
            "Action": [
                "s3:GetObjectVersionForReplication",
                "s3:GetObjectVersionAcl",
                "s3:GetObjectVersionTagging",
                "s3:GetObjectRetention",
                "s3:GetObjectLegalHold",
            ],
            "Resource": f"{bucket}/*",
        },
        {
            "Sid": "WriteCopies",
            "Effect": "Allow",
            "Action": ["s3:ReplicateObject", "s3:ReplicateTags"],
            "Resource": f"{other}/*",
        },
        {
            "Sid": "Decrypt",
            "Effect": "Allow",
            "Action": "kms:Decrypt",
            "Resource": key,
            "Condition": through(region),
        },
        {
            "Sid": "Encrypt",
            "Effect": "Allow",
            "Action": "kms:Encrypt",
            "Resource": other_key,
            "Condition": through(other_region),
        },
    )
