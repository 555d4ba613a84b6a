"""The IAM role of a cluster's nodes."""

from __future__ import annotations

import pulumi
import pulumi_aws as aws

from ...governance.logical_name import ROLE_LIMIT, logical_name
from ...governance.ownership import Ownership
from ...governance.partition import partition
from ...governance.policy_document import service_trust

_POLICIES = ("AmazonEKSWorkerNodePolicy", "AmazonEC2ContainerRegistryPullOnly", "AmazonSSMManagedInstanceCore")
"""Join the cluster and hand out pod identities; pull images; be reached through Systems Manager."""

_CNI_POLICY = "AmazonEKS_CNI_Policy"


def node_role(
    name: str, *, region: str, ownership: Ownership, parent: pulumi.Resource, cni: bool
) -> tuple[aws.iam.Role, list[pulumi.CustomResource]]:
    """The role and its policy attachments.

    Args:
        cni: whether nodes manage pod addresses with this role. False where the VPC CNI has an identity of its own.
    """
    child = pulumi.ResourceOptions(parent=parent)
    role = aws.iam.Role(
        logical_name(name, "node", limit=ROLE_LIMIT),
        assume_role_policy=service_trust("ec2.amazonaws.com"),
        tags=ownership.aws_tags(),
        opts=child,
    )
    attachments: list[pulumi.CustomResource] = [
        aws.iam.RolePolicyAttachment(
            f"{name}-node-{policy}",
            role=role.name,
            policy_arn=f"arn:{partition(region)}:iam::aws:policy/{policy}",
            opts=child,
        )
        for policy in (*_POLICIES, *([_CNI_POLICY] if cni else []))
    ]
    return role, attachments
