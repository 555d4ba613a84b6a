"""A model store in Amazon S3 that is locked, logged and copied."""

from __future__ import annotations

import json
from typing import Any

import pulumi
import pytest
from modelyard.registry.model_store import ModelStore
from modelyard.registry.model_upload import ModelUpload

from .program import PLATFORM, REGION, TOYS, cloud_resources, graph_of, one, refusal, run_program, waits_for

BUCKET = "aws:s3/bucket:Bucket"
LOCK = "aws:s3/bucketObjectLockConfiguration:BucketObjectLockConfiguration"
LOCKED = {"mode": "compliance", "days": 90}


def store(**args: Any) -> Any:
    def declare(opts: pulumi.ResourceOptions) -> None:
        arguments: Any = {"region": REGION, "organization": "retail", "ownership": PLATFORM.args(), **args}
        made = ModelStore("prod-models-us-east-1", arguments, opts)
        pulumi.export("url", made.url)

    return declare


def kept_on_destroy(declare: Any) -> dict[str, bool]:
    """By type and name, whether ``pulumi destroy`` leaves a resource behind."""
    found: dict[str, bool] = {}

    def see(args: pulumi.ResourceTransformArgs) -> None:
        if args.custom and args.type_.startswith("aws:"):
            found[f"{args.type_.rpartition(':')[2]} {args.name}"] = bool(args.opts.retain_on_delete)

    def program(opts: pulumi.ResourceOptions) -> None:
        pulumi.runtime.register_resource_transform(see)
        declare(opts)

    run_program(program)
    return found


@pytest.mark.parametrize("mode", ["governance", "compliance"])
def test_objects_are_locked_on_a_bucket_that_may_be_there_already(mode: str) -> None:
    graph = graph_of(store(lock={"mode": mode, "days": 90}))
    lock = one(graph, LOCK)
    assert lock.inputs["rule"] == {"defaultRetention": {"mode": mode.upper(), "days": 90}}
    assert waits_for(graph, lock, one(graph, "aws:s3/bucketVersioning:BucketVersioning"))
    # Changing objectLockEnabled makes a new bucket; the bucket keeps clear of it.
    assert "objectLockEnabled" not in one(graph, BUCKET).inputs


def test_a_store_without_a_lock_has_none() -> None:
    assert not graph_of(store()).of_type(LOCK)


def test_destroy_leaves_a_locked_store_whole_and_takes_any_other() -> None:
    kept = kept_on_destroy(store(lock=LOCKED, access_logs=True))
    logs = {name for name in kept if name.endswith("-logs")}
    assert {name for name, stays in kept.items() if not stays} == logs | {"BucketLogging prod-models-us-east-1-logs"}
    assert kept["Bucket prod-models-us-east-1"]
    assert kept["Key prod-models-us-east-1"]
    assert not any(kept_on_destroy(store()).values())


def test_an_upload_into_a_locked_store_deletes_nothing() -> None:
    def declare(opts: pulumi.ResourceOptions) -> None:
        arguments: Any = {
            "region": REGION,
            "bucket": "retail-prod-models-us-east-1",
            "kms_key_arn": "arn:aws:kms:us-east-1:123456789012:key/1",
            "model": "tagging",
            "files": [{"key": "tagging/config.pbtxt", "text": "", "sha256": "a" * 64}],
            "locked": True,
            "ownership": TOYS.args(),
        }
        ModelUpload("prod-tagging", arguments, opts)

    assert list(kept_on_destroy(declare).values()) == [True]


def test_reads_and_writes_are_logged_into_a_bucket_that_s3_can_write_to() -> None:
    graph = graph_of(store(access_logs=True, access_log_days=30))
    logs = one(graph, BUCKET, "prod-models-us-east-1-logs")
    assert logs.inputs["bucket"] == "retail-prod-models-us-east-1-logs"
    logging = one(graph, "aws:s3/bucketLogging:BucketLogging")
    assert logging.inputs["targetBucket"] == "retail-prod-models-us-east-1-logs"
    encryption = one(
        graph,
        "aws:s3/bucketServerSideEncryptionConfiguration:BucketServerSideEncryptionConfiguration",
        "prod-models-us-east-1-logs",
    )
    assert encryption.inputs["rules"][0]["applyServerSideEncryptionByDefault"] == {"sseAlgorithm": "AES256"}
    policy = one(graph, "aws:s3/bucketPolicy:BucketPolicy", "prod-models-us-east-1-logs")
    deliver = json.loads(policy.inputs["policy"])["Statement"][-1]
    assert deliver["Principal"] == {"Service": "logging.s3.amazonaws.com"}
    assert deliver["Condition"] == {"StringEquals": {"aws:SourceAccount": "123456789012"}}
    assert waits_for(graph, logging, policy)
    lifecycle = one(
        graph, "aws:s3/bucketLifecycleConfiguration:BucketLifecycleConfiguration", "prod-models-us-east-1-logs"
    )
    assert lifecycle.inputs["rules"][0]["expiration"] == {"days": 30}


