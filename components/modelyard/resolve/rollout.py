"""How the pods of a model are exchanged so that a full pool cannot block it."""

from __future__ import annotations

from .resolved import Rollout


def decide_rollout(pools_with_room: tuple[str, ...], pools: tuple[str, ...]) -> Rollout:
    """Surge where there is room for one more pod, even when every model is at its largest; else stop one first.

    Args:
        pools_with_room: pools of the model that have that room.
        pools: all pools of the model; none for a model without GPUs, which the system nodes scale for.
    """
    if not pools:
        return Rollout(1, 0, "a new pod starts before an old one stops: CPU nodes are added as needed")
    if pools_with_room:
        return Rollout(
            1,
            0,
            f"a new pod starts before an old one stops: pool {pools_with_room[0]!r} has room for it even when "
            "every model is at max_replicas",
        )
    full = " and ".join(repr(name) for name in pools)
    return Rollout(
        0,
        1,
        f"an old pod stops before a new one starts: pool {full} has no room left when every model is at max_replicas",
    )


STATEFUL = Rollout(0, 1, "an old pod stops before a new one starts: Seldon's Servers are StatefulSets")
"""Of pods that Seldon makes."""
