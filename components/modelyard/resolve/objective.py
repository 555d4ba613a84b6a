"""Whether a model's objective can be met where it runs."""

from __future__ import annotations

from collections.abc import Mapping

from ..environment.model import MOST_REPLICAS, Model
from ..sizing.capacity import size
from ..sizing.sizing import Infeasible, Sizing
from .finding import Finding
from .notices import Notices
from .pool_room import PoolRoom
from .resolved import Artefact, ResolvedGpuPool


def decide_sizing(
    model: Model,
    pool: ResolvedGpuPool | None,
    artefact: Artefact,
    rooms: Mapping[tuple[str, str], PoolRoom],
    notices: Notices,
) -> tuple[Sizing | None, list[Finding]]:
    """The sizing, and why it cannot be kept. None with a notice where there is nothing to judge by."""
    objective = model.objective
    if objective is None:
        notices.add_model(
            model.name,
            "has no objective, so nothing says how many replicas it needs",
            "have no objective, so nothing says how many replicas they need",
        )
        return None, []
    if model.profile is None:
        notices.add_model(
            model.name,
            "has an objective and no profile, so nobody knows whether it is met; add a profile of measured latencies",
            "have objectives and no profile, so nobody knows whether they are met; add profiles of measured latencies",
        )
        return None, []
    if pool is None:
        notices.add_model(
            model.name, "has no GPU, and profiles are of GPUs: its objective is not judged",
            "have no GPU, and profiles are of GPUs: their objectives are not judged",
        )  # fmt: skip
        return None, []
    sizing = size(
        model.profile,
        objective,
        pool.accelerator,
        gpus_per_replica=model.resources.gpus,
        largest_batch=artefact.max_batch_size,
    )
    if sizing is None:
        measured = ", ".join(sorted({point.accelerator for point in model.profile.points}))
        notices.add(
            f"the profile of model {model.name!r} has {measured} and not {pool.accelerator}, on which it runs: its "
            "objective is not judged there"
        )
        return None, []
    if isinstance(sizing, Infeasible):
        return None, [Finding(("objective", "p99_ms"), str(sizing))]
    _notice_floor(model, sizing, notices)
    return sizing, _too_few(model, sizing, pool, rooms[pool.cluster, pool.declared.name])


def _too_few(model: Model, sizing: Sizing, pool: ResolvedGpuPool, room: PoolRoom) -> list[Finding]:
    objective, scaling = model.objective, model.scaling
    if objective is None:
        return []
    need = (
        f"{objective.requests_per_second:.10g} requests per second within {objective.p99_ms:.10g} ms take "
        f"{sizing.replicas:,} replicas on {pool.accelerator}"
    )
    if sizing.replicas > MOST_REPLICAS:
        return [
            Finding(
                ("objective", "requests_per_second"),
                f"{need}, and a model may have {MOST_REPLICAS:,}; lower the rate, raise p99_ms, use a faster "
                "accelerator, or make the model faster",
            )
        ]
    if sizing.replicas > scaling.max_replicas:
        return [
            Finding(
                ("scaling", "max_replicas"),
                f"{need}, and max_replicas is {scaling.max_replicas}; raise it to {sizing.replicas}",
            )
        ]
    most = room.most_replicas(model.resources)
    if sizing.replicas > most and model.overflow_pool is None:
        return [
            Finding(
                ("objective", "requests_per_second"),
                f"{need}, and pool {pool.declared.name!r} of cluster {pool.cluster!r} holds at most {most}; raise "
                "its max_nodes",
            )
        ]
    return []


def _notice_floor(model: Model, sizing: Sizing, notices: Notices) -> None:
    if sizing.replicas > model.scaling.min_replicas:
        notices.add(
            f"model {model.name!r} needs {sizing.replicas} replicas for its declared rate and has "
            f"{model.scaling.min_replicas} at least: the autoscaler has to add the rest before the objective holds"
        )
