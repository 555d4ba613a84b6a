"""The explicit AWS provider of a region."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pulumi

from .ownership import Ownership

if TYPE_CHECKING:
    import pulumi_aws as aws


def aws_provider(
    region: str, ownership: Ownership, account_id: str | None = None, opts: pulumi.ResourceOptions | None = None
) -> aws.Provider:
    """``modelyard-aws-<region>``: one for each region of a program, so that nothing lands in a default region.

    Its default tags name the owner of the stack; they are a net, since they do not reach volumes and network
    interfaces of launch templates or instances of node groups, which carry the tags themselves.

    Args:
        ownership: of the stack: ``platform`` for a foundation, else the department.
        account_id: the only account that may be changed; None: any.
    """
    import pulumi_aws as aws

    return aws.Provider(
        f"modelyard-aws-{region}",
        region=region,
        allowed_account_ids=[account_id] if account_id else None,
        default_tags={"tags": ownership.aws_tags()},
        opts=opts,
    )
