"""What Karpenter's controller may do in AWS.

Follows the controller policies of "Getting Started with Karpenter" (v1.14): it starts machines that carry the
cluster's tag and a NodePool's, ends those alone, hands the nodes' role to them, and reads its queue.
"""

from __future__ import annotations

from typing import Any

from ...governance.partition import partition
from ...governance.policy_document import policy_document
from ..eks.disk_key import disk_key_statements

_STARTED = ("fleet", "instance", "volume", "network-interface", "launch-template", "spot-instances-request")
_STARTED_WITH = ("security-group", "subnet", "capacity-reservation", "placement-group")
_POOL_TAG = "karpenter.sh/nodepool"
_CLASS_TAG = "karpenter.k8s.aws/ec2nodeclass"
_READ = (
    "CapacityReservations", "Images", "Instances", "InstanceStatus", "InstanceTypeOfferings", "InstanceTypes",
    "LaunchTemplates", "PlacementGroups", "SecurityGroups", "SpotPriceHistory", "Subnets",
)  # fmt: skip


def karpenter_policy(
    *, cluster_name: str, region: str, node_role_arn: str, queue_arn: str, disk_kms_key_arn: str | None = None
) -> str:
    """Policy document of the controller's role, for one cluster in one region."""
    return policy_document(
        *([] if disk_kms_key_arn is None else disk_key_statements(disk_kms_key_arn, region)),
        *_machines(cluster_name, region), *_identity(cluster_name, region, node_role_arn), *_look(cluster_name, region),
        {
            "Sid": "Interruptions",
            "Effect": "Allow",
            "Action": ["sqs:DeleteMessage", "sqs:GetQueueUrl", "sqs:ReceiveMessage"],
            "Resource": queue_arn,
        },
    )  # fmt: skip


def _machines(cluster: str, region: str) -> list[dict[str, Any]]:
    ec2 = f"arn:{partition(region)}:ec2:{region}"
    owned, eks = f"kubernetes.io/cluster/{cluster}", "eks:eks-cluster-name"
    ours = {"StringEquals": {f"aws:ResourceTag/{owned}": "owned"}, "StringLike": {f"aws:ResourceTag/{_POOL_TAG}": "*"}}
    asked = {f"aws:RequestTag/{owned}": "owned", f"aws:RequestTag/{eks}": cluster}
    of_a_pool = {f"aws:RequestTag/{_POOL_TAG}": "*"}
    started = [f"{ec2}:*:{kind}/*" for kind in _STARTED]
    return [
        {
            "Sid": "StartWith",
            "Effect": "Allow",
            "Action": ["ec2:RunInstances", "ec2:CreateFleet"],
            "Resource": [
                f"{ec2}::image/*",
                f"{ec2}::snapshot/*",
                *(f"{ec2}:*:{kind}/*" for kind in _STARTED_WITH),
            ],
        },
        {
            "Sid": "StartFromOwnTemplates",
            "Effect": "Allow",
            "Action": ["ec2:RunInstances", "ec2:CreateFleet"],
            "Resource": f"{ec2}:*:launch-template/*",
            "Condition": ours,
        },
        {
            "Sid": "StartTagged",
            "Effect": "Allow",
            "Action": ["ec2:RunInstances", "ec2:CreateFleet", "ec2:CreateLaunchTemplate"],
            "Resource": started,
            "Condition": {"StringEquals": asked, "StringLike": of_a_pool},
        },
        {
            "Sid": "TagAtStart",
            "Effect": "Allow",
            "Action": "ec2:CreateTags",
            "Resource": started,
            "Condition": {
                "StringEquals": {
                    **asked,
                    "ec2:CreateAction": ["RunInstances", "CreateFleet", "CreateLaunchTemplate"],
                },
                "StringLike": of_a_pool,
            },
        },
        {
            "Sid": "TagOwn",
            "Effect": "Allow",
            "Action": "ec2:CreateTags",
            "Resource": f"{ec2}:*:instance/*",
            "Condition": {
                **ours,
                "StringEqualsIfExists": {f"aws:RequestTag/{eks}": cluster},
                "ForAllValues:StringEquals": {"aws:TagKeys": [eks, "karpenter.sh/nodeclaim", "Name"]},
            },
        },
        {
            "Sid": "EndOwn",
            "Effect": "Allow",
            "Action": ["ec2:TerminateInstances", "ec2:DeleteLaunchTemplate"],
            "Resource": [f"{ec2}:*:instance/*", f"{ec2}:*:launch-template/*"],
            "Condition": ours,
        },
    ]


