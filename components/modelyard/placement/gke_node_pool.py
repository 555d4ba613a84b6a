"""Node pools of GKE, and the nodes that a cluster itself declares."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from modelyard.catalog import InstanceType
from modelyard.catalog.table import rows
from modelyard.graph import Resource, ResourceGraph
from modelyard.placement.pool import Pool, Taint, known_type
from modelyard.placement.pool_labels import (
    GPU_DEVICES,
    Devices,
    cluster_of,
    declared_name,
    devices,
    mig_instances,
    node_labels,
    shared_devices,
)
from modelyard.placement.reading import at, items, mapping, text, texts, whole
from modelyard.placement.region import region_of

NODE_POOL = "gcp:container/nodePool:NodePool"
CLUSTER = "gcp:container/cluster:Cluster"
_EFFECTS = {"NO_SCHEDULE": "NoSchedule", "NO_EXECUTE": "NoExecute", "PREFER_NO_SCHEDULE": "PreferNoSchedule"}
_ZONES_OF_A_REGION = 3
"""In which a regional cluster has nodes unless it names zones ("Regional clusters", GKE documentation)."""


def node_pool_pools(resource: Resource, graph: ResourceGraph) -> Iterable[Pool]:
    """One pool. Sizes are for all zones together, as ``total_min_node_count`` is, and not as ``min_node_count``."""
    cluster = _cluster_of(resource, graph)
    inputs = resource.inputs
    zones = _zones(inputs, cluster)
    count = len(zones) or _zone_count(inputs, cluster)
    yield _pool(
        resource,
        mapping(inputs.get("nodeConfig")),
        name=text(inputs.get("name")) or resource.name,
        cluster=text(inputs.get("cluster")) or (text(cluster.inputs.get("name")) or cluster.name if cluster else None),
        region=gke_region(region_of(resource, graph) or (region_of(cluster, graph) if cluster else None)),
        zones=zones,
        sizes=_sizes(inputs, count),
        queued=at(inputs, "queuedProvisioning", "enabled") is True,
        max_pods=whole(inputs.get("maxPodsPerNode")),
    )


def cluster_pools(resource: Resource, graph: ResourceGraph) -> Iterable[Pool]:
    """The default pool, unless it is taken away again."""
    inputs = resource.inputs
    if inputs.get("removeDefaultNodePool") is True or inputs.get("enableAutopilot") is True or inputs.get("nodePools"):
        return
    zones = _zones(inputs, resource)
    initial = whole(inputs.get("initialNodeCount"))
    nodes = None if initial is None else initial * (len(zones) or _zone_count(inputs, resource))
    yield _pool(
        resource,
        mapping(inputs.get("nodeConfig")),
        name="default-pool",
        cluster=text(inputs.get("name")) or resource.name,
        region=gke_region(region_of(resource, graph)),
        zones=zones,
        sizes=(nodes, nodes, nodes),
        queued=False,
        max_pods=whole(inputs.get("defaultMaxPodsPerNode")),
    )


def _pool(
    resource: Resource,
    config: Mapping[str, Any],
    *,
    name: str,
    cluster: str | None,
    region: str | None,
    zones: tuple[str, ...],
    sizes: tuple[int | None, int | None, int | None],
    queued: bool,
    max_pods: int | None,
) -> Pool:
    labels = texts(config.get("labels"))
    spot = config.get("spot") is True or config.get("preemptible") is True
    guest = next((mapping(each) for each in items(config.get("guestAccelerators"))), None)
    type_name, machine = gke_machine(text(config.get("machineType")) or "e2-medium", guest, region)
    capacity = "queued" if queued else "flex_start" if config.get("flexStart") is True else "spot" if spot else ""
    reserved = text(at(config, "reservationAffinity", "consumeReservationType")) == "SPECIFIC_RESERVATION"
    return Pool(
        urn=resource.urn,
        cluster=cluster_of(labels, cluster),
        name=declared_name(labels, name),
        region=region,
        instance_type=type_name,
        instance=machine,
        spot=spot,
        min_size=sizes[0],
        desired_size=sizes[1],
        max_size=sizes[2],
        labels={
            **node_labels(text(config.get("machineType")), region, machine),
            "cloud.google.com/gke-nodepool": name,
            **({"cloud.google.com/gke-spot": "true"} if spot else {}),
            **_accelerator_labels(guest),
            **tpu_labels(text(config.get("machineType"))),
            **labels,
        },
        taints=tuple(_taint(each) for each in items(config.get("taints"))),
        zones=zones,
        capacity=capacity or ("reserved" if reserved else "on_demand"),
        **gke_devices(machine, guest, labels, max_pods),
    )


def gke_machine(name: str, guest: Mapping[str, Any] | None, region: str | None) -> tuple[str, InstanceType | None]:
    """The catalogue has a row for each machine with the accelerators that are attached to it."""
    count = whole(guest.get("count")) if guest else None
    attached = _accelerator(text(guest.get("type"))) if guest else None
    if attached and count:
        together = f"{name}+{count}x{attached}"
        machine = known_type("gcp", region, together)
        if machine is not None:
            return together, machine
    return name, known_type("gcp", region, name)


def _accelerator(kind: str | None) -> str | None:
    return next((row["accelerator"] for row in rows("gke_accelerators.csv") if row["type"] == kind), None)


def gke_devices(
    machine: InstanceType | None, guest: Mapping[str, Any] | None, labels: Mapping[str, str], max_pods: int | None
) -> Devices:
    """GKE names MIG instances and shared GPUs ``nvidia.com/gpu`` ("Run multi-instance GPUs", GKE documentation)."""
    if guest is None or machine is None or GPU_DEVICES in labels:
        return shared_devices(machine, labels, max_pods)
    partition = text(guest.get("gpuPartitionSize"))
    sharing = mapping(guest.get("gpuSharingConfig"))
    clients = whole(sharing.get("maxSharedClientsPerGpu")) or 1
    each = mig_instances(machine.accelerator, partition) if partition else 1
    if each is None or (each, clients) == (1, 1):
        return shared_devices(machine, labels, max_pods)
    way = {"MPS": "mps"}.get(text(sharing.get("gpuSharingStrategy")) or "", "time-slicing")
    words = [f"mig-{partition}"] if partition else []
    words += [f"{way}-{clients}"] if clients > 1 else []
    return devices(machine, machine.gpu_count * each * clients, "_".join(words), max_pods=max_pods)


def tpu_labels(machine_type: str | None) -> dict[str, str]:
    """GKE tells of a node's TPU chips by labels ("About TPUs in GKE"); none where the machine has no TPU."""
    found = next((row for row in rows("gke_tpus.csv") if row["machine_type"] == machine_type), None)
    if found is None:
        return {}
    return {
        "cloud.google.com/gke-tpu-accelerator": found["type"],
        "cloud.google.com/gke-tpu-topology": found["topology"],
    }


