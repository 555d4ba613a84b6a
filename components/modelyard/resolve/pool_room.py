"""Whether a pool holds what its models are promised."""

from __future__ import annotations

from functools import cached_property
from typing import Literal

from ..environment.model import Model, ServerResources
from .packing import Packing, Shape, node_shape, replica_shape
from .resolved import ResolvedGpuPool

_NAMED = 5


class PoolRoom:
    """The replicas of all models that share a pool, on as few nodes as they take.

    A model's guaranteed replicas run in its pool; those beyond in its overflow pool, or in the same pool when it has
    none. Of an overflow pool nothing is promised.
    """

    def __init__(
        self,
        pool: ResolvedGpuPool,
        node_autoscaler: Literal["cluster_autoscaler", "none"],
        residents: list[tuple[Model, str]],
    ) -> None:
        self.pool = pool
        self._guaranteed = [model for model, role in residents if role == "guaranteed"]
        self._overflowing = [model for model, role in residents if role == "overflow"]
        self._scales = node_autoscaler != "none"
        self._has_room: dict[Shape, bool] = {}

    @property
    def nodes(self) -> int:
        """The most nodes that the pool can have: without a node autoscaler, those that it starts with."""
        return self.pool.declared.max_nodes if self._scales else self.pool.desired_nodes

    @cached_property
    def floors(self) -> Packing:
        """All guaranteed replicas."""
        return Packing(
            node_shape(self.pool), ((replica_shape(m.resources), m.scaling.min_replicas) for m in self._guaranteed)
        )

    @cached_property
    def maxima(self) -> Packing:
        """Every model at its largest."""
        beyond = [
            (replica_shape(m.resources), m.scaling.max_replicas - m.scaling.min_replicas) for m in self._overflowing
        ]
        own = [
            (replica_shape(m.resources), m.scaling.min_replicas if m.overflow_pool else m.scaling.max_replicas)
            for m in self._guaranteed
        ]
        return Packing(node_shape(self.pool), [*own, *beyond])

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
        limit = "max_nodes" if self._scales else "without a node autoscaler desired_nodes"
        return (
            f"the guaranteed replicas of {self._named_floors()} need {self.floors.nodes} nodes of "
            f"{self.pool.instance_types[0]}, "
            f"and {limit} is {self.nodes}; raise it or lower min_replicas {self._where}"
        )

    @property
    def notices(self) -> list[str]:
        """What holds, but not always."""
        found: list[str] = []
        name, cluster = self.pool.declared.name, self.pool.cluster
        if self.maxima.nodes > self.nodes >= self.floors.nodes:
            found.append(
                f"pool {name!r} of cluster {cluster!r} has at most {self.nodes} nodes; all its models "
                "at max_replicas would take "
                f"{self.maxima.nodes}, so some replicas would wait"
            )
        for schedule in self.pool.declared.schedules:
            if schedule.max_nodes < self.floors.nodes:
                found.append(
                    f"the schedule {schedule.name!r} brings pool {name!r} of cluster {cluster!r} to "
                    f"at most {schedule.max_nodes} "
                    f"nodes, and its models need {self.floors.nodes}: some do not answer then"
                )
        return found

    @property
    def _where(self) -> str:
        return f"(pool {self.pool.declared.name!r} of cluster {self.pool.cluster!r})"

    def _named_floors(self) -> str:
        listed = [f"{model.name} ({model.scaling.min_replicas})" for model in self._guaranteed]
        rest = f" and {len(listed) - _NAMED} more models" if len(listed) > _NAMED else ""
        return ", ".join(listed[:_NAMED]) + rest
