"""Where a model runs: the pool of its guaranteed replicas and the one beyond, on each cluster."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from decimal import Decimal

from ..catalog import UnknownInstanceType, allocatable, instance
from ..environment.device import NAMED, NEURON_CORE, NVIDIA
from ..environment.known_name import unknown
from ..environment.model import Model, ServerResources
from .finding import Finding
from .image import ServerImage, misfit
from .resolved import ResolvedCluster, ResolvedGpuPool
from .served_accelerator import two_devices, unserved


def decide_pools(
    model: Model, cluster: ResolvedCluster, image: ServerImage | None
) -> tuple[ResolvedGpuPool | None, ResolvedGpuPool | None] | list[Finding]:
    """The pool and the overflow pool on one cluster; None for a model without GPUs, or without an overflow pool.

    An empty list where a pool of the cluster itself is wrong: nothing more can be said of the model then.
    ``image`` is None when it could not be decided, or is the user's own: then nobody knows what it runs on.
    """
    if not model.has_own_pods:
        return None, None
    if model.resources.gpus == 0:
        return _without_gpus(model, cluster)
    undecided = len(cluster.gpu_pools) < len(cluster.declared.gpu_pools)
    missing = [
        Finding((key,), _no_gpu_pool(name, cluster))
        for key, name in (("pool", model.pool), ("overflow_pool", model.overflow_pool))
        if name and cluster.pool(name) is None
    ]
    if missing or (undecided and model.pool is None):
        declared = {pool.name for pool in cluster.declared.gpu_pools}
        return [finding for finding in missing if getattr(model, str(finding.steps[0])) not in declared]
    release = image.release if image and image.image and model.image is None else None
    pool = cluster.pool(model.pool) if model.pool else _cheapest(model, cluster)
    if pool is None:
        return [_no_pool(model, cluster)]
    unfit = list(unserved(model, "pool", pool))
    findings = [*_foreign(model, "pool", pool), *unfit, *misfits(model.resources, pool, cluster.gpu_pools)]
    if release and (reason := misfit(release, pool)):
        findings.append(Finding(("pool",), reason))
    overflow = cluster.pool(model.overflow_pool) if model.overflow_pool else None
    if overflow is not None:
        findings += [
            *_foreign(model, "overflow_pool", overflow),
            *(each for each in unserved(model, "overflow_pool", overflow) if each not in unfit),
            *two_devices(pool, overflow),
            *_two_classes(pool, overflow),
            *_two_ways(pool, overflow),
        ]
        beyond = misfits(model.resources, overflow, cluster.gpu_pools)
        findings += [
            Finding(("overflow_pool",), message)
            for steps, message in beyond
            if steps not in {f.steps for f in findings}
        ]
        if release and (reason := misfit(release, overflow)):
            findings.append(Finding(("overflow_pool",), reason))
        if model.format == "tensorrt" and overflow.accelerator != pool.accelerator:
            findings.append(
                Finding(
                    ("overflow_pool",),
                    f"{overflow.declared.name!r} has {overflow.accelerator} and {pool.declared.name!r} has "
                    f"{pool.accelerator}; a TensorRT plan runs only on the kind of GPU that it was built for",
                )
            )
    return findings or (pool, overflow)


def _two_classes(pool: ResolvedGpuPool, overflow: ResolvedGpuPool) -> Iterator[Finding]:
    """A pod asks for one ComputeClass, or for none."""
    for each in (pool, overflow):
        if each.declared.provisioner == "compute_class":
            message = (
                f"{each.declared.name!r} is a ComputeClass of GKE, which pods ask for alone; delete overflow_pool, and "
                "name further machines in instance_types of the class"
            )
            yield Finding(("overflow_pool",), message)
            return


def _no_gpu_pool(name: str, cluster: ResolvedCluster) -> str:
    if cluster.cpu_pool(name) is not None:
        return f"{name!r} is a CPU pool and the model asks for GPUs; name a GPU pool, or set resources.gpus to 0"
    return unknown(f"a GPU pool of cluster {cluster.declared.name!r}", name, _pool_names(cluster))


def _foreign(model: Model, key: str, pool: ResolvedGpuPool) -> list[Finding]:
    if pool.declared.dra and (whose := _without_claims(model)) is not None:
        message = (
            f"{pool.declared.name!r} hands out its GPUs by claims (dra), and {whose}, which ask for nvidia.com/gpu; "
            "name a pool without dra"
        )
        return [Finding((key,), message)]
    if pool.declared.dra and not any(_always_some(group) for group in pool.node_groups):
        message = (
            f"{pool.declared.name!r} hands out its GPUs by claims (dra) and may have no node, and the node autoscaler "
            "brings none to an empty pool for a claim; write min_nodes: 1 or more there"
        )
        return [Finding((key,), message)]
    if _needs_host(pool):
        message = (
            f"{pool.declared.name!r} shares its GPUs by MPS, for which pods on GKE need the node's IPC, and a "
            "department's namespace refuses that; name a pool with time_slicing, or one that is not shared"
        )
        return [Finding((key,), message)]
    return []


def _without_claims(model: Model) -> str | None:
    """Whose pods cannot claim, as a part of a sentence; None where they can.

    Follows the definition of Seldon's Server, whose podSpec has no resourceClaims (seldon-core 2.x,
    mlops.seldon.io_servers), and PodSpecMask of Knative Serving 1.x, which drops them.
    """
    if model.runtime == "seldon":
        return "Seldon's Servers take no claims for their pods"
    return "Knative takes no claims for its pods" if model.by_knative else None


def _always_some(group: ResolvedGpuPool) -> bool:
    """Whether there is a node at every hour."""
    return min([group.min_nodes, *(schedule.min_nodes for schedule in group.schedules)]) > 0


def _two_ways(pool: ResolvedGpuPool, overflow: ResolvedGpuPool) -> Iterator[Finding]:
    """A pod claims its GPUs or asks for nvidia.com/gpu, and claims whole ones or instances of one profile."""
    if pool.declared.dra != overflow.declared.dra:
        by, other = (overflow, pool) if overflow.declared.dra else (pool, overflow)
        message = (
            f"{by.declared.name!r} hands out its GPUs by claims (dra) and {other.declared.name!r} as nvidia.com/gpu, "
            "and a pod asks in one way; name two pools that do alike"
        )
        yield Finding(("overflow_pool",), message)
    elif pool.claimed_profile != overflow.claimed_profile:
        cut = [f"{each.declared.name!r} has {each.claimed_profile or 'whole GPUs'}" for each in (overflow, pool)]
        message = f"{' and '.join(cut)}, and a pod claims one kind of them; name two pools that are cut alike"
        yield Finding(("overflow_pool",), message)


def _needs_host(pool: ResolvedGpuPool) -> bool:
    """Whether pods that use it need ``hostIPC`` (GKE documentation, "Share GPUs with multiple workloads using NVIDIA
    MPS")."""
    sharing = pool.declared.sharing
    return pool.cloud == "gcp" and sharing is not None and sharing.mps is not None


def misfits(resources: ServerResources, pool: ResolvedGpuPool, others: Iterable[ResolvedGpuPool]) -> list[Finding]:
    """Why one replica does not fit on one node of the pool, each with its field."""
    node = f"a node of pool {pool.declared.name!r} on cluster {pool.cluster!r}"
    findings: list[Finding] = []
    if resources.gpus > pool.gpu_devices_per_node:
        largest = max(others, key=lambda each: each.gpu_devices_per_node, default=pool)
        best = (
            "no pool of the cluster has more"
            if largest.gpu_devices_per_node <= pool.gpu_devices_per_node
            else f"the largest are those of pool {largest.declared.name!r} with {largest.gpu_devices_per_node}"
        )
        findings.append(
            Finding(
                ("resources", "gpus"),
                f"{resources.gpus} {NAMED[pool.gpu_resource][1]} do not fit: {node} has {pool.gpu_devices_per_node}, "
                f"and {best}",
            )
        )
    elif resources.gpus > 1 and pool.gpu_devices_per_node > pool.gpus_per_node and pool.gpu_resource != NEURON_CORE:
        message = (
            f"{resources.gpus} do not fit: the GPUs of pool {pool.declared.name!r} are shared, and a pod gets one "
            "share of one; write 1, or name a pool of whole GPUs"
        )
        findings.append(Finding(("resources", "gpus"), message))
    if resources.gpu_memory_gib is not None and resources.gpu_memory_gib * 1024 > pool.gpu_memory_mib:
        message = f"{resources.gpu_memory_gib:g} GiB do not fit: {_device(pool)} {_gib(pool.gpu_memory_mib / 1024)} GiB"
        findings.append(Finding(("resources", "gpu_memory_gib"), message))
    smallest = "/".join(pool.instance_types)
    if resources.cpu > pool.allocatable_cpu + 1e-6:
        message = f"{resources.cpu:g} cores do not fit: {node} ({smallest}) leaves {pool.allocatable_cpu:g} to pods"
        findings.append(Finding(("resources", "cpu"), message))
    if resources.memory_gib > pool.allocatable_memory_gib + 1e-6:
        message = (
            f"{resources.memory_gib:g} GiB do not fit: {node} ({smallest}) leaves "
            f"{_gib(pool.allocatable_memory_gib)} GiB to pods"
        )
        findings.append(Finding(("resources", "memory_gib"), message))
    if resources.shared_memory_mib >= resources.memory_gib * 1024:
        message = (
            f"{resources.shared_memory_mib} MiB of shared memory count towards memory_gib, which is only "
            f"{resources.memory_gib:g} GiB"
        )
        findings.append(Finding(("resources", "shared_memory_mib"), message))
    return findings


def _device(pool: ResolvedGpuPool) -> str:
    """A device with its verb."""
    if pool.mig_instances_per_gpu == pool.clients_per_device == 1 and pool.declared.sharing is None:
        return f"{pool.accelerator} reports"
    return f"a share of {pool.accelerator} in pool {pool.declared.name!r} has"


def _without_gpus(model: Model, cluster: ResolvedCluster) -> tuple[None, None] | list[Finding]:
    own = cluster.cpu_pool(model.pool)
    gpu_pools = {pool.name for pool in cluster.declared.gpu_pools}
    findings = [
        Finding((key,), f"{pool!r} is a GPU pool and the model asks for no GPU; delete {key}, or set resources.gpus")
        for key, pool in (("pool", model.pool), ("overflow_pool", model.overflow_pool))
        if pool in gpu_pools
    ]
    if model.resources.gpu_memory_gib is not None:
        findings.append(
            Finding(("resources", "gpu_memory_gib"), "is given, and the model asks for no GPU; delete one of the two")
        )
    if own is not None:
        node = f"a node of pool {own.declared.name!r} on cluster {own.cluster!r} ({'/'.join(own.instance_types)})"
        findings += _too_large(model.resources, own.allocatable_cpu, own.allocatable_memory_gib, node)
    elif cluster.declared.existing is None and not _fits_an_open_pool(model.resources, cluster):
        findings += _too_large_for_system_nodes(model.resources, cluster)
    return findings or (None, None)


def _fits_an_open_pool(resources: ServerResources, cluster: ResolvedCluster) -> bool:
    """Whether a pool without taints has nodes that are large enough: pods come there by themselves."""
    return any(
        not _too_large(resources, pool.allocatable_cpu, pool.allocatable_memory_gib, "")
        for pool in cluster.cpu_pools
        if not pool.taints and not pool.cloud_taints
    )


def _too_large_for_system_nodes(resources: ServerResources, cluster: ResolvedCluster) -> list[Finding]:
    try:
        types = [
            instance(cluster.declared.cloud, cluster.declared.region, name)
            for name in cluster.declared.system_instance_types
        ]
    except UnknownInstanceType:
        return []
    room = [allocatable(each) for each in types]
    cpu = min(each.cpu_millicores for each in room) / 1000
    memory_gib = min(each.memory_mib for each in room) / 1024
    node = f"a system node of cluster {cluster.declared.name!r} ({'/'.join(each.name for each in types)})"
    return _too_large(resources, cpu, memory_gib, node)


def _too_large(resources: ServerResources, cpu: float, memory_gib: float, node: str) -> list[Finding]:
    findings: list[Finding] = []
    if resources.cpu > cpu:
        message = f"{resources.cpu:g} cores do not fit: {node} leaves {cpu:g} to pods"
        findings.append(Finding(("resources", "cpu"), message))
    if resources.memory_gib > memory_gib:
        message = f"{resources.memory_gib:g} GiB do not fit: {node} leaves {_gib(memory_gib)} GiB to pods"
        findings.append(Finding(("resources", "memory_gib"), message))
    return findings


def _pool_names(cluster: ResolvedCluster) -> list[str]:
    return [pool.declared.name for pool in cluster.gpu_pools]


def _cheapest(model: Model, cluster: ResolvedCluster) -> ResolvedGpuPool | None:
    wanted = cluster.pool(model.overflow_pool) if model.overflow_pool else None
    fitting = [
        pool
        for pool in cluster.gpu_pools
        if pool.declared.capacity == "on_demand"
        and pool.gpu_resource == NVIDIA
        and not _needs_host(pool)
        and not (pool.declared.dra and _without_claims(model) is not None)
        and (wanted is None or not any(_two_ways(pool, wanted)))
        and pool.declared.name != model.overflow_pool
        and not misfits(model.resources, pool, ())
    ]
    return min(fitting, key=lambda pool: (pool.declared.dra, *_usd_per_gpu(pool)), default=None)


def _no_pool(model: Model, cluster: ResolvedCluster) -> Finding:
    name = cluster.declared.name
    on_demand = [pool for pool in cluster.gpu_pools if pool.declared.capacity == "on_demand"]
    if not cluster.gpu_pools:
        return Finding((), f"asks for GPUs, and cluster {name!r} has no GPU pool; add one, or set resources.gpus to 0")
    if not on_demand and any(pool.declared.capacity != "spot" for pool in cluster.gpu_pools):
        listed = ", ".join(f"{pool.declared.name} ({pool.declared.capacity})" for pool in cluster.gpu_pools)
        message = f"has no pool, and cluster {name!r} has none on demand; name one of {listed} in pool to accept that"
        return Finding((), message)
    if not on_demand:
        known = [pool.declared.name for pool in cluster.gpu_pools]
        return Finding(
            (), f"has no pool, and cluster {name!r} has only spot pools, which can be taken away at any "
            f"time; name one of {', '.join(known)} in pool to accept that"
        )  # fmt: skip
    nvidia = [pool for pool in on_demand if pool.gpu_resource == NVIDIA]
    if not nvidia:
        listed = ", ".join(f"{pool.declared.name} ({pool.accelerator})" for pool in on_demand)
        message = f"has no pool, and cluster {name!r} has no NVIDIA GPU on demand; name one of {listed} in pool"
        return Finding((), f"{message} for a model that is made for it")
    largest = max(nvidia, key=lambda pool: (pool.gpu_devices_per_node, pool.gpu_memory_mib, pool.allocatable_cpu))
    first = next(iter(misfits(model.resources, largest, cluster.gpu_pools)), None)
    reason = first.message if first else unknown("a pool", model.pool, ())
    return Finding(first.steps if first else (), reason)


def _usd_per_gpu(pool: ResolvedGpuPool) -> tuple[Decimal, str]:
    price = pool.usd_per_hour
    return (Decimal("Infinity") if price is None else price / pool.gpu_devices_per_node), pool.declared.name


def _gib(value: float) -> str:
    return f"{int(value * 100) / 100:g}"
