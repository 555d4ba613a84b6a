"""How many nodes a pool may have."""

from __future__ import annotations

from typing import Protocol


class _Pool(Protocol):
    @property
    def min_nodes(self) -> int: ...

    @property
    def desired_nodes(self) -> int | None: ...

    @property
    def max_nodes(self) -> int: ...


def check_limits(pool: _Pool) -> None:
    """
    Raises:
        ValueError: its numbers of nodes are not in order.
    """
    if pool.min_nodes > pool.max_nodes:
        raise ValueError(
            f"min_nodes {pool.min_nodes} exceeds max_nodes {pool.max_nodes}; raise max_nodes or lower min_nodes"
        )
    if pool.desired_nodes is not None and not pool.min_nodes <= pool.desired_nodes <= pool.max_nodes:
        raise ValueError(
            f"desired_nodes {pool.desired_nodes} must lie between min_nodes {pool.min_nodes} and max_nodes "
            f"{pool.max_nodes}"
        )
