"""What pools can run at most, beside what accounts are allowed to.

AWS counts vCPUs of running instances for each region, family and purchase option ("Amazon EC2 service quotas"); Azure
vCPUs for each location and family of sizes, and all spot machines together ("Check vCPU quotas"); Google Cloud GPUs of
each model, and preemptible ones apart ("Allocation quotas", Compute Engine).
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from math import ceil

from ..catalog import regions
from ..catalog.account_files import FOLDER, QUOTAS
from ..catalog.instance_shapes import shape, shapes
from ..catalog.instance_types import InstanceType, UnknownInstanceType, instance
from ..environment.environment import Environment
from ..environment.known_name import unknown
from ..environment.problem import Problem
from ..environment.quota import Quota
from ..environment.target import OWNER, Cloud
from .finding import Finding
from .resolved import ResolvedCluster
from .resolved_pool import ResolvedCpuPool, ResolvedGpuPool

_AZURE_SPOT = "lowPriorityCores"
_GOOGLE_SPOT = "preemptible_"
"""How Google Cloud's name of a quota of spot machines begins; the family's name is the rest."""
_NAMED = 4


@dataclass(frozen=True, slots=True)
class QuotaKey:
    cloud: Cloud
    region: str
    family: str
    spot: bool


@dataclass(frozen=True, slots=True)
class QuotaUse:
    """Of one group of nodes, at its maximum."""

    pool: str
    cluster: str
    nodes: int
    surge: int
    """Nodes beyond the maximum while an update runs."""
    each: int
    """vCPUs or GPUs of the largest machine that the pool may take."""
    gpu: bool

    @property
    def units(self) -> int:
        return (self.nodes + self.surge) * self.each


def quota_uses(clusters: Sequence[ResolvedCluster]) -> dict[QuotaKey, list[QuotaUse]]:
    """What all pools and system nodes take of each quota when they are full and an update runs; nodes of a reservation
    are counted too, as the clouds do."""
    uses: dict[QuotaKey, list[QuotaUse]] = {}
    for cluster in clusters:
        for pool in (*cluster.gpu_pools, *cluster.cpu_pools):
            for group in pool.node_groups:
                _add(uses, cluster, group)
        if cluster.declared.existing is None:
            _add_system_nodes(uses, cluster)
    return uses


def quota_findings(quotas: Sequence[Quota], clusters: Sequence[ResolvedCluster]) -> Iterator[Finding]:
    """Quotas that the pools could exceed, below ``quotas``, and families that no quota has."""
    uses = quota_uses(clusters)
    seen: set[tuple[str, str, str, str]] = set()
    for position, quota in enumerate(quotas):
        known = [region.name for region in regions.regions(quota.cloud)]
        if known and quota.region not in known:
            noun = f"a {'location' if quota.cloud == 'azure' else 'region'} of {OWNER[quota.cloud]}"
            yield Finding((position, "region"), unknown(noun, quota.region, known))
        family = known_family(quota)
        if family is None and quota.cloud == "gcp" and quota.family.casefold().startswith(_GOOGLE_SPOT):
            yield Finding((position, "family"), f"{quota.family!r} is of spot machines; add capacity: spot")
            continue
        if family is None:
            names = sorted(_families(quota.cloud))
            noun = f"a quota family of {OWNER[quota.cloud]} that the catalogue knows"
            yield Finding((position, "family"), unknown(noun, quota.family, names))
            continue
        if quota.cloud == "azure" and (family == _AZURE_SPOT) != (quota.capacity == "spot"):
            yield Finding((position, "family"), _azure_capacity(quota))
            continue
        key = (quota.cloud, quota.region, family, quota.capacity)
        if key in seen:
            yield Finding((position,), f"is a second limit of {quota.family} in {quota.region}; keep one")
        seen.add(key)
        found = uses.get(QuotaKey(quota.cloud, quota.region, family, quota.capacity == "spot"), [])
        needed = sum(use.units for use in found)
        if needed > quota.limit:
            yield Finding((position, "limit"), _exceeded(quota, found, needed))


def _azure_capacity(quota: Quota) -> str:
    if quota.capacity == "spot":
        named = f"{quota.family!r} is of machines on demand"
        return f"{named}, and Azure counts all spot machines in {_AZURE_SPOT}; write that"
    return f"{quota.family!r} is of spot machines; add capacity: spot"


def account_quota_problems(environment: Environment, clusters: Sequence[ResolvedCluster]) -> list[Problem]:
    """Quotas of the accounts themselves (``account/quotas.csv``) that the pools could exceed; one that the platform
    declares as well counts as declared."""
    declared = {_key(quota) for quota in environment.platform.quotas}
    limits = [each for each in environment.account.limits if _key(each.quota) not in declared]
    file = f"{environment.folder.name}/{FOLDER}/{QUOTAS}"
    return [
        Problem(file, str(steps[-1]), message, limits[int(steps[0])].line)
        for steps, message in quota_findings([each.quota for each in limits], clusters)
    ]


def _key(quota: Quota) -> QuotaKey:
    return QuotaKey(quota.cloud, quota.region, known_family(quota) or quota.family, quota.capacity == "spot")


_AWS_NAMES = {"on_demand": ("runningon-demand", "instances"), "spot": ("all", "spotinstancerequests")}
"""Around the family in AWS' names, as "Running On-Demand G and VT instances"."""


