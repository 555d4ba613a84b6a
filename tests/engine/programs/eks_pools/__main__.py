"""A cluster of EKS with Karpenter and pools of every kind, with what is changed later in the configuration."""

from typing import Any

import pulumi
from modelyard.capacity.cpu_node_pool import CpuNodePool
from modelyard.capacity.gpu_node_pool import GpuNodePool
from modelyard.capacity.serving_cluster import ServingCluster
from modelyard.governance.aws_provider import aws_provider
from modelyard.governance.ownership import Ownership

REGION = "us-east-1"
SUBNETS = ["subnet-0123456789abcdef0", "subnet-0123456789abcdef1"]

config = pulumi.Config()
owner = Ownership("platform", config.get("cost-center") or "CC-1000", "prod", "ml-platform@retail.example")
opts = pulumi.ResourceOptions(provider=aws_provider(REGION, owner))

declared: Any = {
    "name": "east",
    "region": REGION,
    "vpc_id": "vpc-0123456789abcdef0",
    "private_subnet_ids": SUBNETS,
    "node_autoscaler": "karpenter",
    "eks": {
        "auto_mode": True,
        "addon_versions": {"coredns": config.get("coredns") or "v1.12.4-eksbuild.1"},
        "disk_kms_key": "arn:aws:kms:us-east-1:123456789012:key/0a1b2c3d-4e5f-6789-abcd-ef0123456789",
    },
    "ownership": owner.args(),
}
cluster = ServingCluster("prod-east", declared, opts)
of_cluster: Any = {
    "region": REGION,
    "cluster": "east",
    "cluster_name": cluster.name,
    "subnet_ids": SUBNETS,
    "ownership": owner.args(),
    **cluster.nodes,
}
within = pulumi.ResourceOptions(providers=[opts.provider, cluster.provider])  # pyright: ignore[reportArgumentType]

release = config.get("release") or "1.35.2-20260915"
capacity = config.get("capacity") or "spot"
pools: dict[str, Any] = {
    "l4": {
        "accelerator": "L4",
        "instance_types": (config.get("types") or "g6.8xlarge").split(","),
        "capacity": capacity,
        **({"spot": {"on_demand_floor": 1}} if capacity == "spot" else {}),
        "max_nodes": config.get_int("max") or 4,
        "disk_gib": config.get_int("disk") or 200,
        "labels": {"example.com/kind": config.get("kind") or "vision"},
        "fabric": config.get_bool("fabric") or False,
        "local_ssd": {"use": config.get("disks") or "ephemeral"},
        "image": config.get("image") or "al2023_nvidia",
        "update": {"max_unavailable": config.get_int("update") or 1},
    },
    "a100": {"accelerator": "A100-40GB", "gpus_per_node": 8, "sharing": {"mig": config.get("mig") or "1g.5gb"}},
    "block": {
        "accelerator": "H100",
        "gpus_per_node": 8,
        "capacity": "capacity_block",
        "fabric": True,
        "compact": True,
        "reservation": {"id": config.get("reservation") or "cr-0a1b2c3d4e5f67890"},
    },
    "near": {"accelerator": "L4", "compact": True, "zones": ["us-east-1a"], "eks": {"image_release": release}},
    "neuron": {"accelerator": "Inferentia2", "instance_types": ["inf2.xlarge"]},
    "fast": {
        "accelerator": "L4",
        "provisioner": "karpenter",
        "capacity": "spot",
        "spot": {"on_demand_floor": 1},
        "max_nodes": config.get_int("karpenter-max") or 3,
        "karpenter": {"image_release": config.get("karpenter-release") or "v20260915"},
    },
    "auto": {"accelerator": "L4", "provisioner": "auto_mode"},
}
for name, pool in pools.items():
    arguments: Any = {**of_cluster, "name": name, **pool}
    GpuNodePool(f"prod-east-{name}", arguments, within)
for name, provisioner in (("cpu", "managed"), ("burst", "karpenter")):
    settings: Any = {**of_cluster, "name": name, "instance_types": ["m6i.xlarge"], "provisioner": provisioner}
    CpuNodePool(f"prod-east-{name}", settings, within)
