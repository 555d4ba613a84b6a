"""What the execution role may do, statement by statement."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import Any

import pytest
from modelyard.serving.sagemaker.execution_policy import Reach, account_policy, data_policy

KEY = "arn:aws:kms:us-east-1:123456789012:key/1"
SECRET = "arn:aws:secretsmanager:us-east-1:123456789012:secret:toys/feature-store-AbCdEf"
ECR = "123456789012.dkr.ecr.us-east-1.amazonaws.com/toys/tagging@sha256:0123"
PLAIN = Reach(
    region="us-east-1",
    log_group="/aws/sagemaker/Endpoints/prod-tagging",
    artefacts=("s3://models/toys/tagging/0123/model.tar.gz",),
    images=(ECR,),
)
EVERYTHING = replace(
    PLAIN,
    artefacts=(*PLAIN.artefacts, "s3://models/toys/tagging/4567/"),
    writes=("s3://models/toys/tagging/data/captured",),
    reads=("s3://models/toys/tagging/data/requests",),
    topics=("arn:aws:sns:us-east-1:123456789012:failed",),
    artefact_kms_key_arn=KEY,
    kms_key_arn=KEY,
    subnet_ids=("subnet-1",),
    security_group_ids=("sg-1",),
    secrets=(SECRET,),
    secret_keys=(KEY,),
    core_dumps_key_arn=KEY.replace("key/1", "key/2"),
    ssm_access=True,
)
WITHOUT_RESOURCE = {"EnterRegistry", "WriteMetrics", "SeeNetwork", "OpenShell"}
"""Statements whose actions IAM gives no resource (or none before it is made)."""


def statements(reach: Reach) -> dict[str, dict[str, Any]]:
    documents = (data_policy(reach), account_policy(reach, "123456789012"))
    return {each["Sid"]: each for document in documents for each in json.loads(document)["Statement"]}


def listed(value: str | list[str]) -> list[str]:
    return [value] if isinstance(value, str) else value


@pytest.mark.parametrize("reach", [PLAIN, EVERYTHING], ids=["plain", "everything"])
def test_no_action_and_no_resource_is_open(reach: Reach) -> None:
    for sid, statement in statements(reach).items():
        assert statement["Effect"] == "Allow"
        assert all("*" not in action for action in listed(statement["Action"])), sid
        assert ("*" in listed(statement["Resource"])) == (sid in WITHOUT_RESOURCE), sid


def test_only_its_own_artefacts_are_read() -> None:
    assert statements(PLAIN)["ReadArtefact"]["Resource"] == ["arn:aws:s3:::models/toys/tagging/0123/model.tar.gz"]
    assert "ListArtefact" not in statements(PLAIN)
    found = statements(EVERYTHING)
    assert found["ReadArtefact"]["Resource"][1] == "arn:aws:s3:::models/toys/tagging/4567/*"
    assert found["ListArtefact"]["Resource"] == "arn:aws:s3:::models"
    assert found["ListArtefact"]["Condition"] == {"StringLike": {"s3:prefix": ["toys/tagging/4567/*"]}}


def test_only_its_own_repository_is_pulled_from() -> None:
    assert statements(PLAIN)["PullImage"]["Resource"] == ["arn:aws:ecr:us-east-1:123456789012:repository/toys/tagging"]
    china = replace(PLAIN, region="cn-north-1", images=("727897471807.dkr.ecr.cn-north-1.amazonaws.com.cn/pytorch:2",))
    assert statements(china)["PullImage"]["Resource"] == ["arn:aws-cn:ecr:cn-north-1:727897471807:repository/pytorch"]
    assert "PullImage" not in statements(replace(PLAIN, images=("docker.example/somebody:1",)))


def test_only_the_secrets_that_are_named_are_read() -> None:
    found = statements(EVERYTHING)
    assert found["ReadSecrets"]["Action"] == "secretsmanager:GetSecretValue"
    assert found["ReadSecrets"]["Resource"] == [SECRET]
    assert found["DecryptSecrets"]["Resource"] == [KEY]
    assert found["DecryptSecrets"]["Condition"] == {"StringLike": {"kms:ViaService": "secretsmanager.*.amazonaws.com"}}
    assert not {"ReadSecrets", "DecryptSecrets"} & set(statements(PLAIN))
    assert "DecryptSecrets" not in statements(replace(EVERYTHING, secret_keys=()))


def test_core_dumps_and_a_shell_are_allowed_only_where_they_are_wanted() -> None:
    assert statements(EVERYTHING)["EncryptCoreDumps"]["Resource"] == KEY.replace("key/1", "key/2")
    assert "EncryptCoreDumps" not in statements(replace(EVERYTHING, core_dumps_key_arn=KEY))
    assert "OpenShell" in statements(EVERYTHING)
    assert "OpenShell" not in statements(PLAIN)


def test_only_its_own_log_group_is_written() -> None:
    group = "arn:aws:logs:us-east-1:123456789012:log-group:/aws/sagemaker/Endpoints/prod-tagging"
    assert statements(PLAIN)["WriteLogs"]["Resource"] == [group, f"{group}:*"]


def test_data_keys_and_network_are_reached_only_where_they_are_used() -> None:
    assert set(statements(PLAIN)) == {"ReadArtefact", "PullImage", "EnterRegistry", "WriteLogs", "WriteMetrics"}
    found = statements(EVERYTHING)
    assert found["WriteData"]["Resource"] == ["arn:aws:s3:::models/toys/tagging/data/captured/*"]
    assert found["ReadRequests"]["Action"] == "s3:GetObject"
    assert found["ReadRequests"]["Resource"] == ["arn:aws:s3:::models/toys/tagging/data/requests/*"]
    assert found["Notify"]["Resource"] == ["arn:aws:sns:us-east-1:123456789012:failed"]
    assert found["DecryptArtefact"]["Condition"] == {"StringLike": {"kms:ViaService": "s3.*.amazonaws.com"}}
    assert found["EncryptVolume"]["Condition"] == {"Bool": {"kms:GrantIsForAWSResource": "true"}}
    assert found["JoinNetwork"]["Resource"] == [
        "arn:aws:ec2:us-east-1:123456789012:subnet/subnet-1",
        "arn:aws:ec2:us-east-1:123456789012:security-group/sg-1",
        "arn:aws:ec2:us-east-1:123456789012:network-interface/*",
    ]


def test_a_whole_bucket_is_its_own_prefix() -> None:
    found = statements(replace(PLAIN, artefacts=("s3://models/",), writes=("s3://data",)))
    assert found["ReadArtefact"]["Resource"] == ["arn:aws:s3:::models/*"]
    assert found["ListArtefact"]["Condition"] == {"StringLike": {"s3:prefix": ["*"]}}
    assert found["WriteData"]["Resource"] == ["arn:aws:s3:::data/*"]