def known_family(quota: Quota) -> str | None:
    """As the catalogue writes it; None: it knows no such family. AWS' long name of Standard may be cut off, and AWS'
    whole name of a quota stands for its family."""
    wanted = quota.family.casefold().replace(" ", "")
    if quota.cloud == "aws":
        before, after = _AWS_NAMES[quota.capacity]
        wanted = wanted.removeprefix(before).removesuffix(after)
    elif quota.cloud == "gcp" and quota.capacity == "spot":
        wanted = wanted.removeprefix(_GOOGLE_SPOT)
    for family in _families(quota.cloud):
        name = family.casefold().replace(" ", "")
        if wanted in (name, name.partition("(")[0], name.removesuffix("family")):
            return family
    return None


def _families(cloud: Cloud) -> set[str]:
    found = {known.quota_family for (of, _), known in shapes().items() if of == cloud and known.quota_family}
    return found | ({_AZURE_SPOT} if cloud == "azure" else set())


def _exceeded(quota: Quota, uses: list[QuotaUse], needed: int) -> str:
    most = sorted(uses, key=lambda use: (-use.units, use.cluster, use.pool))
    parts = [
        f"{use.pool} of cluster {use.cluster} {use.units} ({use.nodes} nodes{_surge(use)} of {use.each})"
        for use in most[:_NAMED]
    ]
    rest = f" and {len(most) - _NAMED} more" if len(most) > _NAMED else ""
    unit = counted_of_google(quota.family) if quota.cloud == "gcp" and any(use.gpu for use in uses) else "vCPUs"
    bought = "on spot" if quota.capacity == "spot" else "on demand"
    return (
        f"is {quota.limit}, and the pools of {quota.region} run up to {needed} {unit} of {quota.family} {bought}: "
        f"{', '.join(parts)}{rest}; lower max_nodes, or have {OWNER[quota.cloud]} raise the quota"
    )


def counted_of_google(family: str) -> str:
    """What a quota of Google Cloud counts: GPUs, or TPU chips."""
    return "TPU chips" if family.startswith("TPU") else "GPUs"


def _surge(use: QuotaUse) -> str:
    return f" and {use.surge} while they are updated" if use.surge else ""


def _add(
    uses: dict[QuotaKey, list[QuotaUse]], cluster: ResolvedCluster, group: ResolvedGpuPool | ResolvedCpuPool
) -> None:
    most = max(group.max_nodes, *(schedule.max_nodes for schedule in group.schedules), 0)
    machines = [instance(group.cloud, group.region, name) for name in group.instance_types]
    use = _use(group.name, cluster, machines, most, _surge_nodes(group), group.capacity == "spot")
    if use is not None:
        uses.setdefault(use[0], []).append(use[1])


def _add_system_nodes(uses: dict[QuotaKey, list[QuotaUse]], cluster: ResolvedCluster) -> None:
    declared = cluster.declared
    try:
        machines = [instance(declared.cloud, declared.region, name) for name in declared.system_instance_types]
    except UnknownInstanceType:
        return
    use = _use("system", cluster, machines, declared.system_nodes.max_nodes, 1, False)
    if use is not None:
        uses.setdefault(use[0], []).append(use[1])


def _use(
    name: str, cluster: ResolvedCluster, machines: list[InstanceType], nodes: int, surge: int, spot: bool
) -> tuple[QuotaKey, QuotaUse] | None:
    declared = cluster.declared
    cloud: Cloud = declared.cloud
    known = shape(cloud, machines[0].name) or machines[0].shape
    family = known.quota_family if known is not None else ""
    if cloud == "azure" and spot:
        family = _AZURE_SPOT
    if not family:
        return None
    gpu = machines[0].accelerator is not None
    counts_gpus = cloud == "gcp" and gpu
    each = max(machine.accelerator_count if counts_gpus else machine.vcpu for machine in machines)
    return QuotaKey(cloud, declared.region, family, spot), QuotaUse(name, declared.name, nodes, surge, each, gpu)


def _surge_nodes(group: ResolvedGpuPool | ResolvedCpuPool) -> int:
    """EKS and Karpenter bring at least as many as go at a time; GKE and AKS as many as they are told, and AKS one for
    its system nodes."""
    update = group.declared.update
    if update.strategy == "blue_green":
        return group.max_nodes
    if group.cloud != "aws":
        if group.cloud == "azure" and group.capacity == "spot":
            return 0
        system = isinstance(group, ResolvedCpuPool) and group.declared.system
        return update.max_surge or (1 if system else 0)
    if update.max_unavailable_percentage is not None:
        return ceil(group.max_nodes * update.max_unavailable_percentage / 100)
    return update.max_unavailable or 0
