"""A cluster decided: its name, its zones, its pools."""

from __future__ import annotations

import re

from ..environment.cluster import ADMIN_PATTERNS, SERVICE, Cluster, ExistingKubeconfig
from ..environment.existing_cluster import ExistingAks, ExistingEks, ExistingGke
from ..environment.known_name import unknown
from ..environment.network import ExistingAzureNetwork, ExistingGoogleNetwork, ExistingNetwork, Network
from ..environment.patterns import MEANING
from ..environment.target import Cloud
from .cpu_pool import decide_cpu_pool, plain_machines
from .finding import Finding
from .gpu_pool import decide_gpu_pool
from .names import bucket_name, cluster_name
from .pool_machines import takes_several
from .regions import default_zones, known_regions, no_zone, zone_of
from .resolved import ResolvedCluster
from .resolved_pool import ResolvedCpuPool, ResolvedGpuPool

_BUCKET_LIMIT = 63


def decide_cluster(cluster: Cluster, *, environment: str, organization: str) -> tuple[ResolvedCluster, list[Finding]]:
    """The cluster with the pools that could be decided, and what is wrong with the rest."""
    findings = [*of_another_cloud(cluster), *_system_nodes(cluster)]
    zones, zone_findings = _zones(cluster)
    findings += [*zone_findings, *_subnets(cluster)]
    gpu_pools: list[ResolvedGpuPool] = []
    for position, pool in enumerate(cluster.gpu_pools):
        decided = decide_gpu_pool(pool, cluster=cluster.name, region=cluster.region, cloud=cluster.cloud, zones=zones)
        if isinstance(decided, ResolvedGpuPool):
            gpu_pools.append(decided)
            decided = []
        findings += _of_pool(("gpu_pools", position), pool.name, decided)
        findings += _of_pool(("gpu_pools", position), pool.name, _strange_zones(pool.zones, cluster, zones))
    cpu_pools: list[ResolvedCpuPool] = []
    for position, pool in enumerate(cluster.cpu_pools):
        decided = decide_cpu_pool(pool, cluster=cluster.name, region=cluster.region, cloud=cluster.cloud, zones=zones)
        if isinstance(decided, ResolvedCpuPool):
            cpu_pools.append(decided)
            decided = []
        findings += _of_pool(("cpu_pools", position), pool.name, decided)
        findings += _of_pool(("cpu_pools", position), pool.name, _strange_zones(pool.zones, cluster, zones))
    bucket = bucket_name(organization, environment, cluster.region)
    if len(bucket) > _BUCKET_LIMIT:
        message = (
            f"the model store's bucket {bucket!r} has {len(bucket)} characters; S3 allows {_BUCKET_LIMIT}: shorten "
            "organization or environment"
        )
        findings.append(Finding(("region",), message))
    existing = cluster.existing
    named = None if existing is None or isinstance(existing, ExistingKubeconfig) else existing.name
    physical = named or cluster_name(environment, cluster.name)
    return ResolvedCluster(cluster, physical, zones, tuple(gpu_pools), tuple(cpu_pools)), findings


_NETWORKS: dict[Cloud, type] = {
    "aws": ExistingNetwork,
    "gcp": ExistingGoogleNetwork,
    "azure": ExistingAzureNetwork,
}
_EXISTING: dict[Cloud, tuple[type, str]] = {
    "aws": (ExistingEks, "{name: <EKS cluster>}"),
    "gcp": (ExistingGke, "{name: <GKE cluster>, location: <region or zone>}"),
    "azure": (ExistingAks, "{name: <AKS cluster>, resource_group: <group>}"),
}
_SUBNETS: dict[Cloud, str] = {
    "aws": "{vpc_id: <VPC>, private_subnet_ids: [<subnet>, ...]}",
    "gcp": "{network: <network>, subnetwork: <subnetwork>, pods_range: <range>, services_range: <range>}",
    "azure": "{subnet_id: <resource id of the subnet>}",
}


def of_another_cloud(cluster: Cluster) -> list[Finding]:
    """Settings that only another cloud has, each with what this one takes."""
    cloud, service = cluster.cloud, SERVICE[cluster.cloud]
    findings: list[Finding] = []
    kind, form = _EXISTING[cloud]
    existing = cluster.existing
    if existing is not None and not isinstance(existing, (kind, ExistingKubeconfig)):
        findings.append(Finding(("existing",), f"names no cluster of {service}, and cloud is {cloud}; write {form}"))
    if not isinstance(cluster.network, (Network, _NETWORKS[cloud])):
        message = f"is no network of {service}, and cloud is {cloud}; write {_SUBNETS[cloud]}"
        findings.append(Finding(("network",), message))
    for position, admin in enumerate(cluster.api_access.admins):
        if not re.fullmatch(ADMIN_PATTERNS[cloud], admin):
            message = f"{admin!r} must be {MEANING[ADMIN_PATTERNS[cloud]]}; cloud is {cloud}"
            findings.append(Finding(("api_access", "admins", position), message))
    if cloud != "aws" and (cluster.api_access.bastion or cluster.api_access.tunnel_port is not None):
        key = "bastion" if cluster.api_access.bastion else "tunnel_port"
        way = "gke.dns_endpoint or api_access.public_cidrs" if cloud == "gcp" else "api_access.public_cidrs"
        message = f"is a machine of AWS Systems Manager, and cloud is {cloud}; delete it, and use {way}"
        findings.append(Finding(("api_access", key), message))
    for key, owner in (("eks", "aws"), ("gke", "gcp"), ("aks", "azure")):
        if owner != cloud and key in cluster.model_fields_set:
            findings.append(Finding((key,), f"is for cloud: {owner}, and cloud is {cloud}; delete it"))
    if cloud != "aws" and cluster.node_autoscaler == "karpenter":
        message = (
            f"karpenter is for EKS, and cloud is {cloud}; {service} has a node autoscaler of its own: write "
            "cluster_autoscaler"
        )
        findings.append(Finding(("node_autoscaler",), message))
    return findings


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
