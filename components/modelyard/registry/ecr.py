"""Repositories of Amazon ECR: scanned on push, tags immutable, encrypted with a KMS key of their own, old images
expired. Follows the user guide of Amazon ECR."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any

import pulumi
import pulumi_aws as aws

from ..environment.image_registry import ImageRegistry
from ..governance.encryption_key import encryption_key
from ..governance.ownership import Ownership
from ..governance.partition import dns_suffix, partition
from ..governance.policy_document import policy_document
from ..resolve.image_registry import replicas_in
from ..resolve.names import repository_name
from .container_registry_args import ContainerRegistryArgs
from .lifecycle import lifecycle_policy
from .made_registry import MadeRegistry

_PULL = ["ecr:BatchCheckLayerAvailability", "ecr:BatchGetImage", "ecr:GetDownloadUrlForLayer"]
_FETCH = ["ecr:BatchImportUpstreamImage", "ecr:CreateRepository"]
"""What the first pull through the cache does."""


def ecr(
    name: str, declared: ImageRegistry, args: ContainerRegistryArgs, ownership: Ownership, parent: pulumi.Resource
) -> MadeRegistry:
    """One key for all repositories of the region, and what belongs to each of them."""
    region = args["region"]
    child = pulumi.ResourceOptions(parent=parent)
    account_id = aws.get_caller_identity_output(opts=pulumi.InvokeOptions(parent=parent)).account_id
    key = encryption_key(
        name,
        purpose=f"Container images of {ownership.environment}",
        region=region,
        account_id=account_id,
        ownership=ownership,
        opts=child,
    )
    policy = _repository_policy(account_id, region, args.get("pull_role_arns", []))
    repositories = {
        repository: _repository(
            f"{name}-{repository}",
            physical_name=repository_name(ownership.environment, repository),
            declared=declared,
            key_arn=key.arn,
            policy=policy,
            force_delete=args.get("force_delete", False),
            region=region,
            ownership=ownership,
            child=child,
        )
        for repository in declared.repositories
    }
    if declared.pull_through:
        from .ecr_pull_through import pull_through_cache

        pull_through_cache(name, declared, region, key.arn, policy, ownership, child)
    if declared.ecr.owns_account_settings:
        from .ecr_account import account_settings

        replicas, before = replicas_in(declared, "aws", region), []
        if replicas:
            from .ecr_template import replica_templates

            settled = args.get("replica_templates", replicas)
            moves = mutability(declared)
            before = replica_templates(name, declared, settled, moves, policy, account_id, ownership, child)
        # A repository that comes before its template has neither key nor tags.
        here = pulumi.ResourceOptions(parent=parent, depends_on=before)
        account_settings(name, declared, region, replicas, account_id, args.get("pull_role_arns", []), ownership, here)
    registry = account_id.apply(lambda account: f"{account}.dkr.ecr.{region}.{dns_suffix(region)}")
    return MadeRegistry(
        {each: repository.repository_url for each, repository in repositories.items()},
        {
            each.name: pulumi.Output.concat(registry, f"/{ownership.environment}/{each.name}")
            for each in declared.pull_through
        },
        pull_policy=account_id.apply(lambda account: pull_policy(account, region, declared, ownership.environment)),
    )


def pull_policy(account_id: str, region: str, declared: ImageRegistry, environment: str) -> str:
    """An IAM policy for who only pulls: these repositories, and what is cached of upstreams."""
    base = f"arn:{partition(region)}:ecr:{region}:{account_id}:repository/"
    own = [f"{base}{repository_name(environment, each)}" for each in declared.repositories]
    cached = [f"{base}{environment}/{each.name}/*" for each in declared.pull_through]
    statements: list[dict[str, Any]] = [
        {"Sid": "LogIn", "Effect": "Allow", "Action": "ecr:GetAuthorizationToken", "Resource": "*"},
        {"Sid": "Pull", "Effect": "Allow", "Action": _PULL, "Resource": [*own, *cached]},
    ]
    if cached:
        statements.append({"Sid": "FetchThrough", "Effect": "Allow", "Action": _FETCH, "Resource": cached})
    return policy_document(*statements)


def mutability(declared: ImageRegistry) -> dict[str, Any]:
    """Whether tags move, as repositories and creation templates say it."""
    if not declared.immutable_tags:
        return {"image_tag_mutability": "MUTABLE"}
    if not declared.mutable_tags:
        return {"image_tag_mutability": "IMMUTABLE"}
    filters = [{"filter": tag, "filter_type": "WILDCARD"} for tag in declared.mutable_tags]
    return {
        "image_tag_mutability": "IMMUTABLE_WITH_EXCLUSION",
        "image_tag_mutability_exclusion_filters": filters,
    }


def _repository(
    name: str,
    *,
    physical_name: str,
    declared: ImageRegistry,
    key_arn: pulumi.Input[str],
    policy: pulumi.Input[str],
    force_delete: bool,
    region: str,
    ownership: Ownership,
    child: pulumi.ResourceOptions,
) -> aws.ecr.Repository:
    repository = aws.ecr.Repository(
        name,
        name=physical_name,
        image_scanning_configuration={"scan_on_push": declared.scanning != "none"},
        encryption_configurations=[{"encryption_type": "KMS", "kms_key": key_arn}],
        force_delete=force_delete,
        region=region,
        tags=ownership.aws_tags(),
        **mutability(declared),
        opts=child,
    )
    aws.ecr.LifecyclePolicy(
        name, repository=repository.name, policy=lifecycle_policy(declared), region=region, opts=child
    )
    aws.ecr.RepositoryPolicy(name, repository=repository.name, policy=policy, region=region, opts=child)
    return repository


def _repository_policy(
    account_id: pulumi.Input[str], region: str, pull_role_arns: Sequence[pulumi.Input[str]]
) -> pulumi.Output[str]:
    """Roles that are named may pull; nobody outside the account and those roles may do anything.

    Without named roles, the account's IAM policies say who pulls.
    """

    def document(known: Sequence[str]) -> str:
        account, *roles = known
        return policy_document(
            {
                "Sid": "Pull",
                "Effect": "Allow",
                "Principal": {"AWS": roles or [f"arn:{partition(region)}:iam::{account}:root"]},
                "Action": _PULL,
            },
            {
                "Sid": "NobodyElse",
                "Effect": "Deny",
                "Principal": "*",
                "Action": "ecr:*",
                "Condition": {
                    "StringNotEquals": {
                        "aws:PrincipalAccount": sorted({account, *(role.split(":")[4] for role in roles)})
                    },
                    # AWS's own services (replication, scanning) act without a principal account.
                    "BoolIfExists": {"aws:PrincipalIsAWSService": "false"},
                },
            },
        )

    return pulumi.Output.all(account_id, *pull_role_arns).apply(document)


def registry_document(account_id: str, region: str, prefixes: Sequence[str], roles: Sequence[str]) -> str:
    """The registry's policy: these roles may have images below these prefixes fetched and kept."""
    base = f"arn:{partition(region)}:ecr:{region}:{account_id}:repository/"
    return json.dumps(
        {
            "Version": "2012-10-17",
            "Statement": [
                {
                    "Sid": "FetchThrough",
                    "Effect": "Allow",
                    "Principal": {"AWS": list(roles)},
                    "Action": _FETCH,
                    "Resource": [f"{base}{prefix}/*" for prefix in prefixes],
                }
            ],
        }
    )
