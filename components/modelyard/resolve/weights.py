"""How a model's files come to its pods on one cluster: what its cloud's file driver can do, and how much it keeps."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from ..environment.cluster import SERVICE, Cluster, ExistingKubeconfig
from ..environment.cpu_pool import CpuPool
from ..environment.gpu_pool import GpuPool
from ..environment.model import Model
from ..environment.target import Cloud
from ..environment.weights import Weights, rounded_gib
from .finding import Finding
from .notices import Notices
from .placed_model import PlacedModel
from .resolved import ResolvedModel

DRIVERS: dict[Cloud, str] = {
    "aws": "Mountpoint for Amazon S3",
    "gcp": "Cloud Storage FUSE",
    "azure": "BlobFuse",
}


def decided_weights(model: ResolvedModel, cloud: Cloud) -> Weights:
    """As declared, with the size of the cache: of the whole model with node_cache, and on local SSD that takes what
    pods write."""
    declared, size = model.declared.weights, size_bytes(model)
    if declared.are_copied or declared.cache_gib is not None or size is None:
        return declared
    pool = None if model.pool is None else model.pool.declared
    fast = cloud != "azure" and pool is not None and on_local_ssd(pool)
    if declared.by != "node_cache" and not fast:
        return declared
    return declared.model_copy(update={"cache_gib": rounded_gib(size)})


def size_bytes(model: ResolvedModel) -> int | None:
    """Of the files that one version's pods read; None where they are somebody else's."""
    return None if model.url is not None else sum(file.size for file in model.stable.files)


def streams(model: Model, cluster: Cluster) -> bool:
    """Whether a cluster that we make needs its cloud's file driver for this model."""
    return cluster.existing is None and not model.weights.are_copied


def could_stream(model: Model, cluster: Cluster) -> bool:
    """Whether pods that copy could read through the cluster's file driver."""
    return model.could_stream and not isinstance(cluster.existing, ExistingKubeconfig)


def unfit_weights(model: Model, cluster: Cluster) -> Iterator[Finding]:
    """What the driver of a cluster cannot do of what is declared."""
    weights = model.weights
    if weights.are_copied:
        return
    if isinstance(cluster.existing, ExistingKubeconfig):
        yield Finding(
            ("weights", "by"),
            f"{weights.by} reads by the file driver and the identities of a cloud, and cluster {cluster.name!r} is "
            "known by its kubeconfig alone; write copy, or keep the model off it in clusters",
        )
        return
    if weights.by == "node_cache" and cluster.cloud != "aws":
        instead = "stream" if model.kserve is None else "stream, or delete it and name kserve: {model_cache: ...}"
        yield Finding(
            ("weights", "by"),
            f"node_cache is for EKS: on {SERVICE[cluster.cloud]} every pod reads through a {DRIVERS[cluster.cloud]} of "
            f"its own, which keeps nothing for the next (cluster {cluster.name!r}); write {instead}",
        )
    if weights.cache_gib and cluster.cloud == "azure":
        yield Finding(
            ("weights", "cache_gib"),
            f"{weights.cache_gib} is for EKS and GKE: on AKS every pod reads through a BlobFuse of its own, whose "
            f"files no other may share (cluster {cluster.name!r}); delete it",
        )
    yield from _pool_findings(model, cluster)


def _pool_findings(model: Model, cluster: Cluster) -> Iterator[Finding]:
    weights = model.weights
    if weights.by == "node_cache" and model.resources.gpus == 0 and model.pool is None:
        yield Finding(
            ("weights", "by"),
            "node_cache reads on the nodes of a pool, and the model may run on any node without GPUs; name a CPU pool "
            "in pool, or write stream",
        )
    pools: list[GpuPool | CpuPool] = [*cluster.gpu_pools, *cluster.cpu_pools]
    for pool in pools:
        if pool.name in (model.pool, model.overflow_pool):
            yield from overfull_cache(model, pool)
    if weights.by == "node_cache" and weights.cache_gib is None and model.source.startswith("s3://"):
        yield Finding(
            ("weights", "cache_gib"),
            f"is missing, and nobody knows how large {model.source} is; write how many GiB node_cache keeps",
        )


def overfull_cache(model: Model, pool: GpuPool | CpuPool) -> Iterator[Finding]:
    """A cache that leaves a pool's disk too little for what else lies there."""
    size = model.weights.cache_gib
    if size and not on_local_ssd(pool) and size * 2 > pool.disk_gib:
        yield Finding(
            ("weights", "cache_gib"),
            f"{size} is more than half of disk_gib {pool.disk_gib} of pool {pool.name!r}, which images and logs need "
            "too; raise disk_gib, give the pool local_ssd: {use: ephemeral}, or lower it",
        )


def unkept_model(weights: Weights, size_bytes: int | None, pools: Iterable[GpuPool | CpuPool]) -> Iterator[Finding]:
    """Disks of pools that have too little room to keep all of a model, where nobody said how much to keep."""
    if weights.by != "node_cache" or weights.cache_gib is not None or size_bytes is None:
        return
    kept = rounded_gib(size_bytes)
    for pool in pools:
        if not on_local_ssd(pool) and kept * 2 > pool.disk_gib:
            yield Finding(
                ("weights", "by"),
                f"node_cache keeps {kept} GiB of the model, more than half of disk_gib {pool.disk_gib} of pool "
                f"{pool.name!r}, which images and logs need too; raise disk_gib, give the pool local_ssd: "
                "{use: ephemeral}, or write stream",
            )


def add_weights_notices(notices: Notices, placed: PlacedModel) -> None:
    """What a reader of the plan should know of weights that are streamed."""
    if placed.model.weights.are_copied:
        return
    told = "by a file driver, which compares no checksums as a copy does: the store's versions and locks guard them"
    notices.add_model(placed.model.name, f"is read {told}", f"are read {told}")
    cluster = placed.cluster.declared
    if cluster.existing is not None:
        driver = DRIVERS[cluster.cloud]
        notices.add(
            f"cluster {cluster.name!r} is somebody else's, and models there read their weights through the CSI driver "
            f"of {driver}; see that it is installed"
        )
    if placed.source.url is not None:
        seen = "config.pbtxt and the version folders" if placed.model.server == "triton" else "the version folders"
        one = f"of the S3 folder, pods see {seen} that are served, and nothing beside them"
        notices.add_model(placed.model.name, f"is streamed: {one}", f"are streamed: {one}")


def on_local_ssd(pool: GpuPool | CpuPool) -> bool:
    """Whether what pods write lies on disks in the machine."""
    ssd = pool.local_ssd if isinstance(pool, GpuPool) else None
    return ssd is not None and ssd.use == "ephemeral"
