"""What a pool may not ask of AKS, and what only AKS may be asked.

Follows "Use system node pools in AKS" (limitations), "Add an Azure Spot node pool to an AKS cluster" (the highest
price), and Azure/ARO-HCP pull request 6038 (AKS refuses maxUnavailable above 0 in system pools).
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from ..catalog import InstanceType
from ..environment.cluster import SERVICE
from ..environment.cpu_pool import CpuPool
from ..environment.gpu_pool import GpuPool
from ..environment.target import Cloud
from .finding import Finding

_LEAST_NODES, _LEAST_VCPUS = 2, 4
_PRICE_DIGITS = 5
_MOST_NODES = 1000
"""Of one node pool ("Quotas, virtual machine size restrictions, and region availability in AKS")."""
_LEAST_GIB, _MOST_GIB = 30, 2048
_BURSTABLE = re.compile(r"^Standard_B\d")


def refused_for_aks(pool: GpuPool | CpuPool, cloud: Cloud, types: Sequence[InstanceType]) -> Iterator[Finding]:
    """What is wrong below the pool.

    Args:
        pool: as declared.
        cloud: of its cluster.
        types: its machines, as far as they are known.
    """
    service, system = SERVICE[cloud], isinstance(pool, CpuPool) and pool.system
    if cloud != "azure":
        if pool.aks is not None:
            yield Finding(("aks",), f"are settings of AKS, and this cluster is of {service}; delete them")
        if system:
            message = f"is for AKS, and this cluster is of {service}; delete it, and write its machines in system_nodes"
            yield Finding(("system",), message)
        return
    if pool.max_nodes > _MOST_NODES:
        message = f"is {pool.max_nodes}, and a pool of AKS has {_MOST_NODES} nodes at most; lower it"
        yield Finding(("max_nodes",), message)
    yield from refused_disk(pool.disk_gib)
    price = None if pool.spot is None else pool.spot.max_usd_per_hour
    if price is not None and round(price, _PRICE_DIGITS) != price:
        message = f"is {price!r}, and AKS takes {_PRICE_DIGITS} digits after the point; round it"
        yield Finding(("spot", "max_usd_per_hour"), message)
    if isinstance(pool, CpuPool) and system:
        yield from _system(pool, types)


def refused_disk(gib: int) -> Iterator[Finding]:
    """Of the disk that a node starts from ("Agent Pools - Create Or Update", osDiskSizeGB)."""
    if not _LEAST_GIB <= gib <= _MOST_GIB:
        yield Finding(("disk_gib",), f"is {gib}, and a node's disk on AKS has {_LEAST_GIB} to {_MOST_GIB} GiB")


def for_system(machine: InstanceType) -> bool:
    """Whether AKS takes the machine for its system nodes."""
    return machine.vcpu >= _LEAST_VCPUS and not _BURSTABLE.match(machine.name)


def _system(pool: CpuPool, types: Sequence[InstanceType]) -> Iterator[Finding]:
    if pool.capacity == "spot":
        yield Finding(("capacity",), "is spot, and AKS takes no spot nodes for its system; write on_demand")
    if pool.min_nodes < _LEAST_NODES:
        message = f"is {pool.min_nodes}, and a pool of system nodes has {_LEAST_NODES} at least; raise it"
        yield Finding(("min_nodes",), message)
    if pool.taints:
        yield Finding(("taints",), "keep the cluster's own pods away from its system nodes; delete them")
    if "update" in pool.model_fields_set:
        for key in ("max_unavailable", "max_unavailable_percentage"):
            if getattr(pool.update, key):
                message = (
                    f"is {getattr(pool.update, key)}, and AKS lets no system node go before another is there; delete "
                    "it, and write max_surge"
                )
                yield Finding(("update", key), message)
    for each in types:
        if not for_system(each):
            message = (
                f"{each.name} has {each.vcpu} vCPUs; AKS takes machines with {_LEAST_VCPUS} at least for its system, "
                "and none of the B series: write another"
            )
            yield Finding(("instance_types",), message)
