"""A cluster decided: its name, its zones, its pools."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import Any

from ..environment.aks_nodes import AksNodes
from ..environment.cluster import Cluster, ExistingGke, ExistingKubeconfig
from ..environment.cpu_pool import CpuPool
from ..environment.gpu_pool import GpuPool
from ..environment.known_name import unknown
from ..environment.managed import Managed
from ..environment.network import ExistingNetwork, Network
from .aks_cluster import refused_of_aks
from .cluster_cloud import CloudAccount, account_findings, cloud_account, of_another_cloud, unknown_region
from .cpu_pool import decide_cpu_pool, plain_machines
from .finding import Finding
from .gpu_pool import decide_gpu_pool
from .gpu_software import GpuNodes, refused_gpu_software
from .names import cluster_name
from .pool_machines import architecture_of, takes_several, zones_with
from .provisioners import refused_provisioners
from .regions import default_zones, known_regions, no_zone, zone_of
from .resolved import ResolvedCluster
from .resolved_pool import ResolvedCpuPool, ResolvedGpuPool

_GKE_LIMIT = 40


def decide_cluster(
    cluster: Cluster, *, environment: str, managed: Managed | None = None
) -> tuple[ResolvedCluster, list[Finding]]:
    """The cluster with the pools that could be decided, and what is wrong with the rest.

    Args:
        cluster: as declared.
        environment: for its physical name.
        managed: whose project, subscription and resource group the cluster takes where it names none.
    """
    account = cloud_account(cluster, managed)
    findings = [*of_another_cloud(cluster), *account_findings(cluster, account), *refused_provisioners(cluster)]
    if (wrong := unknown_region(cluster.cloud, cluster.region)) is not None:
        return _undecided(cluster, environment, account), [*findings, Finding(("region",), wrong)]
    findings += [*_system_nodes(cluster), *_first_nodes(cluster), *refused_of_aks(cluster)]
    zones, zone_findings = _zones(cluster)
    cluster = _with_nodes_of_aks(cluster, zones)
    findings += [*zone_findings, *_subnets(cluster)]
    gpu_pools: list[ResolvedGpuPool] = []
    for position, pool in enumerate(cluster.gpu_pools):
        places = zones or _zone_of_existing(pool, cluster)
        decided = decide_gpu_pool(pool, cluster=cluster.name, region=cluster.region, cloud=cluster.cloud, zones=places)
        if isinstance(decided, ResolvedGpuPool):
            gpu_pools.append(decided)
            decided = []
        findings += _of_pool(("gpu_pools", position), pool.name, decided)
        findings += _of_pool(("gpu_pools", position), pool.name, _strange_zones(pool.zones, cluster, zones))
    nodes = [GpuNodes.of_pool(pool, cluster.cloud) for pool in cluster.gpu_pools]
    for position, refused in refused_gpu_software(cluster.cloud, nodes, cluster.kubernetes_version):
        findings += _of_pool(("gpu_pools", position), cluster.gpu_pools[position].name, [refused])
    cpu_pools: list[ResolvedCpuPool] = []
    for position, pool in enumerate(cluster.cpu_pools):
        decided = decide_cpu_pool(pool, cluster=cluster.name, region=cluster.region, cloud=cluster.cloud)
        if isinstance(decided, ResolvedCpuPool):
            cpu_pools.append(decided)
            decided = []
        findings += _of_pool(("cpu_pools", position), pool.name, decided)
        findings += _of_pool(("cpu_pools", position), pool.name, _strange_zones(pool.zones, cluster, zones))
    decided = _undecided(cluster, environment, account)
    findings += _long_name(cluster, decided.physical_name)
    return replace(decided, zones=zones, gpu_pools=tuple(gpu_pools), cpu_pools=tuple(cpu_pools)), findings


def _with_nodes_of_aks(cluster: Cluster, zones: tuple[str, ...]) -> Cluster:
    """With the cluster's settings of nodes in each pool that has none of its own, and its zones in each pool of system
    nodes: a volume of the platform's own pods follows them to a node of its own zone alone."""
    if cluster.cloud != "azure":
        return cluster
    nodes = cluster.aks.nodes

    def told(pool: GpuPool | CpuPool) -> dict[str, Any]:
        more: dict[str, Any] = {}
        if pool.aks is None and nodes != AksNodes():
            more["aks"] = nodes
        if zones and isinstance(pool, CpuPool) and pool.system and not pool.zones:
            more["zones"] = list(zones)
        return more

    pools = {
        key: [each.model_copy(update=told(each)) for each in getattr(cluster, key)]
        for key in ("gpu_pools", "cpu_pools")
    }
    return cluster.model_copy(update=pools)


