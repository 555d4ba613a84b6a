"""What a GPU pool may not ask of how its machines are bought and placed."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator

from ..catalog import InstanceType, accelerators
from ..catalog.instance_shapes import shapes
from ..environment.cluster import SERVICE
from ..environment.device import TPU
from ..environment.gpu_pool import GpuPool
from ..environment.patterns import IN_AZURE_GROUP
from ..environment.target import Cloud
from .finding import Finding
from .refusal import refusal

_BLOCK_FAMILIES = ("p4d", "p4de", "p5", "p5e", "p5en", "p6-b200", "p6-b300", "trn1", "trn2")
"""Sold in capacity blocks ("Capacity Blocks for ML", Amazon EC2 user guide, supported instance types)."""
_RESERVATIONS: dict[Cloud, tuple[str, str]] = {
    "aws": (
        "reservation-id-of-eks",
        r"cr-[0-9a-f]{8,17}|arn:aws[a-z-]*:resource-groups:[a-z0-9-]+:\d{12}:group/[\w.-]+",
    ),
    "gcp": ("reservation-id-of-gke", r"(projects/[a-z0-9:.-]+/reservations/)?[a-z]([a-z0-9-]{0,61}[a-z0-9])?"),
    "azure": (
        "reservation-id-of-aks",
        rf"{IN_AZURE_GROUP}[Mm]icrosoft\.[Cc]ompute/capacity[Rr]eservation[Gg]roups/[\w.-]+",
    ),
}
_FABRICS: dict[Cloud, str] = {
    "aws": "fabric-without-efa",
    "gcp": "fabric-without-gpudirect",
    "azure": "fabric-without-infiniband",
}
_NAMED = 4
_PARTS_OF_A3 = ("a3-highgpu-1g", "a3-highgpu-2g", "a3-highgpu-4g")


def refused_capacity(
    pool: GpuPool, cloud: Cloud, types: tuple[InstanceType, ...], zones: tuple[str, ...]
) -> Iterator[Finding]:
    """Of capacity blocks, reservations, queues, placement and the network for GPUs."""
    yield from _capacity_block(pool, cloud, types, zones)
    yield from _reservation(pool, cloud)
    yield from _flex_start(pool, cloud)
    yield from _part_of_a3(pool, cloud, types)
    yield from _compact(pool, cloud, types, zones)
    yield from _fabric(pool, cloud, types)
    yield from _local_ssd(pool, cloud, types)


def _capacity_block(
    pool: GpuPool, cloud: Cloud, types: tuple[InstanceType, ...], zones: tuple[str, ...]
) -> Iterator[Finding]:
    if pool.capacity != "capacity_block":
        return
    if cloud != "aws":
        allowed = "reservation, flex_start or queued" if cloud == "gcp" else "reservation"
        yield refusal("capacity-block-outside-eks", "capacity", service=SERVICE[cloud], allowed=allowed)
        return
    if len(pool.instance_types) > 1:
        named = ", ".join(pool.instance_types)
        yield refusal("capacity-block-several-types", "instance_types", types=named)
    for each in types[:1]:
        if each.name.partition(".")[0] not in _BLOCK_FAMILIES:
            families = ", ".join(_BLOCK_FAMILIES)
            yield refusal("capacity-block-type", "instance_types", type=each.name, families=families)
    usable = tuple(pool.zones or zones)
    if len(usable) > 1:
        yield refusal("capacity-block-zones", "zones", zones=", ".join(usable))
    for key in ("min_nodes", "desired_nodes"):
        if getattr(pool, key):
            yield refusal("capacity-block-min", key, nodes=getattr(pool, key))


def _reservation(pool: GpuPool, cloud: Cloud) -> Iterator[Finding]:
    if pool.reservation is None:
        return
    rule, pattern = _RESERVATIONS[cloud]
    block = pool.capacity == "capacity_block" and cloud == "aws"
    by_id = block or (cloud == "aws" and pool.provisioner != "managed")
    if by_id:
        pattern = pattern.partition("|")[0]
    if not re.fullmatch(pattern, pool.reservation.id):
        group = "" if by_id else ", or the ARN of a resource group of them"
        yield refusal(rule, "reservation", "id", id=repr(pool.reservation.id), group=group)
    if pool.reservation.affinity == "any":
        if cloud == "azure":
            yield refusal("reservation-affinity-on-aks", "reservation", "affinity")
        elif block:
            yield refusal("capacity-block-affinity", "reservation", "affinity")


def _flex_start(pool: GpuPool, cloud: Cloud) -> Iterator[Finding]:
    if pool.capacity not in ("flex_start", "queued"):
        return
    if cloud != "gcp":
        allowed = (
            "on_demand, spot, reservation or capacity_block" if cloud == "aws" else "on_demand, spot or reservation"
        )
        values = {"capacity": pool.capacity, "service": SERVICE[cloud], "allowed": allowed}
        yield refusal("flex-start-outside-gke", "capacity", **values)
        return
    for key in ("min_nodes", "desired_nodes"):
        if getattr(pool, key) and pool.provisioner == "managed":
            yield refusal("flex-start-min", key, nodes=getattr(pool, key), capacity=pool.capacity)
    if pool.capacity == "queued" and pool.provisioner == "compute_class":
        yield refusal("queued-with-compute-class", "capacity")
    if pool.capacity == "queued" and accelerators.get(pool.accelerator).resource == TPU:
        yield refusal("queued-with-tpu", "capacity", accelerator=pool.accelerator)
    if pool.capacity == "queued" and pool.flex_start is not None:
        yield refusal("queued-run-time", "flex_start")
    if pool.capacity == "queued" and "max_nodes" not in pool.model_fields_set:
        yield refusal("queued-max", "max_nodes")
    if pool.update.max_surge and pool.provisioner == "managed":
        yield refusal("flex-start-surge", "update", "max_surge", nodes=pool.update.max_surge, capacity=pool.capacity)
    if pool.update.strategy == "blue_green":
        yield refusal("flex-start-blue-green", "update", "strategy", capacity=pool.capacity)


def _part_of_a3(pool: GpuPool, cloud: Cloud, types: tuple[InstanceType, ...]) -> Iterator[Finding]:
    has_floor = pool.spot is not None and pool.spot.on_demand_floor > 0
    if cloud != "gcp" or (pool.capacity in ("spot", "flex_start", "queued") and not has_floor):
        return
    for each in types:
        if each.name in _PARTS_OF_A3:
            steps = ("spot", "on_demand_floor") if has_floor else ("capacity",)
            yield refusal("part-of-a3", *steps, type=each.name)
            return


def _compact(pool: GpuPool, cloud: Cloud, types: tuple[InstanceType, ...], zones: tuple[str, ...]) -> Iterator[Finding]:
    if not pool.compact or pool.reservation is not None:
        return
    if pool.provisioner not in ("managed", "karpenter"):
        yield refusal("compact-without-node-group", "compact", provisioner=pool.provisioner)
        return
    if accelerators.get(pool.accelerator).resource == TPU:
        yield refusal("compact-of-tpu", "compact", accelerator=pool.accelerator)
        return
    usable = tuple(pool.zones or zones)
    if len(usable) > 1:
        yield refusal("compact-several-zones", "compact", zones=", ".join(usable))
    elif not usable and cloud == "gcp":
        yield refusal("compact-without-zone", "compact")
    for each in types[:1]:
        if cloud == "gcp" and each.name.startswith("n1-"):
            nearest = _types_that(cloud, pool, lambda name: not name.startswith("n1-"))
            yield refusal("compact-type-of-gke", "compact", type=each.name, nearest=nearest)


def _fabric(pool: GpuPool, cloud: Cloud, types: tuple[InstanceType, ...]) -> Iterator[Finding]:
    if not pool.fabric:
        return
    if cloud == "aws" and len(pool.instance_types) > 1:
        yield refusal("fabric-several-types", "fabric", types=", ".join(pool.instance_types))
        return
    for each in types:
        shape = each.shape
        if shape is None or shape.fabric is None:
            with_fabric = {name for (of, name), known in shapes().items() if of == cloud and known.fabric}
            nearest = _types_that(cloud, pool, with_fabric.__contains__)
            yield refusal(_FABRICS[cloud], "fabric", type=each.name, nearest=nearest)
            return


def _local_ssd(pool: GpuPool, cloud: Cloud, types: tuple[InstanceType, ...]) -> Iterator[Finding]:
    if pool.local_ssd is None:
        return
    count = pool.local_ssd.count
    if pool.local_ssd.use == "block" and pool.provisioner == "compute_class" and cloud == "gcp":
        yield refusal("local-ssd-block-with-compute-class", "local_ssd", "use")
    if pool.local_ssd.use == "block" and pool.provisioner == "auto_mode" and cloud == "aws":
        yield refusal("local-ssd-block-with-auto-mode", "local_ssd", "use")
    if cloud != "gcp" and count is not None:
        yield refusal("local-ssd-count-outside-gke", "local_ssd", "count", count=count, service=SERVICE[cloud])
    for each in types:
        shape = each.shape
        if shape is None:
            continue
        if cloud == "azure" and pool.local_ssd.use == "ephemeral":
            if shape.temp_disk_gib is not None and shape.temp_disk_gib < pool.disk_gib:
                sizes = {"temp": shape.temp_disk_gib, "disk": pool.disk_gib}
                yield refusal("temporary-disk-of-aks", "local_ssd", "use", type=each.name, **sizes)
            continue
        if not shape.has_local_ssd:
            having = {name for (of, name), known in shapes().items() if of == cloud and known.has_local_ssd}
            nearest = _types_that(cloud, pool, having.__contains__)
            yield refusal("local-ssd-without", "local_ssd", type=each.name, nearest=nearest)
            return
        if cloud == "gcp" and shape.local_ssd_choices and count not in shape.local_ssd_choices:
            allowed = f"takes {_or([str(choice) for choice in shape.local_ssd_choices])}"
            yield refusal("local-ssd-count", "local_ssd", "count", count=_shown(count), type=each.name, allowed=allowed)
        elif cloud == "gcp" and not shape.local_ssd_choices and count not in (None, shape.local_ssd_count):
            allowed = f"has {shape.local_ssd_count}; delete count"
            yield refusal("local-ssd-count", "local_ssd", "count", count=count, type=each.name, allowed=allowed)


def _types_that(cloud: Cloud, pool: GpuPool, fits: Callable[[str], bool]) -> str:
    """The machines with the pool's accelerator that could, those with as many of it first."""
    able = sorted(
        (
            (known.accelerator_count != pool.gpus_per_node, known.accelerator_count, name)
            for (of, name), known in shapes().items()
            if of == cloud and known.accelerator == pool.accelerator and fits(name)
        ),
    )
    if not able:
        return f"no machine with {pool.accelerator} does: delete it, or take another accelerator"
    return f"machines with {pool.accelerator} that do: {', '.join(name for _, _, name in able[:_NAMED])}"


def _or(names: list[str]) -> str:
    return names[0] if len(names) == 1 else f"{', '.join(names[:-1])} or {names[-1]}"


def _shown(count: int | None) -> str:
    return "missing" if count is None else str(count)
