"""A program adds pools to a cluster of its own making, by what the cluster says that pools need."""

from __future__ import annotations

from typing import Any

import pulumi
import pulumi_gcp as gcp
import pytest
from modelyard.capacity.cpu_node_pool import CpuNodePool
from modelyard.capacity.gpu_node_pool import GpuNodePool
from modelyard.capacity.serving_cluster import ServingCluster
from modelyard.offline import Run, run
from recorded_graph import one

OWNER: Any = {"department": "platform", "cost_center": "CC-1", "environment": "prod", "owner": "ml@shop.example"}
SUBNETS = ["subnet-0123456789abcdef0", "subnet-0123456789abcdef1"]
CLUSTERS: dict[str, dict[str, Any]] = {
    "aws": {
        "region": "us-east-1",
        "vpc_id": "vpc-0123456789abcdef0",
        "private_subnet_ids": SUBNETS,
        "eks": {"auto_mode": True},
    },
    "gcp": {
        "region": "us-central1",
        "network_name": "net",
        "subnetwork_name": "nodes",
        "pods_range": "pods",
        "services_range": "services",
        "gke": {"encrypt_disks": True},
    },
    "azure": {"region": "westeurope", "aks": {"resource_group": "ml"}},
}
ACCELERATORS = {"aws": "L4", "gcp": "L4", "azure": "T4"}
MACHINES = {"aws": "m6i.xlarge", "gcp": "e2-standard-8", "azure": "Standard_D4s_v5"}
POOLS = {
    "aws": "aws:eks/nodeGroup:NodeGroup",
    "gcp": "gcp:container/nodePool:NodePool",
    "azure": "azure-native:containerservice:AgentPool",
}


def beside(cloud: str) -> Run:
    def declare() -> None:
        declared: Any = {"name": "own", "cloud": cloud, "ownership": OWNER, **CLUSTERS[cloud]}
        opts = pulumi.ResourceOptions(provider=gcp.Provider("shop", project="shop-prod")) if cloud == "gcp" else None
        cluster = ServingCluster("own", declared, opts)
        of_cluster: Any = {
            "cloud": cloud,
            "region": declared["region"],
            "cluster": "own",
            "cluster_name": cluster.name,
            "ownership": OWNER,
            **({"subnet_ids": SUBNETS} if cloud == "aws" else {}),
            **cluster.nodes,
        }
        gpu: Any = {**of_cluster, "name": "gpu", "accelerator": ACCELERATORS[cloud]}
        cpu: Any = {**of_cluster, "name": "cpu", "instance_types": [MACHINES[cloud]]}
        GpuNodePool("own-gpu", gpu, opts)
        CpuNodePool("own-cpu", cpu, opts)
        pulumi.export("role", cluster.node_role_arn)
        pulumi.export("auto mode", cluster.auto_mode_role_arn)
        pulumi.export("account", cluster.service_account)

    return run(declare, project="shop", stack="prod", mode="up")


@pytest.mark.parametrize("cloud", POOLS)
def test_pools_take_what_the_cluster_says(cloud: str) -> None:
    result = beside(cloud)
    for name in ("own-gpu", "own-cpu"):
        pool = one(result.graph, POOLS[cloud], name)
        if cloud == "gcp":
            assert pool.inputs["location"] == "us-central1"
            assert pool.inputs["project"] == "shop-prod"
            assert pool.inputs["nodeConfig"]["serviceAccount"] == result.outputs["account"]
        if cloud == "aws":
            assert pool.inputs["nodeRoleArn"] == result.outputs["role"]
    told = {name for name, value in result.outputs.items() if value}
    assert told == {"aws": {"role", "auto mode"}, "gcp": {"account"}, "azure": set()}[cloud]
