"""iam-not-administrator, kms-key-rotation and log-retention."""

from __future__ import annotations

import json
from typing import Any

import pytest

from .recorded import messages, resource

POLICY = "aws:iam/policy:Policy"
ATTACHMENT = "aws:iam/rolePolicyAttachment:RolePolicyAttachment"
KEY = "aws:kms/key:Key"
LOG_GROUP = "aws:cloudwatch/logGroup:LogGroup"


def document(*statements: dict[str, Any]) -> dict[str, str]:
    return {"policy": json.dumps({"Version": "2012-10-17", "Statement": list(statements)})}


def allow(action: Any, target: Any, **more: Any) -> dict[str, Any]:
    return {"Effect": "Allow", "Action": action, "Resource": target, **more}


@pytest.mark.parametrize(
    ("resource_type", "inputs", "expected"),
    [
        (POLICY, document(allow("s3:*", "*")), []),
        (POLICY, document(allow("*", "arn:aws:s3:::models/*")), []),
        (POLICY, document({**allow("*", "*"), "Effect": "Deny"}), []),
        (POLICY, document(allow("*", "*", Condition={"Bool": {"aws:SecureTransport": "true"}})), []),
        (
            "aws:iam/rolePolicy:RolePolicy",
            document(allow("s3:Get*", "*"), allow(["ec2:*", "*"], ["*"])),
            ["policy.Statement[1] allows '*' on '*'; name the actions and the resources that are needed."],
        ),
        (
            POLICY,
            {"policy": json.dumps({"Statement": allow("*", "*")})},
            ["policy.Statement[0] allows '*' on '*'; name the actions and the resources that are needed."],
        ),
        (POLICY, {"policy": "not JSON"}, []),
        (ATTACHMENT, {"policyArn": "arn:aws:iam::aws:policy/AmazonEKSWorkerNodePolicy"}, []),
        (
            ATTACHMENT,
            {"policyArn": "arn:aws:iam::aws:policy/AdministratorAccess"},
            [
                "policyArn is 'arn:aws:iam::aws:policy/AdministratorAccess', which allows everything; attach a policy "
                "that names what is needed."
            ],
        ),
    ],
)
def test_iam_not_administrator(resource_type: str, inputs: dict[str, Any], expected: list[str]) -> None:
    assert messages("iam-not-administrator", resource(resource_type, inputs)) == expected


@pytest.mark.parametrize(
    ("rule", "resource_type", "inputs", "expected"),
    [
        ("kms-key-rotation", KEY, {"enableKeyRotation": True}, []),
        ("kms-key-rotation", KEY, {"customerMasterKeySpec": "RSA_4096"}, []),
        (
            "kms-key-rotation",
            KEY,
            {},
            ["enableKeyRotation is not set, so one key lives for ever; set it to true."],
        ),
        ("log-retention", LOG_GROUP, {"retentionInDays": 90.0}, []),
        (
            "log-retention",
            LOG_GROUP,
            {"retentionInDays": 0.0},
            ["retentionInDays is 0, so logs are kept and charged for ever; set a number of days."],
        ),
        (
            "log-retention",
            LOG_GROUP,
            {},
            ["retentionInDays is not set, so logs are kept and charged for ever; set a number of days."],
        ),
    ],
)
def test_keys_and_logs(rule: str, resource_type: str, inputs: dict[str, Any], expected: list[str]) -> None:
    assert messages(rule, resource(resource_type, inputs)) == expected
