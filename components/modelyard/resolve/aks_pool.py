"""What a pool may not ask of AKS, and what only AKS may be asked.

Follows "Use system node pools in AKS" (limitations).
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
    if isinstance(pool, CpuPool) and system:
        yield from _system(pool, types)


def _system(pool: CpuPool, types: Sequence[InstanceType]) -> Iterator[Finding]:
    if pool.capacity == "spot":
        yield Finding(("capacity",), "is spot, and AKS takes no spot nodes for its system; write on_demand")
    if pool.min_nodes < _LEAST_NODES:
        message = f"is {pool.min_nodes}, and a pool of system nodes has {_LEAST_NODES} at least; raise it"
        yield Finding(("min_nodes",), message)
    if pool.taints:
        yield Finding(("taints",), "keep the cluster's own pods away from its system nodes; delete them")
    for each in types:
        if each.vcpu < _LEAST_VCPUS or _BURSTABLE.match(each.name):
            message = (
                f"{each.name} has {each.vcpu} vCPUs; AKS takes machines with {_LEAST_VCPUS} at least for its system, "
                "and none of the B series: write another"
            )
            yield Finding(("instance_types",), message)
