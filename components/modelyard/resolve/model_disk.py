"""How much of a node's disk the pods of a model write, and whether the disks of its nodes have it.

Pods ask for no ephemeral storage (a node group of no nodes would never be given its first one), so that the scheduler
does not look: a pod too many is evicted while it copies. Kubernetes keeps 15 % of the disk that holds images free
("Node-pressure Eviction", default hard eviction thresholds).
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from math import ceil

from ..catalog.instance_shapes import InstanceShape, shape
from ..environment.cluster import Cluster
from ..environment.gpu_pool import GpuPool
from ..environment.model import Model
from ..environment.target import Cloud
from ..sizing.cold_start import image_size_gb
from .finding import Finding
from .resolved import ResolvedModel
from .resolved_pool import ResolvedGpuPool
from .weights import decided_weights, on_local_ssd, size_bytes

_BYTES_PER_GIB = 1024**3
_GIB_PER_GB = 1000**3 / _BYTES_PER_GIB
_VOLUME = 1.1
"""Of the files: the limit of the volume that they are copied to."""
_USABLE = 0.85
_GOOGLE_GIB = 375
"""Of each disk in a machine of Google Cloud ("About Local SSD disks")."""
_SELDON_VOLUME_GIB = 1
"""Of the claims of Seldon Core 2.9's own ServerConfigs (``operator/config/serverconfigs``)."""


@dataclass(frozen=True, slots=True)
class Disk:
    """Of every node that a model may run on."""

    named: str
    """``pool 'l4'``"""
    gib: int
    remedy: str
    """What else gives room, after a comma; empty: nothing."""
    in_machine: bool = False
    """Whether it is what the machine's own disks hold together, and not ``disk_gib``."""
    pods: int = 1
    """Of the model that one node takes by its GPUs."""


@dataclass(frozen=True, slots=True)
class Written:
    """What pods of a model on one cluster write to their nodes."""

    model: str
    cluster: str
    files_gib: float
    gib: float
    """Of each pod, more than 0."""
    image_gib: float
    """Of the server, once a node; 0 where nobody knows."""
    most_pods: int
    could_stream: bool


def written_by(model: ResolvedModel, cloud: Cloud) -> Written | None:
    """None where pods write nothing, or nobody knows how much. On GKE every pod has a cache of its own; on EKS pods of
    one node share it."""
    declared, size = model.declared, size_bytes(model)
    if size is None:
        return None
    gib = size / _BYTES_PER_GIB * copies(declared)
    if cloud == "gcp":
        gib += decided_weights(model, cloud).cache_gib or 0
    if not gib:
        return None
    image_gb = image_size_gb(declared.server, model.release or None) or 0
    return Written(
        model=declared.name,
        cluster=model.cluster,
        files_gib=size / _BYTES_PER_GIB,
        gib=gib,
        image_gib=image_gb * _GIB_PER_GB,
        most_pods=model.max_replicas,
        could_stream=declared.could_stream,
    )


def copies(declared: Model) -> float:
    """How many times a pod writes the model's files: its copy, and what TorchServe unpacks of its archives. 0 where
    others write, as KServe's cache of models and Seldon's Servers, on volumes of their own."""
    cached = declared.kserve is not None and declared.kserve.model_cache is not None
    if declared.seldon is not None or declared.is_managed:
        return 0
    copied = _VOLUME if declared.weights.are_copied and not cached else 0
    return copied + (declared.server == "torchserve")


