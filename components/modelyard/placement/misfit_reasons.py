"""Why pools do not take a workload's replicas: each reason once, with the pools that it holds for."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

from modelyard.placement.pool import Pool
from modelyard.placement.scheduling import is_asked_for, refusals
from modelyard.placement.workload import Workload

_REASONS_SHOWN = 10
_POOLS_SHOWN = 8
"""With each reason; nobody reads the names of two hundred."""


def misfit_reasons(workload: Workload, full: Sequence[Pool], of_cluster: Iterable[Pool]) -> tuple[str, ...]:
    """``l4, l4-spot: does not tolerate the taint example.com/team=text:NoSchedule``, sentences of this kind.

    Args:
        workload: some of whose replicas find no node.
        full: pools that would take them, and have no room.
        of_cluster: every pool of its cluster. Where it asks for some of them by name, the others are not spoken of.
    """
    found: dict[str, dict[str, None]] = {}
    for pool, reason in _reasons(workload, full, of_cluster):
        found.setdefault(reason, {})[pool] = None
    alike: dict[tuple[str, ...], list[str]] = {}
    for reason, pools in found.items():
        alike.setdefault(tuple(pools), []).append(reason)
    sentences = [f"{some(pools)}: {'; '.join(reasons)}" for pools, reasons in alike.items()]
    left = len(sentences) - _REASONS_SHOWN
    return tuple(sentences[:_REASONS_SHOWN] + ([f"{left:,} more reasons of other pools"] if left > 0 else []))


def some(pools: Sequence[str]) -> str:
    """Names of pools; of very many the first."""
    left = len(pools) - _POOLS_SHOWN
    shown = ", ".join(pools[:_POOLS_SHOWN])
    return f"{shown} and {left:,} more pools" if left > 0 else shown


def _reasons(workload: Workload, full: Sequence[Pool], of_cluster: Iterable[Pool]) -> Iterator[tuple[str, str]]:
    nodes: dict[str, int] = {}
    for pool in full:
        nodes[pool.name] = nodes.get(pool.name, 0) + (pool.max_size or 0)
    for name, count in nodes.items():
        yield name, f"no room left on its {count} node{'' if count == 1 else 's'} (max_nodes)"
    others = [pool for pool in of_cluster if pool.name not in nodes]
    if any(is_asked_for(workload, pool) for pool in (*full, *others)):
        others = [pool for pool in others if is_asked_for(workload, pool)]
    for pool in sorted(others, key=lambda pool: pool.name != workload.pool):
        for reason in refusals(workload, pool):
            yield pool.name, reason
