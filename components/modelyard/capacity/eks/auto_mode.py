"""EKS Auto Mode: what the cluster and its role need, and the role of the nodes that it starts.

Follows "Amazon EKS Auto Mode cluster IAM role", "Amazon EKS Auto Mode node IAM role" and "Create a Node Class for
Amazon EKS" of the EKS user guide. Its own pools, ``general-purpose`` and ``system``, stay away: pools are declared, and
the system nodes are a managed group.
"""

from __future__ import annotations

from typing import Any

import pulumi
import pulumi_aws as aws

from ...governance.known_after import known_after
from ...governance.logical_name import ROLE_LIMIT, logical_name
from ...governance.ownership import Ownership
from ...governance.partition import partition
from ...governance.policy_document import policy_document, service_trust

CLUSTER_POLICIES = (
    "AmazonEKSComputePolicy",
    "AmazonEKSBlockStoragePolicy",
    "AmazonEKSLoadBalancingPolicy",
    "AmazonEKSNetworkingPolicy",
)
_NODE_POLICIES = ("AmazonEKSWorkerNodeMinimalPolicy", "AmazonEC2ContainerRegistryPullOnly")
_CLUSTER_TAG = "eks:eks-cluster-name"


def cluster_settings() -> dict[str, Any]:
    """Arguments of the cluster; the three belong together, EKS refuses one without the others."""
    return {
        "compute_config": {"enabled": True},
        "kubernetes_network_config": {"elastic_load_balancing": {"enabled": True}},
        "storage_config": {"block_storage": {"enabled": True}},
    }


def cluster_trust() -> str:
    """Trust policy of the cluster's role: Auto Mode says in session tags for which cluster it acts."""
    return policy_document(
        {
            "Effect": "Allow",
            "Principal": {"Service": "eks.amazonaws.com"},
            "Action": ["sts:AssumeRole", "sts:TagSession"],
        }
    )


def own_tags_policy() -> str:
    """What the cluster's role needs beyond AWS' policies, which let no tag of ours onto machines, volumes, network
    interfaces and load balancers ("Custom AWS tags for EKS Auto resources")."""
    own = {f"aws:RequestTag/{_CLUSTER_TAG}": f"${{aws:PrincipalTag/{_CLUSTER_TAG}}}"}
    named = {
        "aws:RequestTag/eks:kubernetes-node-class-name": "*",
        "aws:RequestTag/eks:kubernetes-node-pool-name": "*",
    }
    return policy_document(
        {
            "Sid": "Machines",
            "Effect": "Allow",
            "Action": ["ec2:CreateFleet", "ec2:RunInstances", "ec2:CreateLaunchTemplate"],
            "Resource": "*",
            "Condition": {"StringEquals": own, "StringLike": named},
        },
        {
            "Sid": "Volumes",
            "Effect": "Allow",
            "Action": ["ec2:CreateVolume", "ec2:CreateSnapshot"],
            "Resource": ["arn:aws*:ec2:*:*:volume/*", "arn:aws*:ec2:*:*:snapshot/*"],
            "Condition": {"StringEquals": own},
        },
        {
            "Sid": "Interfaces",
            "Effect": "Allow",
            "Action": "ec2:CreateNetworkInterface",
            "Resource": "*",
            "Condition": {"StringEquals": own, "StringLike": {"aws:RequestTag/eks:kubernetes-cni-node-name": "*"}},
        },
        {
            "Sid": "LoadBalancers",
            "Effect": "Allow",
            "Action": [
                "elasticloadbalancing:CreateLoadBalancer",
                "elasticloadbalancing:CreateTargetGroup",
                "elasticloadbalancing:CreateListener",
                "elasticloadbalancing:CreateRule",
                "ec2:CreateSecurityGroup",
            ],
            "Resource": "*",
            "Condition": {"StringEquals": own},
        },
    )


def auto_node_role(
    name: str,
    *,
    cluster: aws.eks.Cluster,
    region: str,
    ownership: Ownership,
    parent: pulumi.Resource,
) -> pulumi.Output[str]:
    """ARN of the role for nodes of Auto Mode, known once they can join.

    Not the role of managed groups: a role has one access entry, and theirs is of another type.
    """
    child = pulumi.ResourceOptions(parent=parent)
    role = aws.iam.Role(
        logical_name(name, "auto-node", limit=ROLE_LIMIT),
        assume_role_policy=service_trust("ec2.amazonaws.com"),
        tags=ownership.aws_tags(),
        opts=child,
    )
    attachments: list[pulumi.Resource] = [
        aws.iam.RolePolicyAttachment(
            f"{name}-auto-node-{policy}",
            role=role.name,
            policy_arn=f"arn:{partition(region)}:iam::aws:policy/{policy}",
            opts=child,
        )
        for policy in _NODE_POLICIES
    ]
    entry = aws.eks.AccessEntry(
        f"{name}-auto-node",
        cluster_name=cluster.name,
        principal_arn=role.arn,
        type="EC2",
        region=region,
        tags=ownership.aws_tags(),
        opts=child,
    )
    allowed = aws.eks.AccessPolicyAssociation(
        f"{name}-auto-node",
        cluster_name=cluster.name,
        principal_arn=role.arn,
        policy_arn=f"arn:{partition(region)}:eks::aws:cluster-access-policy/AmazonEKSAutoNodePolicy",
        access_scope={"type": "cluster"},
        region=region,
        opts=pulumi.ResourceOptions(parent=parent, depends_on=[entry]),
    )
    return known_after(role.arn, [*attachments, allowed])
