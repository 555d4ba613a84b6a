"""The bucket that models are loaded from."""

from collections.abc import Mapping
from typing import Annotated, Any, NotRequired, TypedDict

import pulumi
import pulumi_aws as aws
from pydantic import Field, StringConstraints

from ..environment import model_store as declaration
from ..governance.arguments import read_arguments
from ..governance.encryption_key import encryption_key
from ..governance.known_after import known_after
from ..governance.ownership import Ownership, OwnershipArgs
from ..governance.partition import partition
from ..governance.policy_document import policy_document
from ..resolve.names import bucket_name

_MULTIPART_DAYS = 7
"""An upload that was broken off is paid for until somebody aborts it."""


class ModelStoreArgs(TypedDict):
    """A bucket for models, in one region."""

    region: str
    """AWS region; an environment has a store in every region that has a cluster."""
    organization: str
    """First part of the bucket's name, <organization>-<environment>-models-<region>, unique in the world."""
    expire_old_versions_days: NotRequired[int]
    """Overwritten or deleted objects can be restored for so long. Default: 365."""
    force_destroy: NotRequired[bool]
    """Lets ``pulumi destroy`` delete a bucket that still holds models. For development only. Default: false."""
    expire_captured_days: NotRequired[Mapping[str, int]]
    """By folder, which ends with a slash, days after which what endpoints have captured there is deleted. Default:
    nothing is."""
    ownership: OwnershipArgs
    """Who pays and answers for it."""


class ModelStoreDeclaration(declaration.ModelStore):
    """With what models declare."""

    expire_captured_days: Annotated[
        Mapping[Annotated[str, StringConstraints(pattern=r"^[^/].*/$")], Annotated[int, Field(ge=1, le=3650)]],
        Field(max_length=900),
    ] = {}


class ModelStore(pulumi.ComponentResource):
    """A versioned bucket, encrypted with a KMS key of its own, closed to the public and to plain HTTP.

    The files of a model lie below ``<department>/<model>/``; :class:`ModelUpload` fills it, and says how.

    Raises:
        InvalidEnvironment: an argument is wrong.
    """

    bucket: pulumi.Output[str]
    """Name of the bucket; known once its policies stand."""
    bucket_arn: pulumi.Output[str]
    """ARN of the bucket."""
    kms_key_arn: pulumi.Output[str]
    """Key that its objects are encrypted with."""

    def __init__(self, name: str, args: ModelStoreArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        declared = read_arguments(ModelStoreDeclaration, args, ModelStoreArgs, f"ModelStore {name}")
        ownership = Ownership.of(args["ownership"])
        super().__init__("modelyard:index:ModelStore", name, {}, opts)
        region = args["region"]
        child = pulumi.ResourceOptions(parent=self)
        key = encryption_key(
            name,
            purpose=f"Models of {ownership.environment}",
            region=region,
            account_id=aws.get_caller_identity_output(opts=pulumi.InvokeOptions(parent=self)).account_id,
            ownership=ownership,
            opts=child,
        )
        physical_name = bucket_name(args["organization"], ownership.environment, region)
        bucket = aws.s3.Bucket(
            name,
            bucket=physical_name,
            force_destroy=declared.force_destroy,
            region=region,
            tags=ownership.aws_tags(),
            opts=child,
        )
        guards = _guards(name, physical_name, bucket, key, declared, region, child)
        self.bucket = known_after(bucket.bucket, guards)
        self.bucket_arn, self.kms_key_arn = bucket.arn, key.arn
        self.register_outputs({"bucket": self.bucket, "bucketArn": self.bucket_arn, "kmsKeyArn": self.kms_key_arn})


def _guards(
    name: str,
    physical_name: str,
    bucket: "aws.s3.Bucket",
    key: "aws.kms.Key",
    declared: ModelStoreDeclaration,
    region: str,
    child: pulumi.ResourceOptions,
) -> list[pulumi.CustomResource]:
    """What has to stand before the first object comes."""
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
    captured: list[Any] = [_captured(*each) for each in sorted(declared.expire_captured_days.items())]
    aws.s3.BucketLifecycleConfiguration(
        name,
        bucket=bucket.bucket,
        rules=[
            {
                "id": "old-versions",
                "status": "Enabled",
                "filter": {"prefix": ""},
                "noncurrent_version_expiration": {"noncurrent_days": declared.expire_old_versions_days},
                "expiration": {"expired_object_delete_marker": True},
                "abort_incomplete_multipart_upload": {"days_after_initiation": _MULTIPART_DAYS},
            },
            *captured,
        ],
        region=region,
        # Versions are expired only where there are any: S3 takes the rule before, and then it means nothing.
        opts=pulumi.ResourceOptions(parent=child.parent, depends_on=[versioning]),
    )
    policy = aws.s3.BucketPolicy(
        name,
        bucket=bucket.bucket,
        policy=bucket_policy(f"arn:{partition(region)}:s3:::{physical_name}"),
        region=region,
        # S3 lets a policy and the block be changed one at a time only.
        opts=pulumi.ResourceOptions(parent=child.parent, depends_on=[access]),
    )
    return [ownership_controls, versioning, encryption, policy]


def _captured(folder: str, days: int) -> dict[str, Any]:
    """In a versioned bucket what expires is only hidden: the hidden version goes a day later."""
    return {
        "id": f"captured-{folder.rstrip('/').replace('/', '-')}",
        "status": "Enabled",
        "filter": {"prefix": folder},
        "expiration": {"days": days},
        "noncurrent_version_expiration": {"noncurrent_days": 1},
    }


def bucket_policy(bucket_arn: str) -> str:
    """TLS 1.2 or nothing."""
    everything = [bucket_arn, f"{bucket_arn}/*"]
    deny = {"Effect": "Deny", "Principal": "*", "Action": "s3:*", "Resource": everything}
    return policy_document(
        {"Sid": "TlsOnly", **deny, "Condition": {"Bool": {"aws:SecureTransport": "false"}}},
        {"Sid": "Tls12", **deny, "Condition": {"NumericLessThan": {"s3:TlsVersion": "1.2"}}},
    )
