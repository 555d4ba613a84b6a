"""Programs that declare one pool of an EKS cluster."""

from __future__ import annotations

from typing import Any

import pulumi
from modelyard.capacity.cpu_node_pool import CpuNodePool
from modelyard.capacity.gpu_node_pool import GpuNodePool

from .program import PLATFORM, REGION

NODE_GROUP = "aws:eks/nodeGroup:NodeGroup"
TEMPLATE = "aws:ec2/launchTemplate:LaunchTemplate"
TAG = "aws:autoscaling/tag:Tag"
RESERVATION = "cr-0a1b2c3d4e5f67890"
RESERVATION_GROUP = "arn:aws:resource-groups:us-east-1:123456789012:group/gpus"

OF_CLUSTER: dict[str, Any] = {
    "region": REGION,
    "cluster": "east",
    "cluster_name": "prod-east",
    "node_role_arn": "arn:aws:iam::123456789012:role/node",
    "auto_mode_role_arn": "arn:aws:iam::123456789012:role/auto-node",
    "subnet_ids": ["subnet-0123456789abcdef0", "subnet-0123456789abcdef1"],
    "security_group_id": "sg-0123456789abcdef0",
    "vpc_id": "vpc-0123456789abcdef0",
    "ownership": PLATFORM.args(),
}


def gpu_pool(component: str = "prod-east-gpu", /, **args: Any) -> Any:
    """A program with one GpuNodePool; without more an L4 on demand."""

    def declare(opts: pulumi.ResourceOptions) -> None:
        arguments: Any = {**OF_CLUSTER, "name": "gpu", "accelerator": "L4", **args}
        GpuNodePool(component, {key: value for key, value in arguments.items() if value is not None}, opts)  # pyright: ignore[reportArgumentType]

    return declare


def cpu_pool(component: str = "prod-east-cpu", /, **args: Any) -> Any:
    """A program with one CpuNodePool; without more of m6i.xlarge on demand."""

    def declare(opts: pulumi.ResourceOptions) -> None:
        arguments: Any = {**OF_CLUSTER, "name": "cpu", "instance_types": ["m6i.xlarge"], **args}
        CpuNodePool(component, {key: value for key, value in arguments.items() if value is not None}, opts)  # pyright: ignore[reportArgumentType]

    return declare
