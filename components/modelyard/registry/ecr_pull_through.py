"""Images of other registries, fetched by Amazon ECR when somebody first pulls them, and kept.

Follows "Sync an upstream registry with an Amazon ECR private registry" and "Templates to control repositories created
during a pull through cache, create on push, or replication action" of the user guide.
"""

from __future__ import annotations

import pulumi
import pulumi_aws as aws

from ..catalog.registry_upstreams import upstreams
from ..environment.image_registry import ImageRegistry
from ..environment.image_upstream import ImageUpstream
from ..governance.logical_name import ROLE_LIMIT, logical_name
from ..governance.ownership import Ownership
from ..governance.policy_document import policy_document, service_trust
from .lifecycle import lifecycle_policy


def pull_through_cache(
    name: str,
    declared: ImageRegistry,
    region: str,
    key_arn: pulumi.Output[str],
    policy: pulumi.Output[str],
    ownership: Ownership,
    child: pulumi.ResourceOptions,
) -> None:
    """A rule for each upstream, and a template so that what ECR creates is encrypted, tagged and cleaned like the rest.

    Tags of a cache stay movable, since the upstream's do.
    """
    role = _template_role(f"{name}-cache", key_arn, ownership, child)
    for upstream in declared.pull_through:
        prefix = f"{ownership.environment}/{upstream.name}"
        template = aws.ecr.RepositoryCreationTemplate(
            f"{name}-{upstream.name}",
            prefix=prefix,
            description=f"Images fetched from {upstream.upstream}",
            applied_fors=["PULL_THROUGH_CACHE"],
            image_tag_mutability="MUTABLE",
            encryption_configurations=[{"encryption_type": "KMS", "kms_key": key_arn}],
            lifecycle_policy=lifecycle_policy(declared),
            repository_policy=policy,
            resource_tags=ownership.aws_tags(),
            # ECR sets keys and tags with a role of one's own alone.
            custom_role_arn=role.arn,
            region=region,
            opts=child,
        )
        aws.ecr.PullThroughCacheRule(
            f"{name}-{upstream.name}",
            ecr_repository_prefix=prefix,
            upstream_registry_url=upstreams("aws")[upstream.upstream].url,
            credential_arn=_secret(upstream),
            region=region,
            # A repository that comes before its template has neither key nor tags.
            opts=pulumi.ResourceOptions(parent=child.parent, depends_on=[template]),
        )


def _secret(upstream: ImageUpstream) -> str | None:
    return None if upstream.credentials is None else upstream.credentials.aws_secret_arn


def _template_role(
    name: str, key_arn: pulumi.Output[str], ownership: Ownership, child: pulumi.ResourceOptions
) -> aws.iam.Role:
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
