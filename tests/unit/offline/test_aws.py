"""The simulated AWS: names, tags, ids, replacement, functions."""

from __future__ import annotations

import json
from typing import Any

import pytest
from modelyard.graph import UNKNOWN, Secret
from modelyard.offline.simulated import SimulatedAws, SimulatedAwsAccount
from modelyard.offline.simulated.aws_functions import SIMULATED_SECRET
from modelyard.offline.simulated.unknown_token import UnknownFunction, UnknownResource

from .programs import urn

EAST = SimulatedAws({"region": "us-east-1"})
TAGGED = SimulatedAws({"region": "us-east-1", "defaultTags": '{"tags": {"team": "ml", "env": "dev"}}'})


@pytest.mark.parametrize(
    ("token", "name", "property_", "expected"),
    [
        ("aws:ecr/repository:Repository", "Images", "name", "images-3a71713"),
        ("aws:s3/bucket:Bucket", "Models", "bucket", "models-b9b70ed"),
        ("aws:iam/role:Role", "Reader", "name", "Reader-6d8477c"),
        ("aws:eks/nodeGroup:NodeGroup", "gpu", "nodeGroupName", "gpu-c07baa6"),
        ("aws:kms/alias:Alias", "key", "name", "alias/key-1617556"),
        ("aws:cloudwatch/logGroup:LogGroup", "logs", "name", "logs-f289844"),
    ],
)
def test_physical_names(token: str, name: str, property_: str, expected: str) -> None:
    assert EAST.check(token, urn(token, name), {}).inputs[property_] == expected
    given = EAST.check(token, urn(token, name), {property_: "given"}).inputs
    assert given[property_] == "given"
    kept = EAST.check(token, urn(token, name), {}, {property_: "from-an-older-run"}).inputs
    assert kept[property_] == "from-an-older-run"


def test_a_prefix_leaves_the_name_to_the_cloud() -> None:
    token = "aws:iam/role:Role"
    assert "name" not in EAST.check(token, urn(token, "role"), {"namePrefix": "reader-"}).inputs


@pytest.mark.parametrize(("token", "longest"), [("aws:iam/role:Role", 64), ("aws:lb/targetGroup:TargetGroup", 32)])
def test_the_longest_name_that_fits(token: str, longest: int) -> None:
    fits = EAST.check(token, urn(token, "n" * (longest - 8)), {"assumeRolePolicy": "{}"} if "Role" in token else {})
    assert len(fits.inputs["name"]) == longest
    assert fits.problems == []
    too_long = EAST.check(token, urn(token, "n" * (longest - 7)), {"assumeRolePolicy": "{}"} if "Role" in token else {})
    assert [problem.path for problem in too_long.problems] == ["name"]


@pytest.mark.parametrize(
    ("tags", "expected"),
    [
        (None, {"team": "ml", "env": "dev"}),
        ({"env": "prod", "a": "b"}, {"team": "ml", "env": "prod", "a": "b"}),
        ({"a": UNKNOWN}, UNKNOWN),
        (UNKNOWN, UNKNOWN),
        (Secret({"a": "b"}), Secret({"team": "ml", "env": "dev", "a": "b"})),
    ],
)
def test_default_tags_are_merged(tags: Any, expected: Any) -> None:
    token = "aws:sns/topic:Topic"
    assert (
        TAGGED.check(token, urn(token, "topic"), {"tags": tags} if tags is not None else {}).inputs["tagsAll"]
        == expected
    )


