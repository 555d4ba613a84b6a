"""What an update in place moves, what stays, and how a replacement differs from what it replaces."""

from __future__ import annotations

from typing import Any

import pytest
from modelyard.graph import UNKNOWN, Secret
from modelyard.offline import schemas
from modelyard.offline.simulated import Before, SimulatedAws, SimulatedKubernetes
from modelyard.offline.simulated.aws_update import moving_outputs, next_of

from .programs import urn

EAST = SimulatedAws({"region": "us-east-1"})
CLUSTER = SimulatedKubernetes({})
TEMPLATE = "aws:ec2/launchTemplate:LaunchTemplate"
GROUP = "aws:eks/nodeGroup:NodeGroup"
OBJECT = "aws:s3/bucketObjectv2:BucketObjectv2"
EKS = "aws:eks/cluster:Cluster"
ALIAS = "aws:kms/alias:Alias"
ASSOCIATION = "aws:eks/podIdentityAssociation:PodIdentityAssociation"
SUBNET = "aws:ec2/subnet:Subnet"
DEPLOYMENT = "kubernetes:apps/v1:Deployment"
CONFIG_MAP = "kubernetes:core/v1:ConfigMap"


def moved(token: str, old: dict[str, Any], change: dict[str, Any], *, preview: bool) -> dict[str, Any]:
    """Computed outputs that differ after the inputs were changed, with their new values."""
    created = EAST.create(token, urn(token, "x"), old, preview=False).outputs
    new = {**old, **change}
    updated = EAST.update(token, urn(token, "x"), new, Before(old, created), preview=preview)
    assert updated.keys() >= created.keys()
    return {name: value for name, value in updated.items() if name not in new and value != created.get(name)}


@pytest.mark.parametrize(
    ("token", "old", "change", "planned", "done"),
    [
        (TEMPLATE, {"tags": {}}, {"userData": "eA=="}, {"latestVersion": UNKNOWN}, {"latestVersion": 2}),
        # The plan of Terraform's provider is wider than what it then does.
        (TEMPLATE, {"tags": {}}, {"tags": {"a": "b"}}, {"latestVersion": UNKNOWN}, {}),
        (TEMPLATE, {"tags": {}}, {"description": "new"}, {}, {"latestVersion": 2}),
        (
            TEMPLATE,
            {"updateDefaultVersion": True},
            {"userData": "eA=="},
            {"latestVersion": UNKNOWN, "defaultVersion": UNKNOWN},
            {"latestVersion": 2, "defaultVersion": 2},
        ),
        (GROUP, {"clusterName": "c", "nodeGroupName": "g"}, {"scalingConfig": {"maxSize": 5}}, {}, {}),
        (EKS, {"name": "blue", "version": "1.34"}, {"version": "1.35"}, {}, {"platformVersion": "eks.2"}),
        (EKS, {"name": "blue", "version": "1.34"}, {"tags": {"a": "b"}}, {}, {}),
        (
            ALIAS,
            {"name": "alias/a", "targetKeyId": "old"},
            {"targetKeyId": "new"},
            {},
            {"targetKeyArn": "arn:aws:kms:us-east-1:123456789012:key/new"},
        ),
        (ASSOCIATION, {"clusterName": "c", "roleArn": "a"}, {"roleArn": "b"}, {"externalId": UNKNOWN}, {}),
        ("aws:ecr/repository:Repository", {"name": "images"}, {"tags": {"a": "b"}}, {}, {}),
    ],
)
def test_an_update_moves_only_what_it_does(
    token: str, old: dict[str, Any], change: dict[str, Any], planned: dict[str, Any], done: dict[str, Any]
) -> None:
    assert moved(token, old, change, preview=True) == planned
    assert moved(token, old, change, preview=False) == done


def test_an_object_with_other_content_is_another_version() -> None:
    old = {"bucket": "b", "key": "k", "sourceHash": "1"}
    assert moved(OBJECT, old, {"sourceHash": "2"}, preview=True) == {"versionId": UNKNOWN}
    second = moved(OBJECT, old, {"sourceHash": "2"}, preview=False)
    assert set(second) == {"versionId", "etag"}
    assert moved(OBJECT, old, {"sourceHash": "3"}, preview=False)["versionId"] != second["versionId"]
    assert moved(OBJECT, old, {"tags": {"a": "b"}}, preview=False) == {}


