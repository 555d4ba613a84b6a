"""cluster-autoscaler, which adds and removes nodes: values of its chart, and what it may do in AWS."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from ...catalog import images
from ...catalog.table import UnknownName
from ...governance.partition import partition
from ...governance.pod_security import RESTRICTED, restricted_pod
from ...governance.policy_document import policy_document
from .pod_identity_guard import NEEDS_IDENTITY

NAMESPACE = "kube-system"
SERVICE_ACCOUNT = "cluster-autoscaler"


def cluster_autoscaler_values(
    *,
    cluster_name: Any,
    region: str,
    kubernetes_version: str,
    system_nodes: Mapping[str, str],
    gpu_claims: bool = False,
) -> dict[str, Any]:
    """Follows the chart's values.yaml at the pinned version. ``cluster_name`` may be a Pulumi output.

    The image is the one of the cluster's Kubernetes version, which cluster-autoscaler is released with; for a version
    that the catalogue does not know it is the chart's own.

    Node groups are found by the tags that EKS puts on the Auto Scaling groups of managed node groups. Among groups
    that fit, the one that leaves least unused grows, and groups of one shape grow evenly over zones.

    With ``gpu_claims`` it looks at ResourceClaims, too, which version 1.34 has to be told; 1.35 and later always do
    (kubernetes/autoscaler, cluster-autoscaler/FAQ.md and docs/dra_support.md). A first node it brings for none.
    """
    values: dict[str, Any] = {
        "fullnameOverride": "cluster-autoscaler",
        "cloudProvider": "aws",
        "awsRegion": region,
        "autoDiscovery": {"clusterName": cluster_name},
        "replicaCount": 2,
        "rbac": {"serviceAccount": {"create": True, "name": SERVICE_ACCOUNT}},
        "extraArgs": {
            "expander": "least-waste",
            "balance-similar-node-groups": True,
            "skip-nodes-with-system-pods": False,
            "skip-nodes-with-local-storage": False,
            # A GPU node takes minutes to show its GPU; a spot node may never come.
            "max-node-provision-time": "20m",
            "scale-down-unneeded-time": "10m",
            "scale-down-delay-after-add": "10m",
            **({"enable-dynamic-resource-allocation": True} if gpu_claims else {}),
        },
        "resources": {"requests": {"cpu": "100m", "memory": "300Mi"}, "limits": {"memory": "1Gi"}},
        "securityContext": restricted_pod(65534),
        "containerSecurityContext": RESTRICTED,
        "podLabels": NEEDS_IDENTITY,
        "nodeSelector": dict(system_nodes),
        "serviceMonitor": {"enabled": False},
    }
    try:
        image = images.get(f"cluster-autoscaler-{kubernetes_version}")
    except UnknownName:
        return values
    repository, tag = image.reference.rsplit(":", 1)
    return {
        **values,
        "image": {"repository": repository, "tag": tag if image.digest is None else f"{tag}@{image.digest}"},
    }


def cluster_autoscaler_policy(cluster_name: str, region: str) -> str:
    """IAM policy: look at everything of its kind, change only Auto Scaling groups of this cluster.

    Follows "AWS" of cluster-autoscaler's documentation (IAM policy for auto-discovery); looking cannot be limited to
    a resource in these services.
    """
    return policy_document(
        {
            "Sid": "Look",
            "Effect": "Allow",
            "Action": list(_LOOK),
            "Resource": "*",
        },
        {
            "Sid": "LookAtNodeGroups",
            "Effect": "Allow",
            "Action": "eks:DescribeNodegroup",
            "Resource": f"arn:{partition(region)}:eks:{region}:*:nodegroup/{cluster_name}/*/*",
        },
        {
            "Sid": "Scale",
            "Effect": "Allow",
            "Action": ["autoscaling:SetDesiredCapacity", "autoscaling:TerminateInstanceInAutoScalingGroup"],
            "Resource": "*",
            "Condition": {
                "StringEquals": {f"aws:ResourceTag/k8s.io/cluster-autoscaler/{cluster_name}": "owned"},
            },
        },
    )


_LOOK: Sequence[str] = (
    "autoscaling:DescribeAutoScalingGroups",
    "autoscaling:DescribeAutoScalingInstances",
    "autoscaling:DescribeLaunchConfigurations",
    "autoscaling:DescribeScalingActivities",
    "autoscaling:DescribeTags",
    "ec2:DescribeImages",
    "ec2:DescribeInstanceTypes",
    "ec2:DescribeLaunchTemplateVersions",
    "ec2:GetInstanceTypesFromInstanceRequirements",
)