def disks_of(model: ResolvedModel, cluster: Cluster) -> list[Disk]:
    """Those of the pools that it names, or of the nodes for models of no pool; none whose size nobody knows."""
    pools = [pool for pool in (model.pool, model.overflow_pool) if pool is not None]
    gpus = max(model.declared.resources.gpus, 1)
    disks = [_disk(pool, cluster.cloud, pool.gpu_devices_per_node // gpus) for pool in pools]
    if model.cpu_pool is not None:
        disks.append(Disk(f"pool {model.cpu_pool.declared.name!r}", model.cpu_pool.declared.disk_gib, ""))
    elif not pools and cluster.existing is None:
        disks.append(Disk("the system nodes", cluster.system_nodes.disk_gib, ""))
    return [disk for disk in disks if disk is not None]


def unheld_model(written: Written, disks: Iterable[Disk]) -> Iterator[Finding]:
    """Disks that do not take what a single pod writes."""
    for disk in disks:
        if not _held(written, disk):
            yield Finding(
                ("source",),
                f"has {written.files_gib:.0f} GiB of files, of which a pod writes {ceil(written.gib)} GiB to its node, "
                f"and {_told(disk)} of {disk.named} of cluster {written.cluster!r} is {disk.gib}: it holds the "
                f"server's image too, and Kubernetes keeps 15 % of it free; {_remedy(written, disk, 1)}",
            )


def disk_notices(written: Written, disks: Iterable[Disk]) -> Iterator[str]:
    """Disks that take fewer pods of the model than their machines' GPUs do."""
    for disk in disks:
        pods, held = min(disk.pods, written.most_pods), _held(written, disk)
        if 1 <= held < pods:
            yield (
                f"nodes of {disk.named} of cluster {written.cluster!r} have GPUs for {disk.pods} pods of model "
                f"{written.model!r} and disk for {held}: each writes {ceil(written.gib)} GiB, {_told(disk)} is "
                f"{disk.gib}, and the scheduler does not look, so that one more is evicted while it starts; "
                f"{_remedy(written, disk, pods)}"
            )


def seldon_volume(model: Model, size_bytes: int | None) -> str | None:
    """What is to be known of the volume that Seldon's agent copies a model to, first with rclone and then to where its
    server reads (``scheduler/pkg/agent/repository/model_repository.go`` of 2.9); None where it is large enough."""
    if model.seldon is None or model.seldon.shared_server is not None or model.seldon.server_config is not None:
        return None
    gib = 0 if size_bytes is None else 2 * size_bytes / _BYTES_PER_GIB
    if gib <= _SELDON_VOLUME_GIB:
        return None
    return (
        f"takes {ceil(gib)} GiB of its Server's volume while Seldon copies it, and ServerConfig {model.server!r} of "
        f"Seldon's repository gives {_SELDON_VOLUME_GIB} GiB; name one with room in seldon: {{server_config: ...}}"
    )


def _disk(pool: ResolvedGpuPool, cloud: Cloud, pods: int) -> Disk | None:
    """On AKS the system's disk lies on the machine's and is as large as ``disk_gib`` says."""
    named, declared = f"pool {pool.declared.name!r}", pool.declared
    if cloud == "azure" or not on_local_ssd(declared):
        ssd = "" if on_local_ssd(declared) or cloud == "azure" else ", give the pool local_ssd: {use: ephemeral}"
        return Disk(named, declared.disk_gib, ssd, pods=pods)
    known = [_in_machine(shape(cloud, each), declared) for each in pool.instance_types]
    least = min((each or 0 for each in known), default=0)
    return Disk(named, least, "", in_machine=True, pods=pods) if least else None


def _in_machine(machine: InstanceShape | None, pool: GpuPool) -> int | None:
    """GiB of all disks of a machine; None where nobody knows."""
    if machine is None:
        return None
    count = machine.local_ssd_count if pool.local_ssd is None else pool.local_ssd.count or machine.local_ssd_count
    return count * _GOOGLE_GIB if machine.cloud == "gcp" and count else machine.local_ssd_gib


def _told(disk: Disk) -> str:
    return "what the machine's own disks hold" if disk.in_machine else "disk_gib"


def _remedy(written: Written, disk: Disk, pods: int) -> str:
    wanted = ceil((written.gib * pods + written.image_gib) / _USABLE)
    larger = f"name instance_types whose disks hold {wanted} GiB" if disk.in_machine else f"raise disk_gib to {wanted}"
    return f"{larger}{disk.remedy}{', or write weights: {by: stream}' if written.could_stream else ''}"


def _held(written: Written, disk: Disk) -> int:
    """Pods that the disk takes."""
    return int(max(disk.gib * _USABLE - written.image_gib, 0) // written.gib)
