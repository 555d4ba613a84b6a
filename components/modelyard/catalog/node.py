"""What a Kubernetes node of an instance type leaves to pods, on EKS, GKE and AKS."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache

from modelyard.catalog.instance_types import InstanceType
from modelyard.catalog.node_reservation import node_reservation
from modelyard.catalog.table import rows


@dataclass(frozen=True, slots=True)
class Allocatable:
    """Room for pods on one node."""

    cpu_millicores: int
    memory_mib: int
    gpus: int
    """``nvidia.com/gpu``."""
    pods: int


def allocatable(instance: InstanceType, *, daemonsets: bool = True, max_pods: int | None = None) -> Allocatable:
    """Room for pods on a node of this type.

    Args:
        instance: the instance type.
        daemonsets: also take off what the pods request that its cloud and our components run on every node
            (``data/daemonsets.csv``). False gives what the node's status reports.
        max_pods: that the node is told to run. Default: what EKS gives the type, 110 on GKE, 250 on AKS.
    """
    reserved = node_reservation(instance, max_pods)
    used = _daemonset_requests(instance.cloud, _kind(instance)) if daemonsets else Allocatable(0, 0, 0, 0)
    return Allocatable(
        cpu_millicores=instance.vcpu * 1000 - reserved.cpu_millicores - used.cpu_millicores,
        memory_mib=reserved.seen_memory_mib - reserved.memory_mib - used.memory_mib,
        gpus=instance.gpu_count,
        pods=reserved.pods - used.pods,
    )


def _kind(instance: InstanceType) -> str:
    """Of nodes that run more than all do, as ``data/daemonsets.csv`` has it."""
    if instance.gpu_count:
        return "gpu"
    return "neuron" if instance.accelerator_resource == "aws.amazon.com/neuron" else "all"


@cache
def _daemonset_requests(cloud: str, kind: str) -> Allocatable:
    table = [row for row in rows("daemonsets.csv") if row["cloud"] == cloud and row["nodes"] in ("all", kind)]
    return Allocatable(
        cpu_millicores=sum(int(row["cpu_millicores"]) for row in table),
        memory_mib=sum(int(row["memory_mib"]) for row in table),
        gpus=0,
        pods=sum(int(row["pods"]) for row in table),
    )
