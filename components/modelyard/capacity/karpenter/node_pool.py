"""The NodePool of a pool: which machines Karpenter, or EKS Auto Mode, may start, and when it takes them away.

Follows the NodePool resource of karpenter.sh/v1 and "Create a Node Pool for EKS Auto Mode" of the EKS user guide.
"""

from __future__ import annotations

from typing import Any

from ...catalog import instance
from ...environment.pool_update import PoolUpdate
from ...governance.ownership import Ownership
from ...resolve.resolved_pool import ResolvedCpuPool, ResolvedGpuPool

KARPENTER_CLASS = ("karpenter.k8s.aws", "v1", "EC2NodeClass")
AUTO_MODE_CLASS = ("eks.amazonaws.com", "v1", "NodeClass")
"""Group, version and kind of node classes."""

_UNUSED_FOR = "10m"
"""As the cluster autoscaler waits."""
_EXPIRE = {"karpenter": "720h", "auto_mode": "336h"}
"""Nodes are exchanged after so long, and get a new image; the defaults of Karpenter and of Auto Mode."""
_ARCHITECTURES = {"x86_64": "amd64", "arm64": "arm64"}


def node_class_kind(pool: ResolvedGpuPool | ResolvedCpuPool) -> tuple[str, str, str]:
    return AUTO_MODE_CLASS if pool.declared.provisioner == "auto_mode" else KARPENTER_CLASS


def node_pool(pool: ResolvedGpuPool | ResolvedCpuPool, ownership: Ownership) -> dict[str, Any]:
    """The manifest, named as the pool.

    GPU nodes go when they are empty; a model that is moved to fill another node would have to be loaded again. Nodes
    of a reservation do not expire: there may be no room for their successors.
    """
    group, _, kind = node_class_kind(pool)
    declared = pool.declared
    spec: dict[str, Any] = {
        "nodeClassRef": {"group": group, "kind": kind, "name": pool.name},
        "requirements": _requirements(pool),
        "taints": [_taint(*taint) for taint in pool.taints],
        "expireAfter": "Never" if _reserved(pool) else _EXPIRE[declared.provisioner],
    }
    if declared.update.drain_timeout_minutes is not None:
        spec["terminationGracePeriod"] = f"{declared.update.drain_timeout_minutes}m"
    is_gpu = isinstance(pool, ResolvedGpuPool)
    return {
        "apiVersion": "karpenter.sh/v1",
        "kind": "NodePool",
        "metadata": {"name": pool.name, "labels": ownership.kubernetes_labels()},
        "spec": {
            "template": {"metadata": {"labels": dict(pool.labels)}, "spec": spec},
            "disruption": {
                "consolidationPolicy": "WhenEmpty" if is_gpu else "WhenEmptyOrUnderutilized",
                "consolidateAfter": _UNUSED_FOR,
                "budgets": [{"nodes": _budget(declared.update)}],
            },
            "limits": _limits(pool),
        },
    }


def _requirements(pool: ResolvedGpuPool | ResolvedCpuPool) -> list[dict[str, Any]]:
    found = {
        "node.kubernetes.io/instance-type": list(pool.instance_types),
        "karpenter.sh/capacity-type": _capacity_types(pool),
        "kubernetes.io/arch": [_ARCHITECTURES[pool.architecture]],
        "kubernetes.io/os": ["linux"],
    }
    if pool.zones:
        found["topology.kubernetes.io/zone"] = list(pool.zones)
    return [{"key": key, "operator": "In", "values": values} for key, values in found.items()]


def _capacity_types(pool: ResolvedGpuPool | ResolvedCpuPool) -> list[str]:
    if pool.capacity == "spot":
        return ["spot"]
    if not _reserved(pool):
        return ["on-demand"]
    declared = pool.declared.reservation if isinstance(pool, ResolvedGpuPool) else None
    return ["reserved", "on-demand"] if declared is not None and declared.affinity == "any" else ["reserved"]


def _reserved(pool: ResolvedGpuPool | ResolvedCpuPool) -> bool:
    return pool.capacity in ("reservation", "capacity_block")


def _limits(pool: ResolvedGpuPool | ResolvedCpuPool) -> dict[str, str]:
    """Nodes, and what so many of the largest have: the second holds where nodes are not counted."""
    if isinstance(pool, ResolvedGpuPool):
        return {"nodes": str(pool.max_nodes), pool.gpu_resource: str(pool.max_nodes * pool.gpu_devices_per_node)}
    cores = max(instance("aws", pool.region, name).vcpu for name in pool.instance_types)
    return {"nodes": str(pool.max_nodes), "cpu": str(pool.max_nodes * cores)}


def _budget(update: PoolUpdate) -> str:
    """Nodes that may go at a time, for whatever reason but that the cloud takes them."""
    if update.max_unavailable_percentage is not None:
        return f"{update.max_unavailable_percentage}%"
    return str(update.max_unavailable)


def _taint(key: str, value: str, effect: str) -> dict[str, str]:
    return {"key": key, **({"value": value} if value else {}), "effect": effect}
