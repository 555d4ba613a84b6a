"""The result of placing workloads on pools."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal, TypeAlias

from modelyard.placement.nodes import Nodes
from modelyard.placement.pool import Pool
from modelyard.placement.workload import Workload

At: TypeAlias = Literal["floor", "max"]


@dataclass(frozen=True, slots=True)
class Fill:
    """Requested share of the nodes' room, 0 to 1; None where there is no such room."""

    gpu: float | None
    """Of what pods ask for: whole GPUs, MIG instances, time slices, other accelerators."""
    cpu: float | None
    memory: float | None
    pods: float | None = None
    """Of the pods that the nodes may run; what runs on every node is not counted."""
    gpu_memory: float | None = None
    """As far as models say how much they take; None where none does."""

    @classmethod
    def of(cls, pool: Pool, nodes: Nodes | None, count: int | None) -> Fill | None:
        room = pool.room
        if room is None or nodes is None or count is None:
            return None
        return cls(
            gpu=_share(nodes.used.gpus, room.gpus * count),
            cpu=_share(nodes.used.cpu_millicores, room.cpu_millicores * count),
            memory=_share(nodes.used.memory_mib, room.memory_mib * count),
            pods=_share(nodes.pods, room.pods * count),
            gpu_memory=_share(nodes.used.gpu_memory_mib, room.gpus * (pool.gpu_memory_mib or 0) * count)
            if nodes.used.gpu_memory_mib
            else None,
        )

    def to_json(self) -> dict[str, float | None]:
        return {
            "gpu": self.gpu,
            "cpu": self.cpu,
            "memory": self.memory,
            "pods": self.pods,
            "gpu_memory": self.gpu_memory,
        }


@dataclass(frozen=True, slots=True)
class Resident:
    """A workload's replicas on one pool."""

    workload: Workload
    replicas_at_floor: int
    replicas_at_max: int


@dataclass(frozen=True, slots=True)
class FloorNodes:
    """What one pool needs at one hour."""

    nodes: int
    residents: tuple[Resident, ...]


@dataclass(frozen=True, slots=True)
class PoolPlacement:
    """One node group with what runs on it. A figure is None where the program does not know enough yet."""

    pool: Pool
    nodes_needed_at_floor: int | None
    """Nodes that the guaranteed replicas need."""
    nodes_at_floor: int | None
    """The same, and no less than the declared ``desiredSize`` or than a schedule keeps."""
    nodes_at_max: int | None
    """Nodes when every autoscaler is at its maximum, never past ``maxSize``."""
    fill_at_floor: Fill | None
    fill_at_max: Fill | None
    residents: tuple[Resident, ...]


@dataclass(frozen=True, slots=True)
class Misfit:
    """Replicas that no pool can take."""

    urn: str
    name: str
    cluster: str | None
    replicas: int
    at: At
    reasons: tuple[str, ...]
    """Each with the pools of the cluster that it holds for."""


@dataclass(frozen=True, slots=True)
class Waiting:
    """Replicas that the scheduler leaves without a node when all pods of a cluster arrive at once and every pool has
    all its nodes: those that fit nowhere, and those that would fit if the others were packed closer."""

    urn: str
    name: str
    cluster: str | None
    replicas: int
    reason: str


@dataclass(frozen=True, slots=True)
class Undetermined:
    """A workload of which a plan cannot say where it runs."""

    urn: str
    name: str
    reason: str


@dataclass(frozen=True, slots=True)
class Placement:
    pools: tuple[PoolPlacement, ...]
    misfits: tuple[Misfit, ...]
    undetermined: tuple[Undetermined, ...]
    blocked: Mapping[At, Mapping[str, tuple[str, ...]]]
    """By round and pool URN, the workloads whose rollout would wait for ever."""
    notes: tuple[str, ...]
    waiting: tuple[Waiting, ...] = ()

    @property
    def unpacked(self) -> tuple[Waiting, ...]:
        """Of those that wait, the ones that do not fit only as the scheduler spreads pods over nodes."""
        nowhere = {(each.urn, each.name) for each in self.misfits}
        return tuple(each for each in self.waiting if (each.urn, each.name) not in nowhere)

    def to_json(self) -> dict[str, Any]:
        return {
            "pools": [_pool_json(each, self) for each in self.pools],
            "misfits": [
                {
                    "urn": each.urn,
                    "name": each.name,
                    "cluster": each.cluster,
                    "replicas": each.replicas,
                    "at": each.at,
                    "reasons": list(each.reasons),
                }
                for each in self.misfits
            ],
            "waiting": [
                {
                    "urn": each.urn,
                    "name": each.name,
                    "cluster": each.cluster,
                    "replicas": each.replicas,
                    "reason": each.reason,
                }
                for each in self.waiting
            ],
            "undetermined": [{"urn": each.urn, "name": each.name, "reason": each.reason} for each in self.undetermined],
            "notes": list(self.notes),
        }


def _pool_json(each: PoolPlacement, placement: Placement) -> dict[str, Any]:
    pool = each.pool
    return {
        "urn": pool.urn,
        "cluster": pool.cluster,
        "pool": pool.name,
        "region": pool.region,
        "instance_type": pool.instance_type,
        "capacity": pool.capacity,
        "zones": list(pool.zones),
        "accelerators": _accelerators_json(pool),
        "size": {"min": pool.min_size, "desired": pool.desired_size, "max": pool.max_size},
        "nodes": {
            "needed_at_floor": each.nodes_needed_at_floor,
            "at_floor": each.nodes_at_floor,
            "at_max": each.nodes_at_max,
        },
        "fill_at_floor": each.fill_at_floor.to_json() if each.fill_at_floor else None,
        "fill_at_max": each.fill_at_max.to_json() if each.fill_at_max else None,
        "rollouts_blocked_at_floor": list(placement.blocked["floor"].get(pool.key, ())),
        "rollouts_blocked_at_max": list(placement.blocked["max"].get(pool.key, ())),
        "workloads": [
            {
                "urn": resident.workload.urn,
                "name": resident.workload.name,
                "department": resident.workload.department,
                "model": resident.workload.model,
                "replicas_at_floor": resident.replicas_at_floor,
                "replicas_at_max": resident.replicas_at_max,
            }
            for resident in each.residents
        ],
    }


def _accelerators_json(pool: Pool) -> dict[str, Any] | None:
    if pool.room is None or not pool.room.gpus:
        return None
    return {
        "resource": pool.device,
        "per_node": pool.room.gpus,
        "memory_mib": pool.gpu_memory_mib,
        "sharing": pool.sharing or None,
    }


def _share(used: int, room: int) -> float | None:
    return round(used / room, 4) if room else None
