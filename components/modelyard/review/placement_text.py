"""Who runs where and what finds no node, as sentences and short text, the same in every rendering."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from .conclusion import counted

if TYPE_CHECKING:
    from ..placement import Misfit, Placement, Pool, Waiting
    from ..placement.placement import At


FILLS = ("gpu", "gpu_memory", "cpu", "memory", "pods")
"""Shares of a pool's nodes, in this order."""


def pool_name(pool: Pool) -> str:
    """``east/l4``"""
    return f"{pool.cluster}/{pool.name}" if pool.cluster else pool.name


def machine(pool: Pool) -> str:
    """``p4d.24xlarge, spot, 56 x nvidia.com/gpu of 4864 MiB (mig-1g.5gb)``; of whole GPUs the type says how many."""
    from ..placement.claims import GPU_CLASS

    words = [pool.instance_type or "unknown type"]
    if pool.capacity != "on_demand":
        words.append(pool.capacity.replace("_", " "))
    if pool.sharing and pool.room is not None:
        memory = f" of {pool.gpu_memory_mib} MiB" if pool.gpu_memory_mib is not None else ""
        words.append(f"{pool.room.gpus} x {pool.device}{memory} ({pool.sharing})")
    elif pool.device == GPU_CLASS:
        words.append("GPUs by claim")
    return ", ".join(words)


def misfit_sentences(placement: Placement) -> Iterator[tuple[str, At]]:
    """One for each workload of which replicas fit nowhere, and whether guaranteed ones are among them."""
    by_workload: dict[tuple[str, str], list[Misfit]] = {}
    for each in placement.misfits:
        by_workload.setdefault((each.urn, each.name), []).append(each)
    for found in by_workload.values():
        floor = sum(each.replicas for each in found if each.at == "floor")
        further = sum(each.replicas for each in found if each.at == "max")
        reasons = dict.fromkeys(reason for each in found for reason in each.reasons)
        fit = "fits" if (floor or further) == 1 else "fit"
        at = f", nor {further:,} more at the maximum" if floor and further else "" if floor else " at the maximum"
        replicas = counted(floor or further, "replica", "replicas")
        yield f"{replicas} of {_where(found[0])} {fit} nowhere{at}: {'; '.join(reasons)}", "floor" if floor else "max"


def waiting_sentence(waiting: Waiting) -> str:
    replicas = counted(waiting.replicas, "replica", "replicas")
    waits = "waits" if waiting.replicas == 1 else "wait"
    return (
        f"{replicas} of {_where(waiting)} {waits} when all pods arrive at once, as the scheduler spreads them: "
        f"{waiting.reason}; packed closely all fit"
    )


def _where(each: Misfit | Waiting) -> str:
    """``tagging on east``; several clusters have workloads and pools of one name."""
    return f"{each.name} on {each.cluster}" if each.cluster else each.name


def blocked_sentences(placement: Placement) -> Iterator[str]:
    """Rollouts that would wait for ever: even while the guaranteed replicas run alone, or when all run."""
    always, full = ({urn for urns in placement.blocked.get(at, {}).values() for urn in urns} for at in ("floor", "max"))
    for urn in sorted(always | full):
        name = urn.rpartition("::")[2]
        if urn in always:
            yield f"a rollout of {name} would wait for ever: its pools have no room beside the guaranteed replicas"
        else:
            yield f"a rollout of {name} would wait for ever when its pools are full"


def room_sentences(placement: Placement) -> Iterator[str]:
    """That no rollout waits, where that is so of all that runs."""
    blocked = any(urns for at in placement.blocked.values() for urns in at.values())
    if any(each.residents for each in placement.pools) and not (blocked or placement.misfits or placement.undetermined):
        yield "every rollout can go on, beside the guaranteed replicas and with every autoscaler at its maximum"
