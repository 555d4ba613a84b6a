"""What any pool of nodes, with GPUs or without, may not ask of a cloud."""

from __future__ import annotations

import re
from collections.abc import Iterator

from ..environment.cluster import SERVICE
from ..environment.cpu_pool import CpuPool
from ..environment.gpu_pool import GpuPool
from ..environment.target import Cloud
from .finding import Finding
from .node_image import DEFAULT_CPU_IMAGE, DEFAULT_GPU_IMAGE
from .refusal import refusal

BY_PODS = ("karpenter", "auto_mode")
"""Provisioners of EKS that bring nodes when pods ask for them: of a floor, the first."""
AL2023_RELEASE = re.compile(r"(\d+\.\d+)\.\d+-20\d{6}")
"""Kubernetes version and date of the image of a node group of Amazon Linux 2023; Bottlerocket's ends with a hash."""
_AUTO_MODE_HOURS = 504
"""Nodes of EKS Auto Mode live 21 days at most ("Automate cluster infrastructure with EKS Auto Mode")."""
_OWNERS: dict[str, tuple[Cloud, str]] = {
    "karpenter": ("aws", "karpenter-outside-eks"),
    "auto_mode": ("aws", "auto-mode-outside-eks"),
    "compute_class": ("gcp", "compute-class-outside-gke"),
}
_PROVISIONERS: dict[Cloud, str] = {"aws": "managed, karpenter or auto_mode", "gcp": "managed or compute_class"}


def refused_for_nodes(pool: GpuPool | CpuPool, cloud: Cloud) -> Iterator[Finding]:
    """Of its provisioner, its updates, its spot capacity and its schedules."""
    yield from _provisioner(pool, cloud)
    if cloud != "aws" or pool.provisioner != "managed":
        yield from _schedules(pool, cloud)
    yield from _update(pool, cloud)
    yield from _spot(pool, cloud)


def _provisioner(pool: GpuPool | CpuPool, cloud: Cloud) -> Iterator[Finding]:
    own = pool.provisioner
    service = SERVICE[cloud]
    if own in _OWNERS and _OWNERS[own][0] != cloud:
        yield refusal(_OWNERS[own][1], "provisioner", service=service, allowed=_PROVISIONERS.get(cloud, "managed"))
        return
    if pool.eks is not None and (cloud != "aws" or own != "managed"):
        yield refusal("eks-settings-elsewhere", "eks", provisioner=own, service=service)
    yield from _karpenter(pool)
    yield from _node_group(pool)
    if own == "managed":
        return
    if own == "auto_mode" and not pool.repair:
        yield refusal("repair-of-auto-mode", "repair")
    for key in ("min_nodes", "desired_nodes"):
        if getattr(pool, key):
            yield refusal("min-without-node-group", key, nodes=getattr(pool, key), provisioner=own)
    if own == "compute_class" and "update" in pool.model_fields_set:
        yield refusal("update-with-compute-class", "update")
    if own == "compute_class" and pool.spot is not None and pool.spot.on_demand_floor:
        steps, floor = ("spot", "on_demand_floor"), pool.spot.on_demand_floor
        yield refusal("floor-without-node-group", *steps, nodes=floor, provisioner=own)


def _schedules(pool: GpuPool | CpuPool, cloud: Cloud) -> Iterator[Finding]:
    """Pods that stand by keep nodes, and can do no more (:mod:`.pool_standby`)."""
    if pool.schedules and pool.capacity in ("queued", "flex_start"):
        yield refusal("schedules-of-queued", "schedules", capacity=pool.capacity)
        return
    keeper = SERVICE[cloud] if pool.provisioner == "managed" else pool.provisioner
    for position, schedule in enumerate(pool.schedules):
        at, of = ("schedules", position), {"keeper": keeper}
        if schedule.max_nodes != pool.max_nodes:
            yield refusal("schedules-max", *at, "max_nodes", nodes=schedule.max_nodes, most=pool.max_nodes, **of)
        if schedule.desired_nodes != schedule.min_nodes:
            least = schedule.min_nodes
            yield refusal("schedules-desired", *at, "desired_nodes", nodes=schedule.desired_nodes, least=least, **of)
        if schedule.min_nodes < pool.min_nodes:
            yield refusal("schedules-min", *at, "min_nodes", nodes=schedule.min_nodes, least=pool.min_nodes, **of)


