"""Images of other registries, fetched by Amazon ECR when somebody first pulls them, and kept.

Follows "Sync an upstream registry with an Amazon ECR private registry" of the user guide.
"""

from __future__ import annotations

import pulumi
import pulumi_aws as aws

from ..catalog.registry_upstreams import upstreams
from ..environment.image_registry import ImageRegistry
from ..environment.image_upstream import ImageUpstream
from ..governance.ownership import Ownership
from .ecr_template import creation_template, template_role


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
    role = template_role(f"{name}-cache", key_arn, ownership, child)
    for upstream in declared.pull_through:
        prefix = f"{ownership.environment}/{upstream.name}"
        template = creation_template(
            f"{name}-{upstream.name}",
            declared,
            prefix=prefix,
            made_for="PULL_THROUGH_CACHE",
            description=f"Images fetched from {upstream.upstream}",
            tags_move={"image_tag_mutability": "MUTABLE"},
            key_arn=key_arn,
            role_arn=role.arn,
            policy=policy,
            region=region,
            ownership=ownership,
            child=child,
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