@pytest.mark.parametrize(
    ("token", "inputs", "id_", "outputs"),
    [
        (
            "aws:eks/cluster:Cluster",
            {"name": "blue", "vpcConfig": {"subnetIds": ["subnet-1"]}},
            "blue",
            {
                "arn": "arn:aws:eks:us-east-1:123456789012:cluster/blue",
                "vpcConfig": {
                    "subnetIds": ["subnet-1"],
                    "clusterSecurityGroupId": "sg-54bc71871a4629cdc",
                    "vpcId": "vpc-54bc71871a4629cdc",
                },
            },
        ),
        (
            "aws:eks/nodeGroup:NodeGroup",
            {"clusterName": "blue", "nodeGroupName": "gpu"},
            "blue:gpu",
            {
                "resources": [
                    {
                        "autoscalingGroups": [{"name": "eks-gpu-8db3a998-56ac-503f-9c2b-ee85d1a2e8fe"}],
                        "remoteAccessSecurityGroupId": "",
                    }
                ]
            },
        ),
        ("aws:ec2/launchTemplate:LaunchTemplate", {}, "lt-8dfd1c62c10b0103f", {"latestVersion": 1}),
        (
            "aws:s3/bucket:Bucket",
            {"bucket": "models", "region": "eu-west-1"},
            "models",
            {"arn": "arn:aws:s3:::models", "bucketRegionalDomainName": "models.s3.eu-west-1.amazonaws.com"},
        ),
        (
            "aws:eks/podIdentityAssociation:PodIdentityAssociation",
            {},
            "a-7532bc3750b693ecf",
            {"associationId": "a-7532bc3750b693ecf"},
        ),
    ],
)
def test_what_creation_gives(token: str, inputs: dict[str, Any], id_: str, outputs: dict[str, Any]) -> None:
    created = EAST.create(token, urn(token, "x"), inputs, preview=False)
    assert created.id == id_
    assert {name: created.outputs[name] for name in outputs} == outputs
    planned = EAST.create(token, urn(token, "x"), inputs, preview=True)
    assert planned.id is UNKNOWN
    for name in outputs:
        if name in inputs:
            assert {**planned.outputs[name], **inputs[name]} == planned.outputs[name]
            assert UNKNOWN in planned.outputs[name].values()
        else:
            assert planned.outputs[name] is UNKNOWN


@pytest.mark.parametrize(
    ("old", "new", "changed", "replace"),
    [
        ({"tags": {"a": "b"}}, {"tags": {"a": "b"}}, (), ()),
        ({"tags": {"a": "b"}}, {"tags": {"a": "c"}}, ("tags",), ()),
        ({"name": "a"}, {"name": "b", "tags": {}}, ("name", "tags"), ("name",)),
        ({"name": "a", "imageTagMutability": "MUTABLE"}, {"name": "a"}, ("imageTagMutability",), ()),
    ],
)
def test_what_changed_and_what_must_be_replaced(
    old: dict[str, Any], new: dict[str, Any], changed: tuple[str, ...], replace: tuple[str, ...]
) -> None:
    difference = EAST.diff("aws:ecr/repository:Repository", urn("aws:ecr/repository:Repository", "images"), new, old)
    assert (difference.changed, difference.replace) == (changed, replace)


@pytest.mark.parametrize(
    ("token", "args", "property_", "expected"),
    [
        ("aws:index/getRegion:getRegion", {}, "region", "us-east-1"),
        ("aws:index/getPartition:getPartition", {}, "partition", "aws"),
        (
            "aws:index/getAvailabilityZones:getAvailabilityZones",
            {"region": "eu-west-3"},
            "names",
            ["eu-west-3a", "eu-west-3b", "eu-west-3c"],
        ),
        (
            "aws:index/getAvailabilityZones:getAvailabilityZones",
            {"excludeNames": ["us-east-1e"]},
            "names",
            ["us-east-1a", "us-east-1b", "us-east-1c", "us-east-1d", "us-east-1f"],
        ),
    ],
)
def test_functions_that_need_no_account(token: str, args: dict[str, Any], property_: str, expected: Any) -> None:
    assert EAST.invoke(token, args, preview=True).outputs[property_] == expected


ACCOUNT_FUNCTIONS: list[tuple[str, dict[str, Any], str, Any]] = [
    ("aws:index/getCallerIdentity:getCallerIdentity", {}, "accountId", "123456789012"),
    (
        "aws:secretsmanager/getSecretVersion:getSecretVersion",
        {"secretId": "db"},
        "secretString",
        Secret(SIMULATED_SECRET),
    ),
    ("aws:eks/getCluster:getCluster", {"name": "blue"}, "status", "ACTIVE"),
    ("aws:eks/getClusterAuth:getClusterAuth", {"name": "blue"}, "token", Secret("k8s-aws-v1.simulated")),
    ("aws:ec2/getVpc:getVpc", {"id": "vpc-1"}, "id", "vpc-1"),
    ("aws:ec2/getSubnet:getSubnet", {"id": "subnet-1"}, "availabilityZone", "us-east-1a"),
    ("aws:ssm/getParameter:getParameter", {"name": "/ami"}, "name", "/ami"),
]