def _first_nodes(cluster: Cluster) -> Iterator[Finding]:
    """System nodes of AKS whose machines are to be others."""
    if cluster.cloud != "azure" or cluster.existing is not None:
        return
    systems = [pool for pool in cluster.cpu_pools if pool.system]
    if cluster.aks.retire_first_nodes and not systems:
        message = (
            "is true, and no pool of cpu_pools has system: true, so the cluster's own pods would have no nodes; add "
            "one, and retire the first nodes once it is there"
        )
        yield Finding(("aks", "retire_first_nodes"), message)
    first = cluster.system_instance_types[0]
    for pool in systems:
        if architecture_of(pool.instance_types[0]) != architecture_of(first):
            message = (
                f"{pool.instance_types[0]} has another processor architecture than {first} of system_nodes, which the "
                f"cluster's own pods are built for; write one of the same (pool {pool.name!r})"
            )
            yield Finding(("cpu_pools", cluster.cpu_pools.index(pool), "instance_types", 0), message)


def _long_name(cluster: Cluster, physical_name: str) -> Iterator[Finding]:
    """Other clouds allow more than an environment and a cluster can have."""
    if cluster.cloud == "gcp" and len(physical_name) > _GKE_LIMIT:
        message = f"{physical_name!r} has {len(physical_name)} characters; GKE allows {_GKE_LIMIT}: shorten one of both"
        yield Finding(("name",), message)


def _undecided(cluster: Cluster, environment: str, account: CloudAccount) -> ResolvedCluster:
    """Without zones and pools."""
    existing = cluster.existing
    named = None if existing is None or isinstance(existing, ExistingKubeconfig) else existing.name
    return ResolvedCluster(cluster, named or cluster_name(environment, cluster.name), (), (), account=account)


def _of_pool(steps: tuple[str | int, ...], name: str, found: list[Finding]) -> list[Finding]:
    return [Finding((*steps, *below), f"{text} (pool {name!r})") for below, text in found]


def _strange_zones(named: list[str] | None, cluster: Cluster, zones: tuple[str, ...]) -> list[Finding]:
    return [
        Finding(("zones", index), f"{zone!r} is not a zone of the cluster; its zones are {', '.join(zones)}")
        for index, zone in enumerate(named or ())
        if zones and zone_of(zone, cluster.region, cluster.cloud) and zone not in zones
    ]


def _zones(cluster: Cluster) -> tuple[tuple[str, ...], list[Finding]]:
    if not isinstance(cluster.network, Network) or cluster.existing is not None:
        return (), []
    if cluster.network.zones is None:
        zones = default_zones(cluster.region, cluster.cloud)
        if zones is None:
            sentence = unknown("a region of the catalogue", cluster.region, known_regions(cluster.cloud))
            message = f"{sentence}; name its zones in network.zones to use it"
            return (), [Finding(("region",), message)]
        return zones, []
    findings = [
        Finding(
            ("network", "zones", position),
            no_zone(zone, cluster.region, cluster.cloud),
        )
        for position, zone in enumerate(cluster.network.zones)
        if not zone_of(zone, cluster.region, cluster.cloud)
    ]
    return tuple(cluster.network.zones), findings


def _zone_of_existing(pool: GpuPool, cluster: Cluster) -> tuple[str, ...]:
    """The zone of a zonal cluster of GKE, unless it is known not to have the accelerator: then the pool lies beside."""
    existing = cluster.existing
    if not isinstance(existing, ExistingGke) or not zone_of(existing.location, cluster.region, "gcp"):
        return ()
    having = zones_with("gcp", cluster.region, pool.accelerator)
    return () if having and existing.location not in having else (existing.location,)


def _subnets(cluster: Cluster) -> list[Finding]:
    """Pools that are added to an existing cluster need its subnets; those of GKE and AKS have them already."""
    pools = (*cluster.gpu_pools, *cluster.cpu_pools)
    needed = cluster.cloud == "aws" and cluster.existing is not None and pools
    if not needed or isinstance(cluster.network, ExistingNetwork):
        return []
    message = (
        "is that of an existing cluster, whose GPU pools need its subnets; name them: {vpc_id: <VPC>, "
        "private_subnet_ids: [<subnet>, ...]}"
    )
    return [Finding(("network",), message)]


def _system_nodes(cluster: Cluster) -> list[Finding]:
    if cluster.existing is not None:
        return []
    _, findings = plain_machines(
        cluster.system_instance_types,
        cluster.cloud,
        cluster.region,
        "system nodes run what needs no GPU",
        several=takes_several(cluster.cloud, "managed"),
    )
    return [Finding(("system_nodes", *steps), message) for steps, message in findings]
