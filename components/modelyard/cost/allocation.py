"""Splitting a pool among those whose pods it runs."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal

from modelyard.catalog import Allocatable
from modelyard.cost.charge import Owner
from modelyard.cost.owner import owner
from modelyard.placement import Requests, Resident


@dataclass(frozen=True, slots=True)
class Split:
    """Shares of the nodes that run, 0 to 1; ``shares`` and ``rest`` add up to 1."""

    shares: dict[Owner, Decimal]
    rest: Decimal
    """What nobody requests."""


def split(room: Allocatable, nodes: int, residents: Iterable[Resident]) -> Split:
    """Split ``nodes`` nodes by what the guaranteed replicas of each owner request.

    On nodes with GPUs by GPUs alone: they are what the node costs. Else by the larger of the shares of CPU and
    memory. Requests past the nodes there are (a pool that a schedule holds small) are cut in proportion.
    """
    asked: dict[Owner, Requests] = {}
    for resident in residents:
        workload = resident.workload
        payer = owner(workload.department, workload.model)
        requests = (workload.requests or Requests()).times(resident.replicas_at_floor)
        asked[payer] = asked.get(payer, Requests()) + requests
    if nodes == 0:
        return Split({}, Decimal(1))
    wanted = {payer: node_share(room, requests) / nodes for payer, requests in asked.items()}
    total = sum(wanted.values(), Decimal(0))
    if total > 1:
        wanted = {payer: share / total for payer, share in wanted.items()}
        total = sum(wanted.values(), Decimal(0))
    return Split({payer: share for payer, share in wanted.items() if share}, max(Decimal(0), 1 - total))


def node_share(room: Allocatable, requests: Requests) -> Decimal:
    """How many nodes' worth the requests are; more than 1 where they ask for more than a node."""
    if room.gpus:
        return Decimal(requests.gpus) / room.gpus
    return max(
        Decimal(requests.cpu_millicores) / room.cpu_millicores,
        Decimal(requests.memory_mib) / room.memory_mib,
    )
