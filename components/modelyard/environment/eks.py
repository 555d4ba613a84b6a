"""What only a cluster of EKS has."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import StringConstraints

from .declaration import Declaration
from .patterns import ADDON_VERSION_PATTERN, KMS_KEY_PATTERN

Addon = Literal[
    "aws-ebs-csi-driver",
    "aws-mountpoint-s3-csi-driver",
    "coredns",
    "eks-node-monitoring-agent",
    "eks-pod-identity-agent",
    "kube-proxy",
    "metrics-server",
    "vpc-cni",
]


class Eks(Declaration):
    """Settings of Amazon Elastic Kubernetes Service."""

    auto_mode: bool = False
    """EKS Auto Mode: AWS runs the node autoscaler, the load balancer controller and the EBS driver. Pools with
    provisioner auto_mode need it."""
    support: Literal["standard", "extended"] = "standard"
    """What happens when the standard support of its Kubernetes version ends. standard: EKS upgrades the control plane.
    extended: it stays for another year, at a higher price of the cluster."""
    addon_versions: dict[Addon, Annotated[str, StringConstraints(pattern=ADDON_VERSION_PATTERN)]] = {}
    """Add-on to version, for example coredns: v1.12.4-eksbuild.1. Default: what EKS takes for the Kubernetes version
    when the add-on is made."""
    disk_kms_key: Annotated[str, StringConstraints(pattern=KMS_KEY_PATTERN)] | None = None
    """ARN of a KMS key for the disks of all nodes. Its policy has to let the service role of EC2 Auto Scaling use it.
    Default: the account's aws/ebs key."""
