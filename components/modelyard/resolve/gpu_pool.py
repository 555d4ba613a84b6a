"""A GPU pool decided: which machines, which image, how much room on each node."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal

from ..catalog import InstanceType, UnknownName, accelerators, allocatable
from ..catalog.gke_accelerators import gke_accelerator, gke_tpu
from ..environment.cluster import SERVICE
from ..environment.device import NEURON, NVIDIA, TPU
from ..environment.environment import shown_path
from ..environment.gpu_pool import GpuPool
from ..environment.node_capacity import Capacity
from ..environment.problem import InvalidEnvironment, Problem
from ..environment.target import Cloud
from .aks_pool import refused_for_aks
from .finding import Finding
from .gpu_announcer import announcer_labels
from .gpu_devices import gpu_devices, sharing_labels
from .gpu_pool_refusals import refused_combinations
from .node_image import DEFAULT_GPU_IMAGE, node_image
from .node_labels import cloud_taints, refused_labels, refused_taints, too_many
from .pool_floor import with_floor
from .pool_machines import architecture_of, gpu_machines, machine_type, zones_with
from .refusal import refusal
from .regions import no_zone, zone_of
from .resolved_pool import ResolvedGpuPool

__all__ = ["architecture_of", "decide_gpu_pool", "resolve_gpu_pool", "zone_of"]

_RESOURCES: dict[Cloud, tuple[str, ...]] = {"aws": (NVIDIA, NEURON), "gcp": (NVIDIA, TPU), "azure": (NVIDIA,)}
_BESIDE_NVIDIA: dict[Cloud, str] = {
    "aws": ", Inferentia2 or Trainium1",
    "gcp": ", or a TPU such as TPU-v5e",
    "azure": "",
}
"""What pods of some serving runtime can ask for."""
_PRICED_AS: dict[Capacity, str] = {"spot": "spot", "reservation": "reserved", "capacity_block": "reserved"}


def resolve_gpu_pool(
    pool: GpuPool, *, cluster: str, region: str, cloud: Cloud = "aws", zones: tuple[str, ...] = ()
) -> ResolvedGpuPool:
    """Decide one pool by itself.

    Args:
        pool: the declaration.
        cluster: name of its cluster, for labels.
        region: of the cloud, for example us-east-1.
        cloud: whose machines they are.
        zones: of the cluster, as far as they are known.

    Raises:
        InvalidEnvironment: no machine of the region fits, the cloud refuses the combination, the instance types do not
            go together, or a label or taint is not the user's to set.
    """
    decided = decide_gpu_pool(pool, cluster=cluster, region=region, cloud=cloud, zones=zones)
    if isinstance(decided, ResolvedGpuPool):
        return decided
    raise InvalidEnvironment([Problem(f"GpuNodePool {pool.name}", shown_path(steps), text) for steps, text in decided])


def decide_gpu_pool(
    pool: GpuPool, *, cluster: str, region: str, cloud: Cloud = "aws", zones: tuple[str, ...] = ()
) -> ResolvedGpuPool | list[Finding]:
    """As :func:`resolve_gpu_pool`, with findings below the pool instead of an exception."""
    findings = [
        *refused_labels(pool, cloud),
        *refused_taints(pool, cloud, _taint(pool.accelerator)),
        *refused_zones(pool.zones, region, cloud),
        *_zones_without(pool, region, cloud),
        *_no_zone_with(pool, region, cloud, zones),
    ]
    resource = accelerators.get(pool.accelerator).resource
    if resource not in _RESOURCES[cloud]:
        message = (
            f"{SERVICE[cloud]} has no nodes with {pool.accelerator!r}; the nodes of a GPU pool need an NVIDIA GPU such "
            f"as L4{_BESIDE_NVIDIA[cloud]}"
        )
        return [Finding(("accelerator",), message), *findings]
    types = gpu_machines(pool, cloud, region)
    known = types if isinstance(types, tuple) else ()
    usable = _usable_zones(pool, cloud, region, zones)
    findings += refused_combinations(pool, cloud, known, usable)
    findings += refused_for_aks(pool, cloud, known)
    if isinstance(types, list):
        return [*types, *findings]
    if findings:
        return findings
    image = pool.image or DEFAULT_GPU_IMAGE[cloud]
    architecture = architecture_of(types[0].name)
    whole = _resolved(
        pool, types, node_image(cloud, image, architecture, accelerator=pool.accelerator) or "", cluster, cloud, region
    )
    if findings := too_many(whole):
        return findings
    whole = replace(whole, zones=tuple(pool.zones or (usable if cloud == "gcp" else ())))
    return with_floor(whole, types[0])


def refused_zones(zones: list[str] | None, region: str, cloud: Cloud) -> list[Finding]:
    """Names that no zone of the region has, and zones that are named again."""
    named = zones or []
    return [
        Finding(("zones", position), no_zone(zone, region, cloud))
        for position, zone in enumerate(named)
        if not zone_of(zone, region, cloud)
    ] + [
        Finding(("zones", position), f"{zone!r} is named twice; delete one")
        for position, zone in enumerate(named)
        if zone in named[:position]
    ]


def _taint(accelerator: str) -> tuple[str, str, str]:
    return accelerators.get(accelerator).resource, "present", "NoSchedule"


def _usable_zones(pool: GpuPool, cloud: Cloud, region: str, zones: tuple[str, ...]) -> tuple[str, ...]:
    """Of those of the cluster, those that are known to have the accelerator: GKE refuses a pool in any other."""
    having = zones_with(cloud, region, pool.accelerator)
    if not having or pool.zones:
        return zones
    return tuple(zone for zone in zones if zone in having) if zones else having


def _zones_without(pool: GpuPool, region: str, cloud: Cloud) -> list[Finding]:
    having = zones_with(cloud, region, pool.accelerator)
    return [
        refusal(
            "absent-from-zone",
            "zones",
            position,
            zone=repr(zone),
            accelerator=pool.accelerator,
            region=region,
            allowed=", ".join(having),
        )
        for position, zone in enumerate(pool.zones or ())
        if having and zone_of(zone, region, cloud) and zone not in having
    ]


def _no_zone_with(pool: GpuPool, region: str, cloud: Cloud, zones: tuple[str, ...]) -> list[Finding]:
    having = zones_with(cloud, region, pool.accelerator)
    if pool.zones or not zones or not having or set(zones) & set(having):
        return []
    values = {"zones": ", ".join(zones), "accelerator": pool.accelerator, "region": region}
    return [refusal("absent-from-zones", "accelerator", **values, allowed=", ".join(having))]


def _resolved(
    pool: GpuPool, types: tuple[InstanceType, ...], image: str, cluster: str, cloud: Cloud, region: str
) -> ResolvedGpuPool:
    first, devices = types[0], gpu_devices(pool, types)
    room = [allocatable(each) for each in types]
    resource = accelerators.get(pool.accelerator).resource
    priced_as = _PRICED_AS.get(pool.capacity, "on_demand")
    driver = pool.driver.by or ("image" if cloud == "aws" else "cloud")
    return ResolvedGpuPool(
        declared=pool,
        name=pool.name,
        cluster=cluster,
        cloud=cloud,
        region=region,
        zones=tuple(pool.zones or ()),
        instance_types=tuple(each.name for each in types),
        machine_type=machine_type(first.name),
        architecture=architecture_of(first.name),
        image=image,
        driver_by=driver,
        capacity=pool.capacity,
        accelerator=pool.accelerator,
        accelerator_type=_accelerator_type(pool.accelerator, first.name) if cloud == "gcp" else None,
        tpu_topology=gke_tpu(first.name).topology if resource == TPU else None,
        gpus_per_node=pool.gpus_per_node,
        mig_instances_per_gpu=devices.mig_instances_per_gpu,
        clients_per_device=devices.clients,
        gpu_resource=devices.resource,
        gpu_devices_per_node=devices.per_node,
        gpu_memory_mib=devices.memory_mib,
        allocatable_cpu=min(each.cpu_millicores for each in room) / 1000,
        allocatable_memory_gib=min(each.memory_mib for each in room) / 1024,
        min_nodes=pool.min_nodes,
        desired_nodes=pool.min_nodes if pool.desired_nodes is None else pool.desired_nodes,
        max_nodes=pool.max_nodes,
        schedules=tuple(pool.schedules),
        placement_group=pool.compact and pool.reservation is None,
        reservation_id=pool.reservation.id if pool.reservation is not None else None,
        labels={
            **pool.labels,
            "modelyard.dev/cluster": cluster,
            "modelyard.dev/pool": pool.name,
            "modelyard.dev/accelerator": pool.accelerator,
            **({"nvidia.com/gpu.present": "true"} if resource == NVIDIA else {}),
            **sharing_labels(pool.sharing, devices.per_node),
            **announcer_labels(pool, cloud=cloud, image=pool.image or DEFAULT_GPU_IMAGE[cloud], driver_by=driver),
        },
        taints=(_taint(pool.accelerator), *((taint.key, taint.value, taint.effect) for taint in pool.taints)),
        cloud_taints=cloud_taints(pool, cloud),
        price_basis=f"{cloud}/{region}/{first.name}/{priced_as}",
        usd_per_hour=_usd_per_hour(first, priced_as, pool.capacity),
        forced_by=_forced_by(pool, types, image, driver),
    )


def _accelerator_type(accelerator: str, machine: str) -> str | None:
    try:
        if accelerators.get(accelerator).resource == TPU:
            return gke_tpu(machine).type
        return gke_accelerator(accelerator, machine).type
    except UnknownName:
        return None


def _usd_per_hour(first: InstanceType, priced_as: str, capacity: Capacity) -> Decimal | None:
    if capacity == "capacity_block":
        return None
    return first.usd_per_hour_spot if priced_as == "spot" else first.usd_per_hour_on_demand


def _forced_by(pool: GpuPool, types: tuple[InstanceType, ...], image: str, driver: str) -> dict[str, str]:
    """On the cloud that forces the most, AKS; the others name what they make anew by themselves."""
    sharing = pool.sharing.model_dump(exclude_none=True) if pool.sharing is not None else {}
    return {
        "instance_types": " ".join(each.name for each in types),
        "image": image,
        "capacity": pool.capacity,
        "zones": " ".join(pool.zones or ()),
        "disk_gib": str(pool.disk_gib),
        "driver": driver,
        "mig": str(sharing.get("mig", "")),
        "reservation": pool.reservation.id if pool.reservation is not None else "",
        "compact": str(pool.compact).lower(),
    }