def test_what_aws_adds_inside_an_input_stays() -> None:
    old = {"name": "blue", "vpcConfig": {"subnetIds": ["subnet-1"]}}
    created = EAST.create(EKS, urn(EKS, "x"), old, preview=False).outputs
    new = {"name": "blue", "vpcConfig": {"subnetIds": ["subnet-2"]}}
    updated = EAST.update(EKS, urn(EKS, "x"), new, Before(old, created), preview=True)
    assert updated["vpcConfig"] == {**created["vpcConfig"], "subnetIds": ["subnet-2"]}
    assert isinstance(updated["vpcConfig"]["clusterSecurityGroupId"], str)


def test_an_input_that_is_taken_back_leaves_no_output_behind() -> None:
    old = {"name": "images", "imageTagMutability": "IMMUTABLE"}
    token = "aws:ecr/repository:Repository"
    created = EAST.create(token, urn(token, "x"), old, preview=False).outputs
    updated = EAST.update(token, urn(token, "x"), {"name": "images"}, Before(old, created), preview=False)
    assert "imageTagMutability" not in updated
    assert updated["repositoryUrl"] == created["repositoryUrl"]


def test_secrets_stay_secret_in_an_update() -> None:
    token = "aws:secretsmanager/secretVersion:SecretVersion"
    old = {"secretId": "db", "secretString": Secret("old-password")}
    created = EAST.create(token, urn(token, "x"), old, preview=False).outputs
    updated = EAST.update(
        token, urn(token, "x"), {**old, "secretString": Secret("new-password")}, Before(old, created), preview=False
    )
    assert updated["secretString"] == Secret("new-password")


@pytest.mark.parametrize(("value", "expected"), [(1, 2), ("eks.9", "eks.10"), ("none", "none"), (None, None)])
def test_counting_up(value: Any, expected: Any) -> None:
    assert next_of(value) == expected


@pytest.mark.parametrize("token", [TEMPLATE, OBJECT, "aws:s3/bucketObject:BucketObject", EKS, ASSOCIATION, ALIAS])
def test_the_table_speaks_of_properties_that_there_are(token: str) -> None:
    outputs = schemas.outputs(token)
    assert moving_outputs(token)
    for moving in moving_outputs(token):
        names = {moving.output, *moving.moved, *moving.planned, *(moving.planned_unless or ())}
        assert names <= outputs.keys()


@pytest.mark.parametrize(
    ("token", "inputs", "name"),
    [
        ("aws:iam/role:Role", {"namePrefix": "reader-"}, "reader-2026010100000000004459f63c"),
        ("aws:s3/bucket:Bucket", {"bucketPrefix": "models-"}, "models-202601010000000000fb6cf9c5"),
    ],
)
def test_a_prefix_becomes_a_name_that_stays(token: str, inputs: dict[str, Any], name: str) -> None:
    property_ = next(iter(inputs)).removesuffix("Prefix")
    planned = EAST.create(token, urn(token, "x"), inputs, preview=True)
    assert planned.outputs[property_] is UNKNOWN
    created = EAST.create(token, urn(token, "x"), inputs, preview=False)
    assert (created.id, created.outputs[property_]) == (name, name)
    new = {**inputs, "tags": {"a": "b"}}
    updated = EAST.update(token, urn(token, "x"), new, Before(inputs, created.outputs), preview=True)
    assert updated[property_] == name


@pytest.mark.parametrize(
    ("token", "old", "new", "delete_first"),
    [
        (GROUP, {"nodeGroupName": "x-0123abc"}, {"nodeGroupName": "x-0123abc", "instanceTypes": ["a"]}, False),
        (GROUP, {"nodeGroupName": "gpu"}, {"nodeGroupName": "gpu", "instanceTypes": ["a"]}, True),
        (GROUP, {"nodeGroupName": "gpu"}, {"nodeGroupName": "gpu", "labels": {"a": "b"}}, False),
        (SUBNET, {"cidrBlock": "10.0.0.0/24"}, {"cidrBlock": "10.0.1.0/24"}, False),
        ("aws:s3/bucket:Bucket", {"bucket": "x-0123abc"}, {"bucket": "x-0123abc", "objectLockEnabled": True}, False),
        ("aws:kms/alias:Alias", {"name": "alias/x-0123abc"}, {"name": "alias/x-0123abc", "region": "eu-west-1"}, False),
    ],
)
def test_two_resources_of_one_name_cannot_be_there_at_once(
    token: str, old: dict[str, Any], new: dict[str, Any], delete_first: bool
) -> None:
    assert EAST.diff(token, urn(token, "x"), new, old).delete_first is delete_first


