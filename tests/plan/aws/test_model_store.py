"""The model store, what is uploaded to it, and who may read it."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pulumi
import pytest
from modelyard.governance.pod_identity_role import PodIdentityRole
from modelyard.governance.policy_document import s3_read_policy
from modelyard.registry.model_store import ModelStore
from modelyard.registry.model_upload import ModelUpload, model_prefix

from .program import PLATFORM, REGION, TOYS, cloud_resources, graph_of, one, refusal, run_program, types_of, waits_for

OBJECT = "aws:s3/bucketObjectv2:BucketObjectv2"


def store(**args: Any) -> Any:
    def declare(opts: pulumi.ResourceOptions) -> None:
        arguments: Any = {"region": REGION, "organization": "retail", "ownership": PLATFORM.args(), **args}
        ModelStore("prod-us-east-1", arguments, opts)

    return declare


def test_the_bucket_is_versioned_encrypted_and_closed() -> None:
    graph = graph_of(store(expire_old_versions_days=30))
    bucket = one(graph, "aws:s3/bucket:Bucket")
    assert bucket.inputs["bucket"] == "retail-prod-models-us-east-1"
    assert bucket.inputs["forceDestroy"] is False
    versioning = one(graph, "aws:s3/bucketVersioning:BucketVersioning")
    assert versioning.inputs["versioningConfiguration"] == {"status": "Enabled"}
    rule = one(graph, "aws:s3/bucketServerSideEncryptionConfiguration:BucketServerSideEncryptionConfiguration").inputs[
        "rules"
    ][0]
    assert rule["applyServerSideEncryptionByDefault"]["sseAlgorithm"] == "aws:kms"
    assert rule["bucketKeyEnabled"] is True
    block = one(graph, "aws:s3/bucketPublicAccessBlock:BucketPublicAccessBlock").inputs
    assert all(block[key] for key in block if key.startswith(("block", "ignore", "restrict")))
    controls = one(graph, "aws:s3/bucketOwnershipControls:BucketOwnershipControls").inputs
    assert controls["rule"] == {"objectOwnership": "BucketOwnerEnforced"}
    lifecycle = one(graph, "aws:s3/bucketLifecycleConfiguration:BucketLifecycleConfiguration")
    assert lifecycle.inputs["rules"][0]["noncurrentVersionExpiration"] == {"noncurrentDays": 30}
    assert waits_for(graph, lifecycle, versioning)


def test_only_tls_reaches_the_bucket() -> None:
    policy = json.loads(one(graph_of(store()), "aws:s3/bucketPolicy:BucketPolicy").inputs["policy"])
    assert [statement["Effect"] for statement in policy["Statement"]] == ["Deny", "Deny"]
    assert policy["Statement"][0]["Condition"] == {"Bool": {"aws:SecureTransport": "false"}}
    assert policy["Statement"][0]["Principal"] == "*"
    assert len(policy["Statement"][0]["Resource"]) == 2


@pytest.fixture
def model(tmp_path: Path) -> list[dict[str, str]]:
    (tmp_path / "1").mkdir()
    (tmp_path / "1" / "model.onnx").write_text("weights")
    return [
        {"key": "tagging/config.pbtxt", "text": "platform: 'onnxruntime_onnx'", "sha256": "a" * 64},
        {"key": "tagging/1/model.onnx", "path": str(tmp_path / "1" / "model.onnx"), "sha256": "b" * 64},
    ]


def upload(files: list[dict[str, str]], **args: Any) -> Any:
    def declare(opts: pulumi.ResourceOptions) -> None:
        of_store: Any = {"region": REGION, "organization": "retail", "ownership": PLATFORM.args()}
        bucket = ModelStore("prod-us-east-1", of_store, opts)
        arguments: Any = {
            "region": REGION,
            "bucket": bucket.bucket,
            "kms_key_arn": bucket.kms_key_arn,
            "model": "tagging",
            "files": files,
            "ownership": TOYS.args(),
            **args,
        }
        pulumi.export("url", ModelUpload("prod-tagging", arguments, opts).url)

    return declare


def test_files_lie_below_their_checksums_and_belong_to_the_department(model: list[dict[str, str]]) -> None:
    result = run_program(upload(model))
    objects = result.graph.of_type(OBJECT)
    assert [one_of.inputs["key"] for one_of in objects] == [
        "toys/tagging/aaaaaaaaaaaaaaaa/tagging/config.pbtxt",
        "toys/tagging/bbbbbbbbbbbbbbbb/tagging/1/model.onnx",
    ]
    for one_of, file in zip(objects, model, strict=True):
        assert one_of.inputs["sourceHash"] == file["sha256"]
        assert one_of.inputs["serverSideEncryption"] == "aws:kms"
        assert one_of.inputs["tags"] == TOYS.of_model("tagging").aws_tags()
    assert result.outputs["url"] == "s3://retail-prod-models-us-east-1/toys/tagging"
    assert model_prefix("toys", "tagging") == "toys/tagging"


def test_the_store_is_closed_before_the_first_file_comes(model: list[dict[str, str]]) -> None:
    graph = graph_of(upload(model))
    for guard in (
        "aws:s3/bucketPublicAccessBlock:BucketPublicAccessBlock",
        "aws:s3/bucketPolicy:BucketPolicy",
        "aws:s3/bucketVersioning:BucketVersioning",
        "aws:s3/bucketServerSideEncryptionConfiguration:BucketServerSideEncryptionConfiguration",
        "aws:s3/bucketOwnershipControls:BucketOwnershipControls",
    ):
        assert waits_for(graph, graph.of_type(OBJECT)[0], one(graph, guard)), guard


def test_a_plan_shows_where_a_model_will_lie(model: list[dict[str, str]]) -> None:
    assert run_program(upload(model), "preview").outputs["url"] == "s3://retail-prod-models-us-east-1/toys/tagging"


def test_s3_allows_ten_tags_on_an_object(model: list[dict[str, str]]) -> None:
    for one_of in graph_of(upload(model)).of_type(OBJECT):
        assert len(one_of.inputs["tagsAll"]) <= 10


def test_an_upload_says_what_it_misses(model: list[dict[str, str]]) -> None:
    said = refusal(upload(model, modell="tagging"))
    assert said.startswith("ModelUpload prod-tagging: modell: 'modell' is not an argument; did you mean 'model'?")


@pytest.mark.parametrize(
    ("file", "said"),
    [
        ({"key": "a", "sha256": "a" * 64}, "files[0]: needs either path or text; give one of them"),
        (
            {"key": "a", "sha256": "a" * 64, "path": "a", "text": "a"},
            "files[0]: needs either path or text; give one of them",
        ),
        ({"key": "a", "text": ""}, "files[0].sha256: is missing and has no default; add it"),
        (
            {"key": "a", "txt": "", "sha256": "a" * 64},
            "files[0].txt: 'txt' is not an argument; did you mean 'text'? Allowed: key, sha256, object, path, text",
        ),
    ],
)
def test_a_file_has_one_content(file: dict[str, str], said: str) -> None:
    assert f"ModelUpload prod-tagging: {said}" in refusal(upload([file]))


def test_another_content_is_another_object_and_leaves_the_others(model: list[dict[str, str]]) -> None:
    """Another resource, too: nothing that a failed update leaves half replaced can delete what is served again."""
    before = {each.urn: each.inputs["key"] for each in graph_of(upload(model)).of_type(OBJECT)}
    model[0] = {**model[0], "text": "backend: 'onnxruntime'", "sha256": "c" * 64}
    after = {each.urn: each.inputs["key"] for each in graph_of(upload(model)).of_type(OBJECT)}
    assert len(before.items() & after.items()) == 1
    assert len(before.keys() | after.keys()) == 3


def test_the_pod_of_a_model_reads_its_own_model_alone() -> None:
    key = "arn:aws:kms:us-east-1:123456789012:key/1"
    listing, reading, decrypting = json.loads(s3_read_policy("models", "toys/tagging", REGION, key))["Statement"]
    assert listing["Resource"] == "arn:aws:s3:::models"
    assert listing["Condition"] == {"StringLike": {"s3:prefix": ["toys/tagging", "toys/tagging/*"]}}
    assert (reading["Action"], reading["Resource"]) == ("s3:GetObject", "arn:aws:s3:::models/toys/tagging/*")
    assert (decrypting["Action"], decrypting["Resource"]) == ("kms:Decrypt", key)


def test_a_bucket_without_a_key_needs_no_decrypt() -> None:
    assert "kms" not in s3_read_policy("theirs", "", REGION)
    assert json.loads(s3_read_policy("theirs", "", REGION))["Statement"][1]["Resource"] == "arn:aws:s3:::theirs/*"


def identity(**args: Any) -> Any:
    def declare(opts: pulumi.ResourceOptions) -> None:
        arguments: Any = {
            "region": REGION,
            "cluster_name": "prod-east",
            "namespace": "toys",
            "service_account": "tagging",
            "policy": s3_read_policy("models", "toys/tagging", REGION),
            "ownership": TOYS.of_model("tagging").args(),
            **args,
        }
        role = PodIdentityRole("prod-east-tagging", arguments, opts)
        pulumi.export("role_arn", role.role_arn)

    return declare


def test_one_service_account_of_one_cluster_takes_the_role() -> None:
    graph = graph_of(identity())
    role = one(graph, "aws:iam/role:Role")
    statement = json.loads(role.inputs["assumeRolePolicy"])["Statement"][0]
    assert statement["Principal"] == {"Service": "pods.eks.amazonaws.com"}
    assert statement["Condition"]["StringEquals"]["aws:RequestTag/kubernetes-service-account"] == ["tagging"]
    association = one(graph, "aws:eks/podIdentityAssociation:PodIdentityAssociation")
    assert (association.inputs["namespace"], association.inputs["serviceAccount"]) == ("toys", "tagging")
    assert association.inputs["roleArn"] == role.outputs["arn"]
    assert waits_for(graph, association, one(graph, "aws:iam/rolePolicy:RolePolicy"))
    assert "aws:iam/openIdConnectProvider:OpenIdConnectProvider" not in types_of(graph)
    for resource in cloud_resources(graph):
        if "tagsAll" in resource.inputs:
            assert TOYS.of_model("tagging").aws_tags().items() <= resource.inputs["tags"].items(), resource.urn


def test_a_role_without_policies_is_possible() -> None:
    def declare(opts: pulumi.ResourceOptions) -> None:
        arguments: Any = {
            "region": REGION,
            "cluster_name": "prod-east",
            "namespace": "kube-system",
            "service_account": "a",
            "managed_policy_arns": ["arn:aws:iam::aws:policy/ReadOnlyAccess"],
            "ownership": PLATFORM.args(),
        }
        PodIdentityRole("n" * 90, arguments, opts)

    graph = graph_of(declare)
    assert "aws:iam/rolePolicy:RolePolicy" not in types_of(graph)
    assert len(one(graph, "aws:iam/role:Role").inputs["name"]) <= 64