def test_every_object_is_copied_to_another_region_under_a_key_there() -> None:
    graph = graph_of(store(replica_region="eu-west-1", lock=LOCKED))
    copy = one(graph, BUCKET, "prod-models-us-east-1-copy")
    assert (copy.inputs["bucket"], copy.inputs["region"]) == ("retail-prod-models-us-east-1-copy", "eu-west-1")
    assert {lock.inputs["region"] for lock in graph.of_type(LOCK)} == {REGION, "eu-west-1"}
    rule = one(graph, "aws:s3/bucketReplicationConfig:BucketReplicationConfig")
    destination = rule.inputs["rules"][0]["destination"]
    assert destination["bucket"] == "arn:aws:s3:::retail-prod-models-us-east-1-copy"
    assert ":kms:eu-west-1:" in destination["encryptionConfiguration"]["replicaKmsKeyId"]
    for versioning in graph.of_type("aws:s3/bucketVersioning:BucketVersioning"):
        assert waits_for(graph, rule, versioning)
    statements = json.loads(one(graph, "aws:iam/rolePolicy:RolePolicy").inputs["policy"])["Statement"]
    assert {each["Sid"]: each["Resource"] for each in statements}["WriteCopies"] == f"{destination['bucket']}/*"
    assert not [action for each in statements for action in each["Action"] if "Delete" in action]


def test_old_versions_move_to_cheaper_storage() -> None:
    lifecycle = one(
        graph_of(store(archive_old_versions_days=60)),
        "aws:s3/bucketLifecycleConfiguration:BucketLifecycleConfiguration",
    )
    assert lifecycle.inputs["rules"][0]["noncurrentVersionTransitions"] == [
        {"noncurrentDays": 60, "storageClass": "GLACIER_IR"}
    ]


def test_everything_that_takes_tags_has_its_owner() -> None:
    graph = graph_of(store(replica_region="eu-west-1", access_logs=True))
    tagged = [each for each in cloud_resources(graph) if "tags" in each.inputs]
    assert sorted(each.type.rpartition(":")[2] for each in tagged) == [
        "Bucket",
        "Bucket",
        "Bucket",
        "Key",
        "Key",
        "Role",
    ]
    for each in tagged:
        assert PLATFORM.aws_tags().items() <= each.inputs["tags"].items()


def test_the_address_of_a_store() -> None:
    assert run_program(store()).outputs["url"] == "s3://retail-prod-models-us-east-1"


REFUSED = [
    (
        {"lock": LOCKED, "force_destroy": True},
        "force_destroy would delete what lock keeps; delete one of the two (a locked store is left behind by pulumi "
        "destroy)",
    ),
    (
        {"lock": {"mode": "goverance", "days": 1}},
        "lock.mode: 'goverance' is not an allowed value; did you mean 'governance'? Allowed: governance, compliance",
    ),
    ({"lock": {"days": 0}}, "lock.days: must be at least 1, not 0"),
    (
        {"archive_old_versions_days": 400},
        "archive_old_versions_days, 400, must be less than expire_old_versions_days, 365",
    ),
    ({"replica_region": REGION}, "replica_region: 'us-east-1' is the store's own region; name another"),
    (
        {"replica_region": "europe-west4"},
        "replica_region: 'europe-west4' is a region of another cloud; Amazon S3 copies to regions of its own alone",
    ),
    ({"region": "europe-west4"}, "region: 'europe-west4' is no region of aws; write cloud: gcp"),
    (
        {"organization": "r" * 46, "access_logs": True},
        f"organization: makes the bucket name '{'r' * 46}-prod-models-us-east-1-logs' of 73 characters; Amazon S3 "
        "allows 63, so shorten it",
    ),
    ({"kms_key": "k"}, "kms_key: is an argument of cloud: gcp or azure, not aws; delete it"),
]


@pytest.mark.parametrize(("args", "message"), REFUSED)
def test_what_does_not_go_together_is_refused_before_any_resource(args: dict[str, Any], message: str) -> None:
    assert refusal(store(**args)) == f"ModelStore prod-models-us-east-1: {message}"
