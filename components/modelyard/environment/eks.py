"""What only a cluster of EKS has."""

from __future__ import annotations

from .declaration import Declaration


class Eks(Declaration):
    """Settings of Amazon Elastic Kubernetes Service."""

    auto_mode: bool = False
    """EKS Auto Mode: AWS runs the node autoscaler, the load balancer controller and the EBS driver. Pools with
    provisioner auto_mode need it."""
