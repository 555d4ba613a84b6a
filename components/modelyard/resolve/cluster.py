"""A cluster decided: its name, its zones, its pools."""

from __future__ import annotations

from ..catalog import UnknownInstanceType, instance, instances
from ..environment.cluster import Cluster, ExistingEks
from ..environment.known_name import unknown
from ..environment.network import ExistingNetwork, Network
from .finding import Finding
from .gpu_pool import architecture_of, decide_gpu_pool, zone_of
from .names import bucket_name, cluster_name
from .regions import default_zones, known_regions
from .resolved import ResolvedCluster, ResolvedGpuPool

_BUCKET_LIMIT = 63


def decide_cluster(cluster: Cluster, *, environment: str, organization: str) -> tuple[ResolvedCluster, list[Finding]]:
    """The cluster with the pools that could be decided, and what is wrong with the rest."""
    findings = _system_nodes(cluster)
    zones, zone_findings = _zones(cluster)
    findings += [*zone_findings, *_subnets(cluster)]
    pools: list[ResolvedGpuPool] = []
    for position, pool in enumerate(cluster.gpu_pools):
        decided = decide_gpu_pool(pool, cluster=cluster.name, region=cluster.region)
        if isinstance(decided, ResolvedGpuPool):
            pools.append(decided)
            decided = []
        steps = ("gpu_pools", position)
        findings += [Finding((*steps, *below), f"{text} (pool {pool.name!r})") for below, text in decided]
        for index, zone in enumerate(pool.zones or ()):
            if zones and zone_of(zone, cluster.region) and zone not in zones:
                message = (
                    f"{zone!r} is not a zone of the cluster; its zones are {', '.join(zones)} (pool {pool.name!r})"
                )
                findings.append(Finding((*steps, "zones", index), message))
    bucket = bucket_name(organization, environment, cluster.region)
    if len(bucket) > _BUCKET_LIMIT:
        message = (
            f"the model store's bucket {bucket!r} has {len(bucket)} characters; S3 allows {_BUCKET_LIMIT}: shorten "
            "organization or environment"
        )
        findings.append(Finding(("region",), message))
    existing = cluster.existing.name if isinstance(cluster.existing, ExistingEks) else None
    physical = existing or cluster_name(environment, cluster.name)
    return ResolvedCluster(cluster, physical, zones, tuple(pools)), findings


def _zones(cluster: Cluster) -> tuple[tuple[str, ...], list[Finding]]:
    if not isinstance(cluster.network, Network) or cluster.existing is not None:
        return (), []
    if cluster.network.zones is None:
        zones = default_zones(cluster.region)
        if zones is None:
            sentence = unknown("a region of the catalogue", cluster.region, known_regions())
            message = f"{sentence}; name its zones in network.zones to use it"
            return (), [Finding(("region",), message)]
        return zones, []
    findings = [
        Finding(
            ("network", "zones", position),
            f"{zone!r} is not a zone of {cluster.region}; zones are named {cluster.region}a, {cluster.region}b, ...",
        )
        for position, zone in enumerate(cluster.network.zones)
        if not zone_of(zone, cluster.region)
    ]
    return tuple(cluster.network.zones), findings


def _subnets(cluster: Cluster) -> list[Finding]:
    """Pools that are added to an existing cluster need its subnets."""
    if cluster.existing is None or not cluster.gpu_pools or isinstance(cluster.network, ExistingNetwork):
        return []
    message = (
        "is that of an existing cluster, whose GPU pools need its subnets; name them: {vpc_id: <VPC>, "
        "private_subnet_ids: [<subnet>, ...]}"
    )
    return [Finding(("network",), message)]


def _system_nodes(cluster: Cluster) -> list[Finding]:
    if cluster.existing is not None:
        return []
    findings: list[Finding] = []
    names = cluster.system_nodes.instance_types
    for position, name in enumerate(names):
        steps = ("system_nodes", "instance_types", position)
        try:
            found = instance("aws", cluster.region, name)
        except UnknownInstanceType:
            known = sorted(each.name for each in instances("aws", cluster.region) if each.accelerator is None)
            findings.append(Finding(steps, unknown("an instance type of the catalogue", name, known)))
            continue
        if found.accelerator is not None:
            findings.append(Finding(steps, f"{name!r} carries {found.accelerator}; system nodes run what needs no GPU"))
        elif name in names[:position]:
            findings.append(Finding(steps, f"{name!r} is named twice; delete one"))
        elif architecture_of(name) != architecture_of(names[0]):
            message = (
                f"{name!r} is {architecture_of(name)} and {names[0]!r} is {architecture_of(names[0])}; the types "
                "of one node group share one machine image, so one architecture"
            )
            findings.append(Finding(steps, message))
    return findings
