"""The NodePool of a pool: which machines Karpenter, or EKS Auto Mode, may start, and when it takes them away.

Follows the NodePool resource of karpenter.sh/v1 and "Create a Node Pool for EKS Auto Mode" of the EKS user guide.
"""

from __future__ import annotations

from typing import Any

from ...catalog import instance
from ...environment.karpenter_nodes import KarpenterNodes
from ...environment.pool_update import PoolUpdate
from ...governance.ownership import Ownership
from ...resolve.resolved_pool import ResolvedCpuPool, ResolvedGpuPool

KARPENTER_CLASS = ("karpenter.k8s.aws", "v1", "EC2NodeClass")
AUTO_MODE_CLASS = ("eks.amazonaws.com", "v1", "NodeClass")
"""Group, version and kind of node classes."""

_EXPIRE_HOURS = {"karpenter": 720, "auto_mode": 336}
"""Nodes are exchanged after so long; the defaults of Karpenter and of Auto Mode."""
_WEIGHTS = {"reserved": 30, "floor": 20, "spot": 10}
"""What is paid for already comes first, then nodes on demand up to the floor, then spot."""
_CONSOLIDATION = {"when_empty": "WhenEmpty", "when_underused": "WhenEmptyOrUnderutilized"}
_ARCHITECTURES = {"x86_64": "amd64", "arm64": "arm64"}


def node_class_kind(pool: ResolvedGpuPool | ResolvedCpuPool) -> tuple[str, str, str]:
    return AUTO_MODE_CLASS if pool.declared.provisioner == "auto_mode" else KARPENTER_CLASS


def node_pool(pool: ResolvedGpuPool | ResolvedCpuPool, ownership: Ownership) -> dict[str, Any]:
    """The manifest, named as the pool.

    GPU nodes go when they are empty; a model that is moved to fill another node would have to be loaded again. Nodes
    of a reservation do not expire: there may be no room for their successors.
    """
    nodes = pool.declared.karpenter or KarpenterNodes()
    group, _, kind = node_class_kind(pool)
    declared = pool.declared
    spec: dict[str, Any] = {
        "nodeClassRef": {"group": group, "kind": kind, "name": pool.name},
        "requirements": _requirements(pool),
        "taints": [_taint(*taint) for taint in pool.taints],
        "expireAfter": _expiry(pool, nodes),
    }
    if declared.update.drain_timeout_minutes is not None:
        spec["terminationGracePeriod"] = f"{declared.update.drain_timeout_minutes}m"
    return {
        "apiVersion": "karpenter.sh/v1",
        "kind": "NodePool",
        "metadata": {
            "name": pool.name,
            "labels": ownership.kubernetes_labels(),
            # What prices its nodes where another stack, or nobody here, declares the cluster.
            "annotations": {"modelyard.dev/region": pool.region},
        },
        "spec": {
            "template": {"metadata": {"labels": dict(pool.labels)}, "spec": spec},
            "disruption": {
                "consolidationPolicy": _CONSOLIDATION[nodes.consolidate or _default_consolidation(pool)],
                "consolidateAfter": f"{nodes.unused_minutes}m",
                "budgets": [{"nodes": _budget(declared.update)}, *_quiet(nodes)],
            },
            "limits": _limits(pool),
            **_weight(pool, nodes),
        },
    }


def _expiry(pool: ResolvedGpuPool | ResolvedCpuPool, nodes: KarpenterNodes) -> str:
    hours = nodes.expire_hours
    if hours is None:
        hours = 0 if _reserved(pool) else _EXPIRE_HOURS[pool.declared.provisioner]
    return f"{hours}h" if hours else "Never"


def _default_consolidation(pool: ResolvedGpuPool | ResolvedCpuPool) -> str:
    return "when_empty" if isinstance(pool, ResolvedGpuPool) else "when_underused"


def _quiet(nodes: KarpenterNodes) -> list[dict[str, Any]]:
    """Budgets that forbid everything but taking empty nodes away; the least of those that hold at a time counts."""
    reasons = ["Drifted", "Underutilized"]
    return [
        {"nodes": "0", "reasons": reasons, "schedule": each.recurrence, "duration": f"{each.hours}h"}
        for each in nodes.quiet_hours
    ]


def _weight(pool: ResolvedGpuPool | ResolvedCpuPool, nodes: KarpenterNodes) -> dict[str, int]:
    is_floor = pool.name != pool.declared.name
    bought = "reserved" if _reserved(pool) else "floor" if is_floor else pool.capacity
    weight = _WEIGHTS.get(bought) if nodes.weight is None else nodes.weight
    if weight is None:
        return {}
    # A floor comes before the spot nodes that it belongs to, whatever both weigh.
    return {"weight": min(weight + 1, 100) if is_floor and nodes.weight is not None else weight}


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
