"""How Amazon ECR makes repositories by itself, for images that it fetches or copies: like those that are declared.

Follows "Templates to control repositories created during a pull through cache, create on push, or replication action"
of the user guide.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import pulumi
import pulumi_aws as aws

from ..environment.image_registry import ImageRegistry
from ..governance.encryption_key import encryption_key
from ..governance.logical_name import ROLE_LIMIT, logical_name
from ..governance.ownership import Ownership
from ..governance.policy_document import policy_document, service_trust
from .lifecycle import lifecycle_policy


def creation_template(
    name: str,
    declared: ImageRegistry,
    *,
    prefix: str,
    made_for: str,
    description: str,
    tags_move: dict[str, Any],
    key_arn: pulumi.Output[str],
    role_arn: pulumi.Output[str],
    policy: pulumi.Output[str],
    region: str,
    ownership: Ownership,
    child: pulumi.ResourceOptions,
) -> aws.ecr.RepositoryCreationTemplate:
    """Repositories below ``prefix`` that ECR makes for ``made_for`` are encrypted, tagged and cleaned like the rest."""
    return aws.ecr.RepositoryCreationTemplate(
        name,
        prefix=prefix,
        description=description,
        applied_fors=[made_for],
        encryption_configurations=[{"encryption_type": "KMS", "kms_key": key_arn}],
        lifecycle_policy=lifecycle_policy(declared),
        repository_policy=policy,
        resource_tags=ownership.aws_tags(),
        # ECR sets keys and tags with a role of one's own alone.
        custom_role_arn=role_arn,
        region=region,
        **tags_move,
        opts=child,
    )


def replica_templates(
    name: str,
    declared: ImageRegistry,
    regions: Sequence[str],
    tags_move: dict[str, Any],
    policy: pulumi.Output[str],
    account_id: pulumi.Output[str],
    ownership: Ownership,
    child: pulumi.ResourceOptions,
) -> list[pulumi.Resource]:
    """A key and a template in each further region: ECR copies images and none of a repository's settings."""
    made: list[pulumi.Resource] = []
    for region in regions:
        own = f"{name}-{region}"
        key = encryption_key(
            own,
            purpose=f"Copies of container images of {ownership.environment}",
            region=region,
            account_id=account_id,
            ownership=ownership,
            opts=child,
        )
        template = creation_template(
            own,
            declared,
            prefix=ownership.environment,
            made_for="REPLICATION",
            description=f"Copies of images of {ownership.environment}",
            tags_move=tags_move,
            key_arn=key.arn,
            role_arn=template_role(f"{own}-copies", key.arn, ownership, child).arn,
            policy=policy,
            region=region,
            ownership=ownership,
            child=child,
        )
        made.append(template)
    return made


def template_role(
    name: str, key_arn: pulumi.Output[str], ownership: Ownership, child: pulumi.ResourceOptions
) -> aws.iam.Role:
    """Who makes the repositories: ECR, by the key that they are encrypted with."""
    role = aws.iam.Role(
        logical_name(name, limit=ROLE_LIMIT),
        assume_role_policy=service_trust("ecr.amazonaws.com"),
        tags=ownership.aws_tags(),
        opts=child,
    )
    aws.iam.RolePolicy(
        name,
        role=role.name,
        policy=key_arn.apply(
            lambda key: policy_document(
                {
                    "Sid": "CreateRepositories",
                    "Effect": "Allow",
                    "Action": ["ecr:CreateRepository", "ecr:ReplicateImage", "ecr:TagResource"],
                    "Resource": "*",
                },
                {
                    "Sid": "UseKey",
                    "Effect": "Allow",
                    "Action": ["kms:CreateGrant", "kms:RetireGrant", "kms:DescribeKey"],
                    "Resource": key,
                },
            )
        ),
        opts=child,
    )
    return role
