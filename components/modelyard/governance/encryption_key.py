"""A KMS key with yearly rotation and a name that people can type."""

from __future__ import annotations

import pulumi
import pulumi_aws as aws

from .ownership import Ownership
from .policy_document import key_policy

_DELETION_WINDOW_DAYS = 30
"""The longest that KMS offers: what a lost key encrypted is lost with it."""


def encryption_key(
    name: str,
    *,
    purpose: str,
    region: str,
    account_id: pulumi.Input[str],
    ownership: Ownership,
    opts: pulumi.ResourceOptions,
    log_group_prefix: str | None = None,
) -> aws.kms.Key:
    """A key and its alias ``alias/modelyard/<name>``.

    Args:
        name: unique in its account and region.
        purpose: what it encrypts, shown in the console.
        account_id: the account whose IAM policies decide over the key.
        log_group_prefix: CloudWatch log groups of this beginning may be encrypted with it; None: none.
    """
    key = aws.kms.Key(
        name,
        description=purpose,
        enable_key_rotation=True,
        deletion_window_in_days=_DELETION_WINDOW_DAYS,
        policy=pulumi.Output.from_input(account_id).apply(
            lambda account: key_policy(account, region, log_group_prefix=log_group_prefix)
        ),
        region=region,
        tags=ownership.aws_tags(name),
        opts=opts,
    )
    aws.kms.Alias(name, name=f"alias/modelyard/{name}", target_key_id=key.key_id, region=region, opts=opts)
    return key