@pytest.mark.parametrize(("token", "args", "property_", "expected"), ACCOUNT_FUNCTIONS)
def test_functions_that_only_an_account_can_answer(
    token: str, args: dict[str, Any], property_: str, expected: Any
) -> None:
    assert EAST.invoke(token, args, preview=True).outputs is UNKNOWN
    assert EAST.invoke(token, args, preview=False).outputs[property_] == expected
    answering = SimulatedAwsAccount({"region": "us-east-1"})
    assert answering.invoke(token, args, preview=True).outputs[property_] == expected


@pytest.mark.parametrize("allowed", [["210987654321"], '["210987654321"]'])
def test_a_configured_account_number_is_known(allowed: Any) -> None:
    aws = SimulatedAws({"region": "cn-north-1", "allowedAccountIds": allowed})
    identity = aws.invoke("aws:index/getCallerIdentity:getCallerIdentity", {}, preview=True).outputs
    assert identity["accountId"] == "210987654321"
    assert identity["arn"].startswith("arn:aws-cn:iam::210987654321:")


def test_a_region_that_has_no_zones() -> None:
    answer = EAST.invoke("aws:index/getAvailabilityZones:getAvailabilityZones", {"region": "us-east-9"}, preview=True)
    assert [tuple(problem) for problem in answer.problems] == [
        ("region", "no availability zones are known for region 'us-east-9'")
    ]


def test_what_is_not_known_is_refused() -> None:
    with pytest.raises(UnknownFunction):
        EAST.invoke("aws:ec2/getNothing:getNothing", {}, preview=True)
    with pytest.raises(UnknownResource):
        EAST.read("aws:ec2/nothing:Nothing", urn("aws:ec2/nothing:Nothing", "x"), "id", {}, preview=True)


@pytest.mark.parametrize(
    ("statement", "expected"),
    [
        (
            {"actions": ["s3:Get", "s3:Put"], "resources": ["*"]},
            {"Effect": "Allow", "Action": ["s3:Put", "s3:Get"], "Resource": "*"},
        ),
        (
            {
                "sid": "Only",
                "effect": "Deny",
                "notActions": ["iam:*"],
                "principals": [{"type": "AWS", "identifiers": ["b", "a"]}],
                "conditions": [
                    {"test": "StringEquals", "variable": "aws:tag", "values": ["x"]},
                    {"test": "StringEquals", "variable": "aws:other", "values": ["y", "z"]},
                ],
            },
            {
                "Sid": "Only",
                "Effect": "Deny",
                "NotAction": "iam:*",
                "Principal": {"AWS": ["b", "a"]},
                "Condition": {"StringEquals": {"aws:tag": "x", "aws:other": ["y", "z"]}},
            },
        ),
        (
            {"actions": ["sts:AssumeRole"], "principals": [{"type": "*", "identifiers": ["*"]}]},
            {"Effect": "Allow", "Action": "sts:AssumeRole", "Principal": "*"},
        ),
    ],
)
def test_a_policy_document_is_really_computed(statement: dict[str, Any], expected: dict[str, Any]) -> None:
    token = "aws:iam/getPolicyDocument:getPolicyDocument"
    result = EAST.invoke(token, {"statements": [statement]}, preview=True).outputs
    assert json.loads(result["json"]) == {"Version": "2012-10-17", "Statement": [expected]}
    assert json.loads(result["minifiedJson"]) == json.loads(result["json"])


def test_policy_documents_build_on_each_other() -> None:
    token = "aws:iam/getPolicyDocument:getPolicyDocument"
    source = json.dumps({"Statement": [{"Sid": "A", "Effect": "Allow", "Action": "a"}, {"Sid": "B", "Action": "b"}]})
    override = json.dumps({"Statement": {"Sid": "B", "Effect": "Deny", "Action": "b"}})
    args = {"sourcePolicyDocuments": [source], "overridePolicyDocuments": [override]}
    document = json.loads(EAST.invoke(token, args, preview=True).outputs["json"])
    assert document["Statement"] == [
        {"Sid": "A", "Effect": "Allow", "Action": "a"},
        {"Sid": "B", "Effect": "Deny", "Action": "b"},
    ]