def _node_group(pool: GpuPool | CpuPool) -> Iterator[Finding]:
    nodes = pool.eks
    if nodes is None or pool.provisioner != "managed":
        return
    release = nodes.image_release
    image = _image_of_eks(pool)
    if release is not None and bool(AL2023_RELEASE.fullmatch(release)) == image.startswith("bottlerocket"):
        form = "1.50.0-0a1b2c3d" if image.startswith("bottlerocket") else "1.35.2-20260915"
        yield refusal("image-release-of-image", "eks", "image_release", release=repr(release), image=image, form=form)
    for key in ("repair_at_once", "repair_stops_at_percent"):
        if not pool.repair and getattr(nodes, key) is not None:
            yield refusal("repair-settings-without-repair", "eks", key, value=getattr(nodes, key))


def _image_of_eks(pool: GpuPool | CpuPool) -> str:
    return pool.image or (DEFAULT_GPU_IMAGE if isinstance(pool, GpuPool) else DEFAULT_CPU_IMAGE)["aws"]


def _karpenter(pool: GpuPool | CpuPool) -> Iterator[Finding]:
    nodes = pool.karpenter
    if nodes is None:
        return
    if pool.provisioner not in BY_PODS:
        yield refusal("karpenter-settings-elsewhere", "karpenter", provisioner=pool.provisioner)
        return
    release, hours = nodes.image_release, nodes.expire_hours
    if pool.provisioner == "auto_mode":
        if release is not None:
            yield refusal("image-release-of-auto-mode", "karpenter", "image_release", release=release)
        if hours is not None and not 0 < hours <= _AUTO_MODE_HOURS:
            yield refusal("expiry-of-auto-mode", "karpenter", "expire_hours", hours=hours, most=_AUTO_MODE_HOURS)
    elif release is not None:
        image = _image_of_eks(pool)
        of_bottlerocket = image.startswith("bottlerocket")
        if ("." in release) != of_bottlerocket:
            form = "v1.50.0" if of_bottlerocket else "v20260915"
            yield refusal(
                "image-release-of-image", "karpenter", "image_release", release=repr(release), image=image, form=form
            )


def _update(pool: GpuPool | CpuPool, cloud: Cloud) -> Iterator[Finding]:
    update = pool.update
    if cloud == "aws":
        if update.max_surge is not None:
            yield refusal("surge-on-eks", "update", "max_surge", nodes=update.max_surge)
        if update.soak_minutes is not None:
            yield refusal("soak-on-eks", "update", "soak_minutes", minutes=update.soak_minutes)
        if update.drain_timeout_minutes is not None and pool.provisioner == "managed":
            yield refusal(
                "drain-timeout-on-eks", "update", "drain_timeout_minutes", minutes=update.drain_timeout_minutes
            )
    if cloud == "gcp":
        if update.max_unavailable_percentage is not None:
            percent = update.max_unavailable_percentage
            yield refusal("percentage-on-gke", "update", "max_unavailable_percentage", percent=percent)
        if update.soak_minutes is not None and update.strategy == "rolling":
            yield refusal("soak-without-blue-green", "update", "soak_minutes", minutes=update.soak_minutes)
    elif update.strategy == "blue_green":
        yield refusal("blue-green-outside-gke", "update", "strategy", service=SERVICE[cloud])


def _spot(pool: GpuPool | CpuPool, cloud: Cloud) -> Iterator[Finding]:
    if cloud == "azure":
        yield from _surge_of_aks(pool)
        counted = ("max_surge", "max_unavailable", "max_unavailable_percentage")
        keys = [key for key in counted if getattr(pool.update, key) is not None]
        floor = pool.spot is not None and pool.spot.on_demand_floor
        if pool.capacity == "spot" and "update" in pool.model_fields_set and keys and not floor:
            yield refusal("update-of-spot-on-aks", "update", keys=" and ".join(keys))
        return
    if pool.spot is not None and pool.spot.eviction is not None:
        yield refusal("eviction-outside-aks", "spot", "eviction", value=pool.spot.eviction, service=SERVICE[cloud])
    if pool.spot is not None and pool.spot.max_usd_per_hour is not None:
        price = f"{pool.spot.max_usd_per_hour:g}"
        yield refusal("max-price-outside-aks", "spot", "max_usd_per_hour", value=price, service=SERVICE[cloud])


def _surge_of_aks(pool: GpuPool | CpuPool) -> Iterator[Finding]:
    surge = pool.update.max_surge
    if not surge or (pool.capacity == "spot" and not (pool.spot and pool.spot.on_demand_floor)):
        return
    for key in ("max_unavailable", "max_unavailable_percentage"):
        if getattr(pool.update, key):
            yield refusal("surge-beside-unavailable-on-aks", "update", "max_surge", surge=surge, key=key)
