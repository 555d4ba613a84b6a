"""A GPU pool and a cluster's Kubernetes provider, with what is changed later in the configuration."""

from typing import Any

import pulumi
import pulumi_kubernetes as kubernetes
from modelyard.capacity.gpu_node_pool import GpuNodePool
from modelyard.capacity.kubeconfig import kubeconfig, kubernetes_provider
from modelyard.governance.aws_provider import aws_provider
from modelyard.governance.ownership import Ownership

config = pulumi.Config()
owner = Ownership("platform", "CC-1000", "prod", "ml-platform@retail.example")
pool: Any = {
    "name": "l4",
    "region": "us-east-1",
    "cluster": "east",
    "cluster_name": "prod-east",
    "node_role_arn": "arn:aws:iam::123456789012:role/node",
    "subnet_ids": ["subnet-0123456789abcdef0", "subnet-0123456789abcdef1"],
    "accelerator": "L4",
    "instance_types": config.require("types").split(","),
    "desired_nodes": config.require_int("desired"),
    "max_nodes": 9,
    "disk_gib": config.require_int("disk"),
    "ownership": owner.args(),
}
GpuNodePool("prod-east-l4", pool, pulumi.ResourceOptions(provider=aws_provider("us-east-1", owner)))
reach = kubeconfig("prod-east", "https://east.example", "Y2E=", "us-east-1", tunnel_port=config.get_int("port"))
provider = kubernetes_provider("prod-east", kubeconfig=reach, identifier="us-east-1/prod-east")
kubernetes.core.v1.Namespace("toys", metadata={"name": "toys"}, opts=pulumi.ResourceOptions(provider=provider))
