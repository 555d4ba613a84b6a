"""Agent pools of AKS, those of a cluster's own declaration included."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from modelyard.catalog import InstanceType
from modelyard.catalog.mig_profiles import profiles
from modelyard.graph import Resource, ResourceGraph
from modelyard.placement.pool import Pool, Taint, known_type
from modelyard.placement.pool_labels import (
    GPU_DEVICES,
    Devices,
    cluster_of,
    declared_name,
    devices,
    node_labels,
    shared_devices,
)
from modelyard.placement.reading import items, mapping, text, texts, whole
from modelyard.placement.region import region_of

AGENT_POOL = "azure-native:containerservice:AgentPool"
MANAGED_CLUSTER = "azure-native:containerservice:ManagedCluster"
_SPOT = Taint("kubernetes.azure.com/scalesetpriority", "spot", "NoSchedule")
"""AKS puts it on spot nodes by itself ("Add an Azure Spot node pool to an AKS cluster")."""
_SPOT_LABEL = "kubernetes.azure.com/scalesetpriority"


def agent_pool_pools(resource: Resource, graph: ResourceGraph) -> Iterable[Pool]:
    """One pool, in the region of its cluster, or where the cluster is somebody else's, of its provider."""
    cluster, provider = _cluster_of(resource, graph), graph.get(resource.provider)
    yield _pool(
        resource,
        resource.inputs,
        name=text(resource.inputs.get("agentPoolName")) or resource.name,
        cluster=text(resource.inputs.get("resourceName")) or (_name(cluster) if cluster else None),
        region=region_of(resource, graph)
        or (region_of(cluster, graph) if cluster else None)
        or (text(provider.inputs.get("location")) if provider else None),
    )


def managed_cluster_pools(resource: Resource, graph: ResourceGraph) -> Iterable[Pool]:
    """The pools in the cluster's own profile: that of the system at least."""
    for profile in items(resource.inputs.get("agentPoolProfiles")):
        inputs = mapping(profile)
        yield _pool(
            resource,
            inputs,
            name=text(inputs.get("name")) or "system",
            cluster=_name(resource),
            region=region_of(resource, graph),
            beside_others=True,
        )


def _pool(
    resource: Resource,
    inputs: Mapping[str, Any],
    *,
    name: str,
    cluster: str | None,
    region: str | None,
    beside_others: bool = False,
) -> Pool:
    labels = texts(inputs.get("nodeLabels"))
    type_name = text(inputs.get("vmSize"))
    region = _canonical(region)
    machine = known_type("azure", region, type_name)
    spot = text(inputs.get("scaleSetPriority")) == "Spot"
    count = whole(inputs.get("count", 0 if inputs.get("enableAutoScaling") else 1))
    scales = inputs.get("enableAutoScaling") is True
    taints = tuple(_taint(each) for each in items(inputs.get("nodeTaints")) if isinstance(each, str))
    reserved = bool(inputs.get("capacityReservationGroupId") or inputs.get("capacityReservationGroupID"))
    return Pool(
        urn=resource.urn,
        cluster=cluster_of(labels, cluster),
        name=declared_name(labels, name),
        region=region,
        instance_type=type_name,
        instance=machine,
        spot=spot,
        min_size=whole(inputs.get("minCount", 0)) if scales else count,
        desired_size=count,
        max_size=whole(inputs.get("maxCount")) if scales else count,
        labels={
            **node_labels(type_name, region, machine),
            "kubernetes.azure.com/agentpool": name,
            "kubernetes.azure.com/mode": (text(inputs.get("mode")) or "User").lower(),
            **({_SPOT_LABEL: "spot"} if spot else {}),
            **labels,
        },
        taints=taints if not spot or _SPOT in taints else (*taints, _SPOT),
        zones=_zones(inputs, region),
        beside_others=beside_others,
        capacity="spot" if spot else "reserved" if reserved else "on_demand",
        **_devices(machine, text(inputs.get("gpuInstanceProfile")), labels, whole(inputs.get("maxPods"))),
    )


def _devices(
    machine: InstanceType | None, profile: str | None, labels: Mapping[str, str], max_pods: int | None
) -> Devices:
    """``MIG1g`` is the profile with one compute slice of the seven ("Multi-instance GPUs on AKS")."""
    if profile is None or machine is None or machine.accelerator is None or GPU_DEVICES in labels:
        return shared_devices(machine, labels, max_pods)
    slices = whole(profile.removeprefix("MIG").removesuffix("g"))
    cut = max(
        (each for each in profiles(machine.accelerator) if each.compute_slices == slices),
        key=lambda each: each.instances_per_gpu,
        default=None,
    )
    if cut is None:
        return shared_devices(machine, labels, max_pods)
    count = machine.gpu_count * cut.instances_per_gpu
    return devices(machine, count, f"mig-{cut.name}", cut.usable_memory_mib, max_pods)


def _zones(inputs: Mapping[str, Any], region: str | None) -> tuple[str, ...]:
    """``eastus-1``, as the nodes' labels have them; nodes outside of zones have no such label."""
    numbers = sorted(zone for zone in items(inputs.get("availabilityZones")) if isinstance(zone, str))
    return tuple(f"{region}-{number}" for number in numbers) if region else ()


def _canonical(region: str | None) -> str | None:
    """``East US`` is ``eastus``."""
    return region.replace(" ", "").lower() if region else None


def _cluster_of(resource: Resource, graph: ResourceGraph) -> Resource | None:
    for urn in (*resource.property_dependencies.get("resourceName", ()), *resource.dependencies):
        found = graph.get(urn)
        if found is not None and found.type == MANAGED_CLUSTER:
            return found
    name = text(resource.inputs.get("resourceName"))
    return next((each for each in graph.of_type(MANAGED_CLUSTER) if name and _name(each) == name), None)


def _name(cluster: Resource) -> str:
    return text(cluster.inputs.get("resourceName")) or cluster.name


def _taint(text_of_taint: str) -> Taint:
    """``key=value:Effect``"""
    pair, _, effect = text_of_taint.rpartition(":")
    key, _, value = pair.partition("=")
    return Taint(key, value, effect)
