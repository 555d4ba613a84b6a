"""What each cloud's nodes keep from pods: for the system, for the kubelet, and before it evicts.

EKS: awslabs/amazon-eks-ami@81fec2e8, ``nodeadm/internal/kubelet/config.go``. GKE: "Plan GKE Standard node sizes" (GKE
documentation). AKS: "Node resource reservations in Azure Kubernetes Service", version 1.29 and later.

A machine's memory as sold is more than its kernel sees. EKS and AKS: the share that Karpenter's providers take off by
default (``vmMemoryOverheadPercent``, 7.5 %), so that EKS' figures are those of Karpenter's instance type reference.
GKE: 2.5 %; a public description of an n2-standard-4 node shows 1.6 % at least.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from math import ceil

from modelyard.catalog.instance_types import InstanceType

_EVICTION_MIB = 100
_UNSEEN_MEMORY_SHARE = {"aws": Decimal("0.075"), "gcp": Decimal("0.025"), "azure": Decimal("0.075")}
_PODS = {"aws": 110, "gcp": 110, "azure": 250}
"""The kubelet's default, GKE's, and that of AKS with an overlay network ("Configure Azure CNI networking")."""
_CPU_STEPS = ((1, Decimal("0.06")), (1, Decimal("0.01")), (2, Decimal("0.005")))
_CPU_BEYOND = Decimal("0.0025")
_GKE_MEMORY_STEPS_MIB = (
    (4096, Decimal("0.25")),
    (4096, Decimal("0.20")),
    (8192, Decimal("0.10")),
    (114_688, Decimal("0.06")),
)
_GKE_MEMORY_BEYOND = Decimal("0.02")
_AKS_CPU_MILLICORES = ((1, 60), (2, 100), (4, 140), (8, 180), (16, 260), (32, 420), (64, 740))
_AKS_CPU_BEYOND_MILLICORES = 10
"""For each further core, as between the last two that the document gives."""


@dataclass(frozen=True, slots=True)
class NodeReservation:
    cpu_millicores: int
    memory_mib: int
    """With what is left before the kubelet evicts pods."""
    seen_memory_mib: int
    """Of the machine, by its kernel."""
    pods: int
    """That the kubelet runs."""


def node_reservation(machine: InstanceType, max_pods: int | None = None) -> NodeReservation:
    """Of a node of this type on its cloud's Kubernetes.

    Args:
        machine: the type.
        max_pods: that the node is told to run. Default: what EKS gives the type, or else the cloud's default.
    """
    pods = max_pods or machine.max_pods or _PODS[machine.cloud]
    total_mib = machine.memory_gib * 1024
    reserve = {"gcp": _gke, "azure": _aks}.get(machine.cloud, _eks)
    cpu, memory = reserve(machine.vcpu, total_mib, pods)
    seen = int(total_mib * (1 - _UNSEEN_MEMORY_SHARE[machine.cloud]))
    return NodeReservation(cpu, memory + _EVICTION_MIB, seen, pods)


def _eks(vcpu: int, memory_mib: Decimal, pods: int) -> tuple[int, int]:
    """CPU by steps of the core count, memory 255 MiB and 11 MiB for each pod that may run."""
    return _stepped_cpu(vcpu), 255 + 11 * pods


def _gke(vcpu: int, memory_mib: Decimal, pods: int) -> tuple[int, int]:
    """CPU by the same steps, and 400m where more than 110 pods may run; memory by steps."""
    more = 400 if pods > 110 else 0
    memory = 255 if memory_mib < 1024 else ceil(_stepped(memory_mib, _GKE_MEMORY_STEPS_MIB, _GKE_MEMORY_BEYOND))
    return _stepped_cpu(vcpu) + more, memory


def _aks(vcpu: int, memory_mib: Decimal, pods: int) -> tuple[int, int]:
    """CPU by a table, between whose rows we go straight; memory 20 MB for each pod that may run and 50 MB, a quarter
    of the machine's at most."""
    return _tabled_cpu(vcpu), ceil(min(Decimal(20 * pods + 50) * 1000**2 / 1024**2, memory_mib / 4))


def _stepped_cpu(vcpu: int) -> int:
    """6 % of the first core, 1 % of the second, 0.5 % of the next two, 0.25 % of the rest."""
    return ceil(1000 * _stepped(Decimal(vcpu), _CPU_STEPS, _CPU_BEYOND))


def _stepped(amount: Decimal, steps: Sequence[tuple[int, Decimal]], beyond: Decimal) -> Decimal:
    rest, reserved = amount, Decimal(0)
    for width, share in steps:
        taken = min(rest, Decimal(width))
        reserved += taken * share
        rest -= taken
    return reserved + rest * beyond


def _tabled_cpu(vcpu: int) -> int:
    last_cores, last = _AKS_CPU_MILLICORES[-1]
    if vcpu >= last_cores:
        return last + (vcpu - last_cores) * _AKS_CPU_BEYOND_MILLICORES
    below = max((row for row in _AKS_CPU_MILLICORES if row[0] <= vcpu), default=_AKS_CPU_MILLICORES[0])
    above = min(row for row in _AKS_CPU_MILLICORES if row[0] >= vcpu)
    if below == above:
        return below[1]
    return ceil(below[1] + Decimal(above[1] - below[1]) * (vcpu - below[0]) / (above[0] - below[0]))
