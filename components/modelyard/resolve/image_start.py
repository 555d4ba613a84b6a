"""How images come to the nodes of a pool: what its cloud refuses, and what a node needs for it."""

from __future__ import annotations

import re
from collections.abc import Iterator

from ..environment.cluster import SERVICE
from ..environment.gpu_pool import GpuPool
from ..environment.image_start import ImageStart
from ..environment.target import Cloud
from .finding import Finding
from .names import REGISTRY_PREFIX
from .node_image import DEFAULT_GPU_IMAGE
from .refusal import refusal

_PARALLEL_MIB_PER_SECOND = 600
"""nodeadm's documentation, "Enabling fast image pull": below that an image may come later than by an ordinary pull."""
_GP3_IOPS, _IOPS_PER_MIB = 3000, 4
"""Amazon EBS user guide, "General Purpose SSD volumes": 3,000 IOPS, and at most 0.25 MiB/s for each."""
_SNAPSHOT = re.compile(r"snap-[0-9a-f]{8,17}")
_DISK_IMAGE = re.compile(r"projects/[a-z][a-z0-9-]{4,28}[a-z0-9]/global/images/[a-z]([a-z0-9-]{0,61}[a-z0-9])?")
_ALLOWED: dict[Cloud, str] = {
    "aws": "pull, parallel_pull, or preloaded on Bottlerocket",
    "gcp": "pull, streaming or preloaded",
    "azure": "pull",
}


def pulls_in_parallel(pool: GpuPool) -> bool:
    return pool.image_start is not None and pool.image_start.by == "parallel_pull"


def volume_mib_per_second(pool: GpuPool) -> int | None:
    """Throughput of the volume that images lie on, on EKS; None: what any volume has."""
    start = pool.image_start
    if start is None or start.by != "parallel_pull":
        return None
    if start.volume_mib_per_second is not None:
        return start.volume_mib_per_second
    return None if _on_local_ssd(pool) else _PARALLEL_MIB_PER_SECOND


def volume_iops(mib_per_second: int) -> int | None:
    """Operations that a gp3 volume of this throughput needs, a quarter of a MiB each; None: not more than any has."""
    needed = mib_per_second * _IOPS_PER_MIB
    return needed if needed > _GP3_IOPS else None


def preloaded_disk(pool: GpuPool) -> str | None:
    """What the disk with images is made of."""
    return None if pool.image_start is None else pool.image_start.disk


def refused_image_start(pool: GpuPool, cloud: Cloud) -> Iterator[Finding]:
    """What the cloud, the provisioner or the machine image cannot do."""
    start = pool.image_start
    if start is None:
        return
    steps = ("image_start", "by")
    if start.by == "streaming" and cloud == "azure":
        yield refusal("streaming-on-aks", *steps)
    elif not _is_of(start, cloud):
        yield refusal(
            "image-start-of-other-cloud", *steps, by=start.by, service=SERVICE[cloud], allowed=_ALLOWED[cloud]
        )
    elif pool.provisioner == "auto_mode":
        yield refusal("image-start-with-auto-mode", *steps, by=start.by)
    elif pool.provisioner == "compute_class" and start.by != "preloaded":
        yield refusal("image-start-with-compute-class", *steps, by=start.by)
    elif start.by == "preloaded":
        yield from _refused_disk(pool, start, cloud)


def image_start_notices(pool: GpuPool, cluster: str, image: str | None) -> Iterator[str]:
    """What a reader of the plan should know of a model's image on a pool."""
    start = pool.image_start
    if start is None or image is None:
        return
    outside = not image.startswith(REGISTRY_PREFIX)
    if start.by == "streaming" and outside:
        yield (
            f"pool {pool.name!r} of cluster {cluster!r} streams images of Artifact Registry alone, and pulls "
            f"{image.partition('@')[0]}, which models run there; have it in the image registry, and name it in image"
        )
    if start.by == "preloaded":
        yield (
            f"nodes of pool {pool.name!r} of cluster {cluster!r} start with what is on {start.disk}: nobody has looked "
            "whether the images of its models are there, and a new release of one needs a new disk"
        )


def _is_of(start: ImageStart, cloud: Cloud) -> bool:
    return start.by in {"aws": ("pull", "parallel_pull", "preloaded"), "gcp": ("pull", "streaming", "preloaded")}.get(
        cloud, ("pull",)
    )


def _refused_disk(pool: GpuPool, start: ImageStart, cloud: Cloud) -> Iterator[Finding]:
    image, disk = pool.image or DEFAULT_GPU_IMAGE[cloud], start.disk or ""
    if cloud == "gcp":
        if not _DISK_IMAGE.fullmatch(disk):
            yield refusal("preloaded-disk-of-gke", "image_start", "disk", disk=repr(disk))
        return
    if not image.startswith("bottlerocket"):
        yield refusal("preloaded-without-data-volume", "image_start", "by", image=image)
    elif _on_local_ssd(pool):
        yield refusal("preloaded-with-local-ssd", "image_start", "by")
    if not _SNAPSHOT.fullmatch(disk):
        yield refusal("preloaded-disk-of-eks", "image_start", "disk", disk=repr(disk))


def _on_local_ssd(pool: GpuPool) -> bool:
    return pool.local_ssd is not None and pool.local_ssd.use == "ephemeral"
