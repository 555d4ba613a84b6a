"""Logical names, partitions, policy documents."""

from __future__ import annotations

import json

import pytest
from modelyard.governance.logical_name import logical_name
from modelyard.governance.partition import dns_suffix, partition
from modelyard.governance.policy_document import key_policy, pod_trust, service_trust
from modelyard.network.vpc_endpoints import service_name


def test_a_name_that_fits_stays() -> None:
    assert logical_name("prod-east", "node", limit=14) == "prod-east-node"


def test_a_long_name_is_cut_and_stays_apart_from_others() -> None:
    long = "a" * 40
    first, second = (logical_name(long, end, limit=40) for end in ("one", "two"))
    assert len(first) == len(second) == 40
    assert first != second
    assert first.startswith("a" * 31 + "-")


@pytest.mark.parametrize(
    ("region", "name", "suffix"),
    [
        ("us-east-1", "aws", "amazonaws.com"),
        ("cn-north-1", "aws-cn", "amazonaws.com.cn"),
        ("us-gov-west-1", "aws-us-gov", "amazonaws.com"),
    ],
)
def test_partitions(region: str, name: str, suffix: str) -> None:
    assert (partition(region), dns_suffix(region)) == (name, suffix)


@pytest.mark.parametrize(
    ("region", "service", "name"),
    [
        ("us-east-1", "ecr.api", "com.amazonaws.us-east-1.ecr.api"),
        ("cn-north-1", "ecr.api", "cn.com.amazonaws.cn-north-1.ecr.api"),
        ("cn-north-1", "s3", "com.amazonaws.cn-north-1.s3"),
    ],
)
def test_names_of_endpoint_services(region: str, service: str, name: str) -> None:
    assert service_name(region, service) == name


def test_a_service_takes_a_role_for_its_own_account_only() -> None:
    statement = json.loads(service_trust("vpc-flow-logs.amazonaws.com", "123456789012"))["Statement"][0]
    assert statement["Condition"] == {"StringEquals": {"aws:SourceAccount": "123456789012"}}
    assert "Condition" not in json.loads(service_trust("eks.amazonaws.com"))["Statement"][0]


def test_a_key_serves_the_named_log_groups_only() -> None:
    (account,) = json.loads(key_policy("123456789012", "us-east-1"))["Statement"]
    assert account["Principal"] == {"AWS": "arn:aws:iam::123456789012:root"}
    _, logs = json.loads(key_policy("123456789012", "us-east-1", log_group_prefix="/x/"))["Statement"]
    assert logs["Principal"] == {"Service": "logs.us-east-1.amazonaws.com"}
    assert logs["Condition"] == {
        "ArnLike": {"kms:EncryptionContext:aws:logs:arn": "arn:aws:logs:us-east-1:123456789012:log-group:/x/*"}
    }


def test_the_trust_of_pods_names_cluster_namespace_and_accounts() -> None:
    statement = json.loads(pod_trust("prod-east", "toys", ["tagging"]))["Statement"][0]
    assert statement["Condition"]["StringEquals"]["aws:RequestTag/eks-cluster-name"] == "prod-east"
