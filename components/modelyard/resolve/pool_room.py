"""Whether a pool holds what its models are promised."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from functools import cached_property
from typing import Literal, NamedTuple

from ..environment.cluster import Cluster
from ..environment.model import Model, ServerResources
from ..environment.rollout import extra_replicas
from .packing import Packing, Shape, node_shape, replica_shape
from .resolved import ResolvedGpuPool

_NAMED = 5


def guaranteed_replicas(model: Model) -> int:
    """Replicas that there must be room for at any hour: the highest floor of the week, and the canary's beside it."""
    floor = model.scaling.highest_floor
    return floor + extra_replicas(model.rollout, floor)


def _most(model: Model) -> int:
    return model.scaling.max_replicas + extra_replicas(model.rollout, model.scaling.max_replicas)


class Resident(NamedTuple):
    """A model that may run in a pool."""

    model: Model
    role: Literal["guaranteed", "overflow"]
    other: str | None
    """For a guaranteed one its overflow pool, if any; for an overflowing one the pool of its guaranteed replicas."""


Scaler = Literal["cluster_autoscaler", "karpenter", "auto_mode", "none"]
_UNSCALED: dict[Scaler, str] = {
    "karpenter": "as Karpenter leaves node groups alone",
    "auto_mode": "as EKS Auto Mode leaves node groups alone",
}


def scaled_by(cluster: Cluster) -> Scaler:
    """What changes the number of nodes: beside EKS Auto Mode no cluster autoscaler is installed."""
    auto_mode = cluster.cloud == "aws" and cluster.eks.auto_mode
    return "auto_mode" if auto_mode and cluster.node_autoscaler != "karpenter" else cluster.node_autoscaler


def _scales(pool: ResolvedGpuPool, node_autoscaler: Scaler) -> bool:
    """Whether nodes come by themselves: Karpenter leaves node groups alone, and the others bring their own nodes."""
    return pool.declared.provisioner != "managed" or node_autoscaler == "cluster_autoscaler"


class PoolRoom:
    """The replicas of all models that share a pool, on as few nodes as they take.

    A model's guaranteed replicas run in its pool; those beyond in its overflow pool as far as that goes, else in the
    same pool. Of an overflow pool nothing is promised.
    """

    def __init__(
        self,
        pool: ResolvedGpuPool,
        node_autoscaler: Scaler,
        residents: Sequence[Resident],
        rooms: Mapping[tuple[str, str], PoolRoom],
    ) -> None:
        """``rooms``: those of all pools, by cluster and pool, filled before the first question is asked."""
        self.pool = pool
        self._guaranteed = [each for each in residents if each.role == "guaranteed"]
        self._overflowing = [each for each in residents if each.role == "overflow"]
        self._scales = _scales(pool, node_autoscaler)
        self._unscaled = _UNSCALED.get(node_autoscaler, "without a node autoscaler")
        self._rooms = rooms
        self._has_room: dict[Shape, bool] = {}

    @property
    def nodes(self) -> int:
        """The most nodes that the pool can have: without a node autoscaler, those that it starts with."""
        return self.pool.most_nodes if self._scales else self.pool.first_nodes

    @cached_property
    def floors(self) -> Packing:
        """All guaranteed replicas."""
        floors = ((replica_shape(each.model.resources), guaranteed_replicas(each.model)) for each in self._guaranteed)
        return Packing(node_shape(self.pool), floors)

    @cached_property
    def maxima(self) -> Packing:
        """Every model at its largest, with what the overflow pools of its models have no room for."""
        packing = self._own_and_overflow[0]
        for other in sorted({each.other for each in self._guaranteed if each.other}):
            for shape, count in self._rooms[self.pool.cluster, other].spilled(self.pool.declared.name):
                packing.put(shape, count)
        return packing

    def spilled(self, home: str) -> Iterator[tuple[Shape, int]]:
        """Replicas beyond the guaranteed ones that this pool has no room for, of models at home in another."""
        for (name, shape), count in self._own_and_overflow[1].items():
            if name == home and count:
                yield shape, count

    def one_more(self, resources: ServerResources) -> bool:
        """Whether one more replica fits when every model is at its largest."""
        shape = replica_shape(resources)
        if shape not in self._has_room:
            self._has_room[shape] = self.maxima.has_room(shape, self.nodes)
        return self._has_room[shape]

    def most_replicas(self, resources: ServerResources) -> int:
        """How many such replicas the whole pool holds if it is theirs alone."""
        shape, node = replica_shape(resources), node_shape(self.pool)
        return self.nodes * min(free // asked for free, asked in zip(node, shape, strict=True) if asked)

    @property
    def shortage(self) -> str | None:
        """Why the guaranteed replicas do not fit, or None."""
        if self.floors.nodes <= self.nodes:
            return None
        limit = "max_nodes" if self._scales else f"{self._unscaled} desired_nodes"
        return (
            f"the guaranteed replicas of {self._named_floors()} need {self.floors.nodes} nodes of "
            f"{self.pool.instance_types[0]}, and {limit} is {self.nodes}; raise it or lower min_replicas (pool "
            f"{self.pool.declared.name!r} of cluster {self.pool.cluster!r})"
        )

    @property
    def notices(self) -> list[str]:
        """What holds, but not always."""
        found: list[str] = []
        pool = f"pool {self.pool.declared.name!r} of cluster {self.pool.cluster!r}"
        if self.maxima.nodes > self.nodes >= self.floors.nodes:
            found.append(
                f"{pool} has at most {self.nodes} nodes; its models at max_replicas would take {self.maxima.nodes} "
                "beside what overflows elsewhere, so some replicas would wait"
            )
        for schedule in self.pool.declared.schedules:
            if schedule.max_nodes < self.floors.nodes:
                found.append(
                    f"the schedule {schedule.name!r} brings {pool} to at most {schedule.max_nodes} nodes, and its "
                    f"models need {self.floors.nodes}: some do not answer then"
                )
        return found

    @cached_property
    def _own_and_overflow(self) -> tuple[Packing, dict[tuple[str, Shape], int]]:
        own = [
            (replica_shape(model.resources), guaranteed_replicas(model) if other else _most(model))
            for model, _, other in self._guaranteed
        ]
        packing = Packing(node_shape(self.pool), own)
        beyond: dict[tuple[str, Shape], int] = {}
        for model, _, home in self._overflowing:
            key = (home or "", replica_shape(model.resources))
            beyond[key] = beyond.get(key, 0) + _most(model) - guaranteed_replicas(model)
        left = {(home, shape): packing.put(shape, count, self.nodes) for (home, shape), count in beyond.items()}
        return packing, left

    def _named_floors(self) -> str:
        listed = [f"{each.model.name} ({guaranteed_replicas(each.model)})" for each in self._guaranteed]
        rest = f" and {len(listed) - _NAMED} more models" if len(listed) > _NAMED else ""
        return ", ".join(listed[:_NAMED]) + rest
