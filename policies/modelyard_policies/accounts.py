"""What an AWS account forgives for a while: wide permissions, old keys, logs without end."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, Final

from pulumi_policy import ResourceValidationArgs

from modelyard_policies.inputs import decoded, elements, is_true, read, require, shown, whole
from modelyard_policies.resource_types import ResourceTypes
from modelyard_policies.rule import ResourceRule

KEY: Final = "aws:kms/key:Key"
GOOGLE_KEY: Final = "gcp:kms/cryptoKey:CryptoKey"
LOG_GROUP: Final = "aws:cloudwatch/logGroup:LogGroup"
_POLICIES: Final = ResourceTypes(
    "aws:iam/policy:Policy",
    "aws:iam/rolePolicy:RolePolicy",
    "aws:iam/userPolicy:UserPolicy",
    "aws:iam/groupPolicy:GroupPolicy",
)
_ATTACHMENTS: Final = ResourceTypes("aws:iam/*Attachment:*PolicyAttachment")
_GOOGLE_GRANTS: Final = ResourceTypes(
    *(
        f"gcp:{scope}/iAM{kind}:IAM{kind}"
        for scope in ("projects", "folder", "organizations")
        for kind in ("Member", "Binding")
    )
)
_AZURE_GRANT: Final = "azure-native:authorization:RoleAssignment"
_GOOGLE_ROLES: Final = ("roles/owner", "roles/editor")
_AZURE_ROLES: Final = {
    "8e3af657-a8ff-443c-a75c-2fe8c4bcb635": "Owner",
    "b24988ac-6180-42a0-ab88-20f7382dd24c": "Contributor",
}
"""Ids that are the same in every subscription ("Azure built-in roles")."""


def rules() -> list[ResourceRule]:
    return [
        ResourceRule(
            "iam-not-administrator",
            "No role may do everything to everything.",
            types=_POLICIES | _ATTACHMENTS | _GOOGLE_GRANTS | ResourceTypes(_AZURE_GRANT),
            check=_administrator,
        ),
        ResourceRule(
            "kms-key-rotation",
            "KMS keys are exchanged every year.",
            types=ResourceTypes(KEY, GOOGLE_KEY),
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
    if args.resource_type in _GOOGLE_GRANTS:
        role = require(args.props, "role")
        if role in _GOOGLE_ROLES:
            yield f"role is {shown(role)}, which allows everything; grant a role that names what is needed."
        return
    if args.resource_type == _AZURE_GRANT:
        role = read(args.props, "roleDefinitionId")
        name = _AZURE_ROLES.get(role.rpartition("/")[2].lower()) if isinstance(role, str) else None
        if name is not None:
            yield f"roleDefinitionId is that of {name}, which allows everything; assign one that names what is needed."
        return
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
    if args.resource_type == GOOGLE_KEY:
        period = require(args.props, "rotationPeriod")
        if period is None and require(args.props, "purpose", default="ENCRYPT_DECRYPT") == "ENCRYPT_DECRYPT":
            yield "rotationPeriod is not set, so one key lives for ever; set it to '7776000s'."
        return
    spec = require(args.props, "customerMasterKeySpec", default="SYMMETRIC_DEFAULT")
    enabled = require(args.props, "enableKeyRotation")
    if spec == "SYMMETRIC_DEFAULT" and not is_true(enabled):
        yield f"enableKeyRotation is {shown(enabled)}, so one key lives for ever; set it to true."


def _retention(args: ResourceValidationArgs) -> Iterator[str]:
    days = require(args.props, "retentionInDays")
    if not whole(days):
        yield f"retentionInDays is {shown(days)}, so logs are kept and charged for ever; set a number of days."