def test_a_replacement_has_a_name_and_an_id_of_its_own() -> None:
    def life(token: str, replaces: str) -> tuple[Any, Any]:
        checked = EAST.check(token, urn(token, "x"), {}, replaces=replaces).inputs
        created = EAST.create(token, urn(token, "x"), checked, preview=False, replaces=replaces)
        return created.id, created.outputs.get("arn")

    for token in (SUBNET, "aws:iam/role:Role"):
        first = life(token, "")
        second = life(token, first[0])
        third = life(token, second[0])
        assert len({first, second, third}) == 3
        assert life(token, "") == first


METADATA = {"name": "web", "namespace": "ml"}


@pytest.mark.parametrize(
    ("token", "old", "new", "replace", "delete_first"),
    [
        (DEPLOYMENT, {"spec": {"replicas": 1}}, {"spec": {"replicas": 2}}, (), False),
        (DEPLOYMENT, {"spec": {"selector": {"a": "b"}}}, {"spec": {"selector": {"a": "c"}}}, ("spec",), True),
        (DEPLOYMENT, {"spec": {"selector": {"a": "b"}}}, {"spec": UNKNOWN}, ("spec",), True),
        (DEPLOYMENT, {}, {"metadata": {**METADATA, "name": "other"}}, ("metadata",), False),
        (DEPLOYMENT, {}, {"metadata": {**METADATA, "labels": {"a": "b"}}}, (), False),
        (CONFIG_MAP, {"data": {"a": "b"}}, {"data": {"a": "c"}}, ("data",), True),
        (
            CONFIG_MAP,
            {"data": {"a": "b"}, "metadata": {**METADATA, "annotations": {"pulumi.com/autonamed": "true"}}},
            {"data": {"a": "c"}, "metadata": {**METADATA, "annotations": {"pulumi.com/autonamed": "true"}}},
            ("data",),
            False,
        ),
        ("kubernetes:helm.sh/v3:Release", {"name": "a"}, {"name": "b"}, ("name",), False),
        ("kubernetes:helm.sh/v3:Release", {"values": {"a": 1}}, {"values": {"a": 2}}, (), False),
    ],
)
def test_what_replaces_an_object(
    token: str, old: dict[str, Any], new: dict[str, Any], replace: tuple[str, ...], delete_first: bool
) -> None:
    before, after = {"metadata": METADATA, **old}, {"metadata": METADATA, **new}
    difference = CLUSTER.diff(token, urn(token, "x"), after, before)
    assert (difference.replace, difference.delete_first) == (replace, delete_first)


@pytest.mark.parametrize("setting", [True, "true"])
def test_a_provider_may_take_config_maps_as_mutable(setting: Any) -> None:
    cluster = SimulatedKubernetes({"enableConfigMapMutable": setting})
    new, old = ({"metadata": METADATA, "data": {"a": value}} for value in "bc")
    assert cluster.diff(CONFIG_MAP, urn(CONFIG_MAP, "x"), new, old).replace == ()


@pytest.mark.parametrize(
    ("spec", "preview", "generation", "version"),
    [({"replicas": 2}, False, 2, "2"), ({"replicas": 2}, True, 2, "1"), ({"replicas": 1}, False, 1, "2")],
)
def test_an_object_keeps_what_its_server_keeps(spec: Any, preview: bool, generation: int, version: str) -> None:
    old = {"metadata": METADATA, "spec": {"replicas": 1}}
    created = CLUSTER.create(DEPLOYMENT, urn(DEPLOYMENT, "x"), old, preview=False).outputs
    new = {"metadata": {**METADATA, "labels": {"a": "b"}}, "spec": spec}
    updated = CLUSTER.update(DEPLOYMENT, urn(DEPLOYMENT, "x"), new, Before(old, created), preview=preview)
    assert updated["metadata"] == {
        **created["metadata"],
        "labels": {"a": "b"},
        "generation": generation,
        "resourceVersion": version,
    }
    assert updated["status"] == created["status"]


def test_a_dry_run_needs_all_values() -> None:
    old = {"metadata": METADATA, "spec": {"replicas": 1}}
    created = CLUSTER.create(DEPLOYMENT, urn(DEPLOYMENT, "x"), old, preview=False).outputs
    new = {"metadata": METADATA, "spec": {"replicas": UNKNOWN}}
    assert CLUSTER.update(DEPLOYMENT, urn(DEPLOYMENT, "x"), new, Before(old, created), preview=True) == new
