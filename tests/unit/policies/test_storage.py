"""bucket-encrypted-versioned-private and volumes-encrypted."""

from __future__ import annotations

from typing import Any

import pytest
from modelyard.graph import UNKNOWN, Resource

from .recorded import messages, resource

BUCKET = "aws:s3/bucket:Bucket"
KEYS = ("blockPublicAcls", "blockPublicPolicy", "ignorePublicAcls", "restrictPublicBuckets")
ALL = "blockPublicAcls, blockPublicPolicy, ignorePublicAcls, restrictPublicBuckets"
NOT_PRIVATE = (
    "the bucket has no BucketPublicAccessBlock, so a policy or an ACL can make it public; declare one with "
    f"{ALL} all true."
)
NOT_VERSIONED = (
    "the bucket's versioning status is not set, so an overwritten model is gone; declare a BucketVersioning with "
    "status 'Enabled'."
)
NOT_ENCRYPTED = (
    "the bucket's sseAlgorithm is not set; declare a BucketServerSideEncryptionConfiguration with one of 'aws:kms', "
    "'aws:kms:dsse'."
)


def bucket(**inputs: Any) -> Resource:
    return resource(BUCKET, {"bucket": "retailer-models", **inputs}, "models")


def completed(kind: str, **inputs: Any) -> Resource:
    token = f"aws:s3/{kind[0].lower()}{kind[1:]}:{kind}"
    return resource(token, {"bucket": UNKNOWN, **inputs}, "models", sources={"bucket": (bucket().urn,)})


def private(**changes: Any) -> Resource:
    return completed("BucketPublicAccessBlock", **{**dict.fromkeys(KEYS, True), **changes})


def versioned(status: str = "Enabled") -> Resource:
    return completed("BucketVersioning", versioningConfiguration={"status": status})


def encrypted(algorithm: str = "aws:kms") -> Resource:
    rule = {"applyServerSideEncryptionByDefault": {"sseAlgorithm": algorithm, "kmsMasterKeyId": UNKNOWN}}
    return completed("BucketServerSideEncryptionConfiguration", rules=[rule])


@pytest.mark.parametrize(
    ("found", "expected"),
    [
        ([bucket(), private(), versioned(), encrypted()], []),
        ([bucket()], [NOT_PRIVATE, NOT_VERSIONED, NOT_ENCRYPTED]),
        (
            [bucket(acl="public-read"), private(), versioned(), encrypted()],
            ["acl 'public-read' gives the bucket's objects to others; set it to 'private'."],
        ),
        (
            [bucket(), private(), versioned(), encrypted(), completed("BucketAcl", acl="public-read-write")],
            ["acl 'public-read-write' gives the bucket's objects to others; set it to 'private'."],
        ),
        (
            [bucket(), private(blockPublicPolicy=False, restrictPublicBuckets=None), versioned(), encrypted()],
            [
                "the bucket's BucketPublicAccessBlock leaves blockPublicPolicy, restrictPublicBuckets off; set all of "
                f"{ALL} to true."
            ],
        ),
        (
            [bucket(), private(), versioned("Suspended"), encrypted()],
            [NOT_VERSIONED.replace("not set", "'Suspended'")],
        ),
        ([bucket(), private(), versioned(), encrypted("AES256")], [NOT_ENCRYPTED.replace("not set", "'AES256'")]),
        (
            [
                bucket(versioning={"enabled": True}, serverSideEncryptionConfiguration={"rule": {
                    "applyServerSideEncryptionByDefault": {"sseAlgorithm": "aws:kms"}}}),
                private(),
            ],
            [],
        ),
    ],
)  # fmt: skip
def test_bucket(found: list[Resource], expected: list[str]) -> None:
    assert messages("bucket-encrypted-versioned-private", *found) == expected


def test_settings_of_another_bucket_do_not_count() -> None:
    other = resource(BUCKET, {"bucket": "other"}, "other")
    found = messages("bucket-encrypted-versioned-private", bucket(), private(), versioned(), encrypted(), other)
    assert found == [NOT_PRIVATE, NOT_VERSIONED, NOT_ENCRYPTED]


def test_settings_find_their_bucket_by_its_name_too() -> None:
    block = resource(private().type, {"bucket": "retailer-models", **dict.fromkeys(KEYS, True)})
    assert NOT_PRIVATE not in messages("bucket-encrypted-versioned-private", bucket(), block)


def test_the_algorithms_are_configurable() -> None:
    found = [bucket(), private(), versioned(), encrypted("AES256")]
    assert messages("bucket-encrypted-versioned-private", *found, settings={"algorithms": ["AES256"]}) == []


def not_encrypted(path: str, value: str = "not set") -> list[str]:
    return [f"{path} is {value}, so the disk can be read by whoever gets hold of it; set it to true."]


@pytest.mark.parametrize(
    ("resource_type", "inputs", "expected"),
    [
        ("aws:ebs/volume:Volume", {"encrypted": True}, []),
        ("aws:ebs/volume:Volume", {"encrypted": False}, not_encrypted("encrypted", "false")),
        ("aws:efs/fileSystem:FileSystem", {}, not_encrypted("encrypted")),
        ("aws:ec2/instance:Instance", {"rootBlockDevice": {"encrypted": True}}, []),
        (
            "aws:ec2/instance:Instance",
            {"rootBlockDevice": {"encrypted": True}, "ebsBlockDevices": [{"deviceName": "/dev/sdf"}]},
            not_encrypted("ebsBlockDevices[0].encrypted"),
        ),
        ("aws:ec2/instance:Instance", {}, not_encrypted("rootBlockDevice.encrypted")),
        ("aws:ec2/instance:Instance", {"launchTemplate": {"id": UNKNOWN, "version": UNKNOWN}}, []),
        (
            "aws:ec2/instance:Instance",
            {"launchTemplate": {"id": "lt-1"}, "rootBlockDevice": {"encrypted": False}},
            not_encrypted("rootBlockDevice.encrypted", "false"),
        ),
        (
            "aws:ec2/launchTemplate:LaunchTemplate",
            {"blockDeviceMappings": [{"ebs": {"encrypted": "true"}}, {"noDevice": "x"}]},
            [],
        ),
        (
            "aws:ec2/launchTemplate:LaunchTemplate",
            {"blockDeviceMappings": [{"ebs": {"encrypted": "true"}}, {"ebs": {"volumeSize": 200}}]},
            not_encrypted("blockDeviceMappings[1].ebs.encrypted"),
        ),
        (
            "aws:ec2/launchTemplate:LaunchTemplate",
            {},
            [
                "blockDeviceMappings is not set, so the nodes' root volumes are encrypted only where the account's "
                "default says so; declare the root volume with ebs.encrypted true."
            ],
        ),
        (
            "kubernetes:storage.k8s.io/v1:StorageClass",
            {"provisioner": "ebs.csi.aws.com", "parameters": {"type": "gp3", "encrypted": "true"}},
            [],
        ),
        (
            "kubernetes:storage.k8s.io/v1:StorageClass",
            {"provisioner": "ebs.csi.aws.com", "parameters": {"type": "gp3"}},
            not_encrypted("parameters.encrypted"),
        ),
        ("kubernetes:storage.k8s.io/v1:StorageClass", {"provisioner": "efs.csi.aws.com"}, []),
    ],
)
def test_volumes_encrypted(resource_type: str, inputs: dict[str, Any], expected: list[str]) -> None:
    assert messages("volumes-encrypted", resource(resource_type, inputs)) == expected
