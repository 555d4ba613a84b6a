"""What an account must be allowed to run, which nobody can see without asking it.

EC2 limits running instances by vCPUs, for each region, family and purchase option ("Amazon EC2 service quotas",
EC2 user guide). New accounts often start at 0 for GPU families.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence

from ..catalog.instance_types import instance
from .resolved import ResolvedCluster, ResolvedGpuPool

_FAMILIES = {"g": "G and VT", "vt": "G and VT", "p": "P", "inf": "Inf", "trn": "Trn"}


def quota_notices(clusters: Sequence[ResolvedCluster]) -> Iterator[str]:
    """One sentence for each quota that the pools could fill at their maximum."""
    needed: Counter[tuple[str, str]] = Counter()
    for cluster in clusters:
        for pool in cluster.gpu_pools if cluster.declared.cloud == "aws" else ():
            needed[pool.region, _quota(pool)] += pool.declared.max_nodes * _vcpus(pool)
    for (region, quota), vcpus in needed.items():
        yield (
            f"the GPU pools of {region} run up to {vcpus} vCPUs; check the account's EC2 quota {quota!r} there, which "
            "is 0 in many new accounts"
        )


def _quota(pool: ResolvedGpuPool) -> str:
    family = _FAMILIES[_family(pool.instance_types[0])]
    if pool.declared.capacity == "spot":
        return f"All {family} Spot Instance Requests"
    return f"Running On-Demand {family} instances"


def _family(instance_type: str) -> str:
    letters = instance_type.partition(".")[0]
    return next(known for known in ("inf", "trn", "vt", "g", "p") if letters.startswith(known))


def _vcpus(pool: ResolvedGpuPool) -> int:
    """Of the largest type that the pool may take."""
    return max(instance("aws", pool.region, name).vcpu for name in pool.instance_types)