def _identity(cluster: str, region: str, node_role_arn: str) -> list[dict[str, Any]]:
    profiles = f"arn:{partition(region)}:iam::*:instance-profile/*"
    owned, place = f"kubernetes.io/cluster/{cluster}", "topology.kubernetes.io/region"
    ours = {f"aws:ResourceTag/{owned}": "owned", f"aws:ResourceTag/{place}": region}
    asked = {
        f"aws:RequestTag/{owned}": "owned",
        "aws:RequestTag/eks:eks-cluster-name": cluster,
        f"aws:RequestTag/{place}": region,
    }
    return [
        {
            "Sid": "HandOutNodeRole",
            "Effect": "Allow",
            "Action": "iam:PassRole",
            "Resource": node_role_arn,
            "Condition": {"StringEquals": {"iam:PassedToService": ["ec2.amazonaws.com", "ec2.amazonaws.com.cn"]}},
        },
        {
            "Sid": "MakeProfiles",
            "Effect": "Allow",
            "Action": "iam:CreateInstanceProfile",
            "Resource": profiles,
            "Condition": {"StringEquals": asked, "StringLike": {f"aws:RequestTag/{_CLASS_TAG}": "*"}},
        },
        {
            "Sid": "TagProfiles",
            "Effect": "Allow",
            "Action": "iam:TagInstanceProfile",
            "Resource": profiles,
            "Condition": {
                "StringEquals": {**ours, **asked},
                "StringLike": {f"aws:ResourceTag/{_CLASS_TAG}": "*", f"aws:RequestTag/{_CLASS_TAG}": "*"},
            },
        },
        {
            "Sid": "UseOwnProfiles",
            "Effect": "Allow",
            "Action": [
                "iam:AddRoleToInstanceProfile",
                "iam:RemoveRoleFromInstanceProfile",
                "iam:DeleteInstanceProfile",
            ],
            "Resource": profiles,
            "Condition": {"StringEquals": ours, "StringLike": {f"aws:ResourceTag/{_CLASS_TAG}": "*"}},
        },
    ]


def _look(cluster: str, region: str) -> list[dict[str, Any]]:
    arn = f"arn:{partition(region)}"
    return [
        {
            "Sid": "LookAtMachines",
            "Effect": "Allow",
            "Action": [f"ec2:Describe{kind}" for kind in _READ],
            "Resource": "*",
            "Condition": {"StringEquals": {"aws:RequestedRegion": region}},
        },
        {
            "Sid": "LookAtImages",
            "Effect": "Allow",
            "Action": "ssm:GetParameter",
            "Resource": f"{arn}:ssm:{region}::parameter/aws/service/*",
        },
        {
            "Sid": "LookAtPricesAndProfiles",
            "Effect": "Allow",
            "Action": ["pricing:GetProducts", "iam:ListInstanceProfiles"],
            "Resource": "*",
        },
        {
            "Sid": "LookAtProfile",
            "Effect": "Allow",
            "Action": "iam:GetInstanceProfile",
            "Resource": f"{arn}:iam::*:instance-profile/*",
        },
        {
            "Sid": "LookAtShiftedZones",
            "Effect": "Allow",
            "Action": "arc-zonal-shift:GetManagedResource",
            "Resource": "*",
            "Condition": {
                "StringLike": {"arc-zonal-shift:ResourceIdentifier": f"{arn}:eks:{region}:*:cluster/{cluster}"}
            },
        },
        {
            "Sid": "LookAtCluster",
            "Effect": "Allow",
            "Action": "eks:DescribeCluster",
            "Resource": f"{arn}:eks:{region}:*:cluster/{cluster}",
        },
    ]
