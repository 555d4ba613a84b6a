"""What a Kubernetes node of an instance type leaves to pods.

The reservation follows Amazon's own bootstrap (awslabs/amazon-eks-ami@81fec2e8,
``nodeadm/internal/kubelet/config.go``): CPU by steps of the core count, memory by the number of pods, and the
eviction threshold. A machine's memory as sold is more than its kernel sees; the share taken off is Karpenter's
default ``vmMemoryOverheadPercent`` (7.5 %), so that the figures are those of Karpenter's instance type reference.
"""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from functools import cache
from math import ceil

from modelyard.catalog.instance_types import InstanceType
from modelyard.catalog.table import rows

_RESERVED_CPU_STEPS = ((1, Decimal("0.06")), (1, Decimal("0.01")), (2, Decimal("0.005")))
_RESERVED_CPU_BEYOND = Decimal("0.0025")
_EVICTION_MIB = 100
_UNSEEN_MEMORY_SHARE = Decimal("0.075")
_KUBELET_DEFAULT_MAX_PODS = 110


@dataclass(frozen=True, slots=True)
class Allocatable:
    """Room for pods on one node."""

    cpu_millicores: int
    memory_mib: int
    gpus: int
    """``nvidia.com/gpu``."""
    pods: int


def allocatable(instance: InstanceType, *, daemonsets: bool = True) -> Allocatable:
    """Room for pods on a node of this type.

    Args:
        instance: the instance type; without ``max_pods`` the kubelet's default of 110 is taken.
        daemonsets: also take off what the add-ons of every node request (VPC CNI, kube-proxy, EBS CSI, Pod
            Identity, device plugin, DCGM exporter). False gives what the node's status reports.
    """
    pods = instance.max_pods or _KUBELET_DEFAULT_MAX_PODS
    memory_mib = instance.memory_gib * 1024
    left = Allocatable(
        cpu_millicores=instance.vcpu * 1000 - reserved_cpu_millicores(instance.vcpu),
        memory_mib=int(memory_mib * (1 - _UNSEEN_MEMORY_SHARE)) - reserved_memory_mib(pods),
        gpus=instance.gpu_count,
        pods=pods,
    )
    if not daemonsets:
        return left
    used = _daemonset_requests()
    return Allocatable(
        cpu_millicores=left.cpu_millicores - used.cpu_millicores,
        memory_mib=left.memory_mib - used.memory_mib,
        gpus=left.gpus,
        pods=left.pods - used.pods,
    )


def reserved_cpu_millicores(vcpu: int) -> int:
    """6 % of the first core, 1 % of the second, 0.5 % of the next two, 0.25 % of the rest."""
    rest, reserved = vcpu, Decimal(0)
    for cores, share in _RESERVED_CPU_STEPS:
        taken = min(rest, cores)
        reserved += taken * 1000 * share
        rest -= taken
    return ceil(reserved + rest * 1000 * _RESERVED_CPU_BEYOND)


def reserved_memory_mib(max_pods: int) -> int:
    """255 MiB and 11 MiB for each pod that may run, and the hard eviction threshold of 100 MiB."""
    return 255 + 11 * max_pods + _EVICTION_MIB


@cache
def _daemonset_requests() -> Allocatable:
    table = rows("daemonsets.csv")
    return Allocatable(
        cpu_millicores=sum(int(row["cpu_millicores"]) for row in table),
        memory_mib=sum(int(row["memory_mib"]) for row in table),
        gpus=0,
        pods=sum(int(row["pods"]) for row in table),
    )
