"""What the software on a cluster's GPU nodes is told of its pools."""

from __future__ import annotations

from typing import Any

from ..capacity.made_cluster import SYSTEM_POOL
from ..governance.ownership import OwnershipArgs
from ..resolve.resolved import ResolvedCluster
from ..resolve.resolved_pool import ResolvedGpuPool


def gpu_software_arguments(cluster: ResolvedCluster, owner: OwnershipArgs, scrape_interval_seconds: int) -> Any:
    """Arguments of :class:`~modelyard.capacity.software.gpu_software.GpuSoftware`."""
    monitor = cluster.declared.gpu_software.neuron_monitor
    return {
        "ownership": owner,
        "cloud": cluster.declared.cloud,
        "kubernetes_version": cluster.declared.kubernetes_version,
        "pools": [_pool(pool) for pool in cluster.gpu_pools],
        "scrape_interval_seconds": scrape_interval_seconds,
        "pod_labels": cluster.declared.gpu_software.pod_labels,
        **({} if monitor is None else {"neuron_monitor": monitor}),
        "system_nodes": {"modelyard.dev/pool": SYSTEM_POOL},
    }


def cluster_alerts(cluster: ResolvedCluster, owner: OwnershipArgs) -> Any:
    """Arguments of :class:`~modelyard.monitoring.monitoring.ClusterMonitoring`."""
    neuron = any(pool.gpu_resource.startswith("aws.amazon.com/neuron") for pool in cluster.gpu_pools)
    measured = neuron and cluster.declared.gpu_software.neuron_monitor is not None
    return {"ownership": owner, **({"neuron": True} if measured else {})}


def _pool(pool: ResolvedGpuPool) -> dict[str, Any]:
    declared = pool.declared
    told: dict[str, Any] = {
        "name": declared.name,
        "accelerator": declared.accelerator,
        "provisioner": declared.provisioner,
        "driver_by": pool.driver_by,
        "image": declared.image,
        "dra": declared.dra or None,
        "fabric": declared.fabric or None,
        "sharing": declared.sharing.model_dump(exclude_none=True) if declared.sharing is not None else None,
    }
    return {key: value for key, value in told.items() if value is not None}