def _accelerator_labels(guest: Mapping[str, Any] | None) -> dict[str, str]:
    if guest is None:
        return {}
    found = {
        "cloud.google.com/gke-accelerator": text(guest.get("type")),
        "cloud.google.com/gke-gpu-partition-size": text(guest.get("gpuPartitionSize")),
    }
    return {key: value for key, value in found.items() if value}


def _sizes(inputs: Mapping[str, Any], zones: int) -> tuple[int | None, int | None, int | None]:
    """Least, first and most nodes of all zones; the autoscaler brings what is missing to the least at once."""
    scaling = mapping(inputs.get("autoscaling"))
    per_zone = whole(inputs.get("initialNodeCount", inputs.get("nodeCount", 1)))
    first = None if per_zone is None else per_zone * zones
    if not scaling:
        return first, first, first
    if "totalMaxNodeCount" in scaling:
        least, most = whole(scaling.get("totalMinNodeCount", 0)), whole(scaling.get("totalMaxNodeCount"))
    else:
        least, most = (
            _times(whole(scaling.get("minNodeCount", 0)), zones),
            _times(whole(scaling.get("maxNodeCount")), zones),
        )
    return least, first if first is None or least is None else max(first, least), most


def _times(count: int | None, zones: int) -> int | None:
    return None if count is None else count * zones


def _zones(inputs: Mapping[str, Any], cluster: Resource | None) -> tuple[str, ...]:
    """That the pool names, else its cluster; a zonal cluster's own."""
    for holder in (inputs, cluster.inputs if cluster else {}):
        named = tuple(zone for zone in items(mapping(holder).get("nodeLocations")) if isinstance(zone, str))
        if named:
            return tuple(sorted(named))
    location = text(inputs.get("location")) or (text(cluster.inputs.get("location")) if cluster else None)
    return (location,) if location and location != gke_region(location) else ()


def _zone_count(inputs: Mapping[str, Any], cluster: Resource | None) -> int:
    location = text(inputs.get("location")) or (text(cluster.inputs.get("location")) if cluster else None)
    return 1 if location and location != gke_region(location) else _ZONES_OF_A_REGION


def gke_region(location: str | None) -> str | None:
    """Of a zone, ``us-central1-a``; a region as it is."""
    return location.rpartition("-")[0] if location and location.count("-") == 2 else location


def _cluster_of(resource: Resource, graph: ResourceGraph) -> Resource | None:
    for urn in (*resource.property_dependencies.get("cluster", ()), *resource.dependencies):
        found = graph.get(urn)
        if found is not None and found.type == CLUSTER:
            return found
    name = text(resource.inputs.get("cluster"))
    return next((each for each in graph.of_type(CLUSTER) if name and text(each.inputs.get("name")) == name), None)


def _taint(value: Any) -> Taint:
    taint = mapping(value)
    effect = text(taint.get("effect")) or "NO_SCHEDULE"
    return Taint(text(taint.get("key")) or "", text(taint.get("value")) or "", _EFFECTS.get(effect, effect))
