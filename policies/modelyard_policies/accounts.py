"""What an AWS account forgives for a while: wide permissions, old keys, logs without end."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, Final

from pulumi_policy import ResourceValidationArgs

from modelyard_policies.inputs import decoded, elements, is_true, read, require, shown, whole
from modelyard_policies.resource_types import ResourceTypes
from modelyard_policies.rule import ResourceRule

KEY: Final = "aws:kms/key:Key"
LOG_GROUP: Final = "aws:cloudwatch/logGroup:LogGroup"
_POLICIES: Final = ResourceTypes(
    "aws:iam/policy:Policy",
    "aws:iam/rolePolicy:RolePolicy",
    "aws:iam/userPolicy:UserPolicy",
    "aws:iam/groupPolicy:GroupPolicy",
)
_ATTACHMENTS: Final = ResourceTypes("aws:iam/*Attachment:*PolicyAttachment")


def rules() -> list[ResourceRule]:
    return [
        ResourceRule(
            "iam-not-administrator",
            "No role may do everything to everything.",
            types=_POLICIES | _ATTACHMENTS,
            check=_administrator,
        ),
        ResourceRule(
            "kms-key-rotation",
            "KMS keys are exchanged every year.",
            types=ResourceTypes(KEY),
            check=_rotation,
        ),
        ResourceRule(
            "log-retention",
            "Logs are kept for a time that somebody has chosen; by default CloudWatch keeps, and charges, for ever.",
            types=ResourceTypes(LOG_GROUP),
            check=_retention,
        ),
    ]


def _administrator(args: ResourceValidationArgs) -> Iterator[str]:
    if args.resource_type in _ATTACHMENTS:
        arn = require(args.props, "policyArn")
        if isinstance(arn, str) and arn.endswith(":aws:policy/AdministratorAccess"):
            yield f"policyArn is {shown(arn)}, which allows everything; attach a policy that names what is needed."
        return
    document = decoded(require(args.props, "policy"))
    statements = read(document, "Statement", default=[])
    for position, statement in enumerate([statements] if hasattr(statements, "keys") else elements(statements)):
        if read(statement, "Effect") != "Allow" or read(statement, "Condition"):
            continue
        if _all(read(statement, "Action")) and _all(read(statement, "Resource")):
            yield (
                f"policy.Statement[{position}] allows '*' on '*'; name the actions and the resources that are needed."
            )


def _all(value: Any) -> bool:
    values = [value] if isinstance(value, str) else list(elements(value))
    return any(each in ("*", "*:*") for each in values)


def _rotation(args: ResourceValidationArgs) -> Iterator[str]:
    spec = require(args.props, "customerMasterKeySpec", default="SYMMETRIC_DEFAULT")
    enabled = require(args.props, "enableKeyRotation")
    if spec == "SYMMETRIC_DEFAULT" and not is_true(enabled):
        yield f"enableKeyRotation is {shown(enabled)}, so one key lives for ever; set it to true."


def _retention(args: ResourceValidationArgs) -> Iterator[str]:
    days = require(args.props, "retentionInDays")
    if not whole(days):
        yield f"retentionInDays is {shown(days)}, so logs are kept and charged for ever; set a number of days."
