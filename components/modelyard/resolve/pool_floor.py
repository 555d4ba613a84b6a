"""Nodes on demand beside the spot nodes of one pool."""

from __future__ import annotations

from dataclasses import replace
from typing import TypeVar

from ..catalog import InstanceType
from ..environment.gpu_pool import PoolSchedule
from .node_refusals import BY_PODS
from .resolved_pool import ResolvedCpuPool, ResolvedGpuPool

_Pool = TypeVar("_Pool", ResolvedGpuPool, ResolvedCpuPool)


def with_floor(pool: _Pool, first: InstanceType) -> _Pool:
    """The pool with its floor, and its own limits less by it; as it is where its declaration asks for none.

    Args:
        pool: with the limits that are declared.
        first: its first machine, which prices the floor.
    """
    floor = pool.declared.spot.on_demand_floor if pool.declared.spot is not None else 0
    if not floor:
        return pool
    kept = 0 if pool.declared.provisioner in BY_PODS else floor
    on_demand = replace(
        pool,
        name=f"{pool.name}-floor",
        capacity="on_demand",
        min_nodes=kept,
        desired_nodes=kept,
        max_nodes=floor,
        schedules=(),
        cloud_taints=(),
        price_basis=f"{pool.cloud}/{pool.region}/{first.name}/on_demand",
        usd_per_hour=first.usd_per_hour_on_demand,
        forced_by={**pool.forced_by, "capacity": "on_demand"},
    )
    return replace(
        pool,
        min_nodes=max(pool.min_nodes - floor, 0),
        desired_nodes=max(pool.desired_nodes - floor, 0),
        max_nodes=pool.max_nodes - floor,
        schedules=tuple(_beyond(schedule, floor) for schedule in pool.schedules),
        floor=on_demand,
    )


def _beyond(schedule: PoolSchedule, floor: int) -> PoolSchedule:
    """What a schedule asks of the nodes that are beside those of the floor."""
    return schedule.model_copy(
        update={key: max(getattr(schedule, key) - floor, 0) for key in ("min_nodes", "desired_nodes", "max_nodes")}
    )
