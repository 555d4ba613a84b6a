"""The IAM role that SageMaker takes to run the model."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pulumi
import pulumi_aws as aws

from ...governance.known_after import known_after
from ...governance.logical_name import ROLE_LIMIT, logical_name
from ...governance.policy_document import service_trust
from .endpoint_configuration import answers_url, captured_url, requests_url
from .endpoint_declaration import SageMakerEndpointDeclaration
from .execution_policy import Reach, account_policy, data_policy
from .variants import Variant, core_dumps_key, core_dumps_url


def execution_role(
    name: str,
    declared: SageMakerEndpointDeclaration,
    served: tuple[Variant, ...],
    *,
    log_group: str,
    security_group_ids: list[Any],
    parent: pulumi.Resource,
) -> pulumi.Output[str]:
    """ARN of a role for this endpoint alone; known once its policy stands."""
    reached = pulumi.Output.all(
        artefacts=[each.artefact for each in served],
        images=[each.image for each in served],
        writes=_writes(declared),
        reads=[url for url in (requests_url(declared),) if url is not None],
        topics=_topics(declared),
        artefact_kms_key_arn=declared.artefact_kms_key_arn,
        kms_key_arn=declared.kms_key_arn,
        subnet_ids=declared.subnet_ids,
        security_group_ids=security_group_ids,
        secrets=[each.arn for each in declared.readable_secrets.values()],
        secret_keys=[each.kms_key_arn for each in declared.readable_secrets.values() if each.kms_key_arn is not None],
        core_dumps_key_arn=core_dumps_key(declared),
        ssm_access=declared.ssm_access,
    )
    reach = reached.apply(lambda found: _reach(declared.region, log_group, found))
    role = logical_name(name, "sagemaker", limit=ROLE_LIMIT)
    return declare_role(name, role, declared.owner.aws_tags(), reach, parent)


def declare_role(
    name: str, role_name: str, tags: Mapping[str, str], reach: pulumi.Output[Reach], parent: pulumi.Resource
) -> pulumi.Output[str]:
    """ARN of a role that SageMaker takes and that reaches what is given; known once its policies stand.

    Args:
        name: of the policies.
        role_name: of the role, short enough for its suffix.
        tags: of the role.
        reach: what it has to reach.
        parent: of all of them.
    """
    child = pulumi.ResourceOptions(parent=parent)
    account = aws.get_caller_identity_output(opts=pulumi.InvokeOptions(parent=parent)).account_id
    role = aws.iam.Role(
        role_name,
        assume_role_policy=account.apply(lambda account_id: service_trust("sagemaker.amazonaws.com", account_id)),
        tags=tags,
        opts=child,
    )
    policies = [
        aws.iam.RolePolicy(name, role=role.name, policy=reach.apply(data_policy), opts=child),
        aws.iam.RolePolicy(
            f"{name}-account",
            role=role.name,
            policy=pulumi.Output.all(reach, account).apply(lambda found: account_policy(*found)),
            opts=child,
        ),
    ]
    return known_after(role.arn, policies)


def _reach(region: str, log_group: str, found: dict[str, Any]) -> Reach:
    listed: dict[str, Any] = {key: tuple(value) if isinstance(value, list) else value for key, value in found.items()}
    return Reach(region=region, log_group=log_group, **listed)


def _writes(declared: SageMakerEndpointDeclaration) -> list[Any]:
    wanted = declared.asynchronous
    failures = None if wanted is None else wanted.failure_url
    return [
        url
        for url in (captured_url(declared), answers_url(declared), failures, core_dumps_url(declared))
        if url is not None
    ]


def _topics(declared: SageMakerEndpointDeclaration) -> list[str]:
    wanted = declared.asynchronous
    if wanted is None:
        return []
    return [arn for arn in (wanted.success_topic_arn, wanted.error_topic_arn) if arn is not None]
