"""Who runs where and what finds no node, as sentences and short text, the same in every rendering."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from .conclusion import counted

if TYPE_CHECKING:
    from ..placement import Misfit, Placement, Pool, Waiting


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


def misfit_sentence(misfit: Misfit) -> str:
    fit = "fits" if misfit.replicas == 1 else "fit"
    at = " at the maximum" if misfit.at == "max" else ""
    replicas = counted(misfit.replicas, "replica", "replicas")
    return f"{replicas} of {_where(misfit)} {fit} nowhere{at}: {'; '.join(misfit.reasons)}"


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
    for urn in sorted({urn for urns in placement.blocked.get("max", {}).values() for urn in urns}):
        yield f"a rollout of {urn.rpartition('::')[2]} would wait for ever when its pools are full"
