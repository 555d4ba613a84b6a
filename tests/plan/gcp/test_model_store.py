"""A model store in Google Cloud, and what is uploaded to it."""

from __future__ import annotations

from typing import Any

import pulumi
import pytest
from modelyard.catalog import regions
from modelyard.governance.ownership import Ownership
from modelyard.offline import Run, run
from modelyard.registry.model_store import ModelStore
from modelyard.registry.model_upload import ModelUpload
from recorded_graph import one, refused, waits_for

PLATFORM = Ownership("platform", "CC-1000", "prod", "ml-platform@retail.example")
TOYS = Ownership("toys", "CC-2000", "prod", "toys@retail.example")
BUCKET = "gcp:storage/bucket:Bucket"
KEY = "projects/shop-keys/locations/europe-west4/keyRings/models/cryptoKeys/models"


def planned(**args: Any) -> Run:
    def program() -> None:
        arguments: Any = {
            "cloud": "gcp",
            "region": "europe-west4",
            "project": "shop-prod",
            "organization": "retail",
            "ownership": PLATFORM.args(),
            **args,
        }
        store = ModelStore("prod-models-europe-west4", arguments)
        files = [{"key": "tagging/config.pbtxt", "text": "", "sha256": "a" * 64}]
        upload: Any = {
            "cloud": "gcp",
            "region": "europe-west4",
            "bucket": store.bucket,
            "model": "tagging",
            "files": files,
            "ownership": TOYS.args(),
        }
        pulumi.export("store", store.url)
        pulumi.export("url", ModelUpload("prod-tagging", upload).url)

    return run(program, project="modelyard", stack="prod", mode="up")


def bucket(**args: Any) -> dict[str, Any]:
    return dict(one(planned(**args).graph, BUCKET, "prod-models-europe-west4").inputs)


def test_the_bucket_is_versioned_and_closed_to_the_public() -> None:
    made = bucket(expire_old_versions_days=60, archive_old_versions_days=30, kms_key=KEY)
    assert made["name"] == "retail-prod-models-europe-west4"
    assert made["location"] == "EUROPE-WEST4"
    assert made["versioning"] == {"enabled": True}
    assert made["publicAccessPrevention"] == "enforced"
    assert made["uniformBucketLevelAccess"] is True
    assert made["encryption"] == {"defaultKmsKeyName": KEY}
    assert "retentionPolicy" not in made
    conditions = [rule["condition"] for rule in made["lifecycleRules"]]
    assert conditions[0] == {"daysSinceNoncurrentTime": 60, "withState": "ARCHIVED"}
    assert conditions[2] == {"daysSinceNoncurrentTime": 30, "withState": "ARCHIVED"}
    assert PLATFORM.gcp_labels().items() <= made["labels"].items()


@pytest.mark.parametrize(("mode", "locked"), [("governance", False), ("compliance", True)])
def test_a_lock_is_a_retention_policy_in_place_of_versions(mode: str, locked: bool) -> None:
    made = bucket(lock={"mode": mode, "days": 30})
    assert made["retentionPolicy"] == {"retentionPeriod": "2592000", "isLocked": locked}
    assert made["versioning"] == {"enabled": False}
    assert [rule["action"]["type"] for rule in made["lifecycleRules"]] == ["AbortIncompleteMultipartUpload"]


def test_a_copy_is_a_bucket_in_two_regions() -> None:
    made = bucket(replica_region="europe-north1")
    assert made["location"] == "EU"
    assert made["customPlacementConfig"] == {"dataLocations": ["EUROPE-NORTH1", "EUROPE-WEST4"]}


def test_logs_go_to_a_bucket_that_google_may_write_to() -> None:
    graph = planned(access_logs=True, access_log_days=30).graph
    logs = one(graph, BUCKET, "prod-models-europe-west4-logs")
    assert logs.inputs["name"] == "retail-prod-models-europe-west4-logs"
    assert logs.inputs["lifecycleRules"] == [{"action": {"type": "Delete"}, "condition": {"age": 30}}]
    writer = one(graph, "gcp:storage/bucketIAMMember:BucketIAMMember")
    assert writer.inputs["member"] == "group:cloud-storage-analytics@google.com"
    made = one(graph, BUCKET, "prod-models-europe-west4")
    assert made.inputs["logging"]["logBucket"] == logs.inputs["name"]
    assert waits_for(graph, made, writer)


def test_google_may_use_the_key_before_the_bucket_needs_it() -> None:
    graph = planned(kms_key=KEY, project_number="123456789").graph
    grant = one(graph, "gcp:kms/cryptoKeyIAMMember:CryptoKeyIAMMember")
    assert grant.inputs["member"] == "serviceAccount:service-123456789@gs-project-accounts.iam.gserviceaccount.com"
    assert waits_for(graph, one(graph, BUCKET), grant)


def test_files_lie_below_their_checksums_and_belong_to_the_department() -> None:
    done = planned()
    stored = one(done.graph, "gcp:storage/bucketObject:BucketObject").inputs
    assert stored["name"] == "toys/tagging/aaaaaaaaaaaaaaaa/tagging/config.pbtxt"
    assert stored["bucket"] == "retail-prod-models-europe-west4"
    # Metadata that changed would make another object of the same name, and delete it after that.
    assert "metadata" not in stored
    assert done.outputs["url"] == "gs://retail-prod-models-europe-west4/toys/tagging"
    assert done.outputs["store"] == "gs://retail-prod-models-europe-west4"


REFUSED = [
    (
        {"replica_region": "us-central1"},
        "replica_region: 'us-central1' and 'europe-west4' are on no common continent of Cloud Storage's dual regions "
        "(US, EU, ASIA); name a region near 'europe-west4'",
    ),
    (
        {"replica_region": "europe-west44"},
        "replica_region: 'europe-west44' is not a region of Google Cloud; did you mean 'europe-west4'? Allowed: "
        + ", ".join(each.name for each in regions.regions("gcp")[:24])
        + f" and {len(regions.regions('gcp')) - 24} more",
    ),
    ({"resource_group": "ml"}, "resource_group: is an argument of cloud: azure, not gcp; delete it"),
    (
        {"kms_key": "alias/models"},
        "kms_key: 'alias/models' must be a Cloud KMS key: "
        "projects/<project>/locations/<region>/keyRings/<ring>/cryptoKeys/<key>",
    ),
    ({"cloud": "gcs"}, "cloud: 'gcs' is not a cloud; did you mean 'gcp'? Allowed: aws, gcp, azure"),
]


@pytest.mark.parametrize(("args", "message"), REFUSED)
def test_what_cloud_storage_does_not_do_is_refused(args: dict[str, Any], message: str) -> None:
    assert refused(lambda: planned(**args)) == f"ModelStore prod-models-europe-west4: {message}"
