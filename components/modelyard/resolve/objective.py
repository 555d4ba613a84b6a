"""Whether a model's objective can be met where it runs."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from functools import lru_cache, partial
from pathlib import Path

from ..catalog.spelling import nearest
from ..environment.credential import shown
from ..environment.device import NVIDIA
from ..environment.model import MOST_REPLICAS, Model, Objective
from ..environment.names import CPU
from ..environment.problem import Problem
from ..repository.repository import Repository
from ..repository.stages import declared_stages, pipeline
from ..sizing.choice import Choice, choose
from ..sizing.declared_stage import DeclaredStage
from ..sizing.estimate import joined
from ..sizing.offer import Offer
from ..sizing.pipeline import Pipeline, single
from ..sizing.profile import InvalidProfile, MeasuredProfile, read_profile
from ..sizing.settings import Settings
from ..sizing.shortfall import Shortfall
from .finding import Finding
from .format import served_format
from .notices import Notices
from .pool_room import PoolRoom
from .resolved import ResolvedGpuPool
from .source import Source

_ALONE = "model"
"""Name under which a model of one stage is sized: models that are alike but for their names are sized once."""

_NO_LIMIT = 1_000_000
"""Replicas: what is too many is said by the pool, the model's scaling and what any model may have."""

_chosen = lru_cache(maxsize=16384)(choose)


def decide_sizing(
    model: Model,
    pool: ResolvedGpuPool | None,
    source: Source,
    repository: Repository | None,
    rooms: Mapping[tuple[str, str], PoolRoom],
    notices: Notices,
    *,
    offer: Offer | None = None,
) -> tuple[Choice | None, list[Finding | Problem]]:
    """The sizing, and why it cannot be kept. None with a notice where there is nothing to judge by.

    ``offer`` is an instance of a managed service; None: what the pool gives one replica.
    """
    objective = model.objective
    on_cluster = offer is None and model.has_own_pods
    if served_format(model, repository) == "sklearn" and model.resources.gpus and on_cluster:
        notices.add_model(
            model.name,
            "asks for a GPU, which scikit-learn does not use; set resources.gpus to 0",
            "ask for GPUs, which scikit-learn does not use; set resources.gpus to 0",
        )
    if model.server != "triton":
        notices.add_model(
            model.name,
            "is not served by Triton: its latency is not predicted",
            "are not served by Triton: their latencies are not predicted",
        )
        return None, []
    if objective is None:
        notices.add_model(
            model.name,
            "has no objective, so nothing says how many replicas it needs",
            "have no objective, so nothing says how many replicas they need",
        )
        return None, []
    profile = profile_of(model, source)
    if isinstance(profile, list):
        return None, profile
    if profile is None:
        notices.add_model(
            model.name,
            "has an objective and no profile, so nobody knows whether it is met; measure one with modelyard try "
            "--profile",
            "have objectives and no profile, so nobody knows whether they are met; measure them with modelyard try "
            "--profile",
        )
        return None, []
    stages, way = executed(model, repository, profile)
    unknown = [
        Finding(
            ("profile", "points"),
            f"{shown(name)} is no stage of the model, which executes {', '.join(way.models)}"
            + (f"; did you mean {closest!r}?" if (closest := nearest(name, way.models)) else ""),
        )
        for name in dict.fromkeys(point.stage for point in (model.profile.points if model.profile else ()))
        if name is not None and name not in way.models
    ]
    if unknown:
        return None, list(unknown)
    offer = offer or _offer(model, pool)
    lacking = [name for name in way.models if not any(profile.stage(name, where) for where in (offer.accelerator, CPU))]
    if lacking:
        notices.add(_not_judged(model, profile, lacking, offer))
        return None, []
    found = _sized(profile, objective, stages, offer, way)
    if isinstance(found, Shortfall):
        if found.refused is not None:
            notices.add(f"model {model.name!r}: {found}")
            return None, []
        return None, [Finding(("objective", "p99_ms"), str(found))]
    _notice_floor(model, found, notices)
    return found, list(_too_few(model, found, pool, rooms[pool.cluster, pool.declared.name] if pool else None))


def _not_judged(model: Model, profile: MeasuredProfile, lacking: list[str], offer: Offer) -> str:
    measured = sorted({stage.accelerator for stage in profile.stages if stage.model in lacking})
    if lacking == [model.name] and measured:
        return (
            f"the profile of model {model.name!r} has {', '.join(measured)} and not {offer.accelerator}, on which it "
            "runs: its objective is not judged there"
        )
    on = f", and has them on {', '.join(measured)}" if measured else ""
    return (
        f"the profile of model {model.name!r} has no times of {' and '.join(map(repr, lacking))} on "
        f"{offer.accelerator}{on}: its objective is not judged there"
    )


def profile_of(model: Model, source: Source) -> MeasuredProfile | list[Finding | Problem] | None:
    """What the model declares and what is measured beside it; None: neither."""
    path = source.declared.profile_path if source.declared else None
    if path is None:
        return joined(model.profile, None, model.name)
    file = Path(path)
    try:
        measured = _read(str(file), f"{source.shown}/{file.name}", file.stat().st_mtime_ns)
    except InvalidProfile as invalid:
        return list(invalid.problems)
    except OSError as error:
        reason = (error.strerror or "unknown error").lower()
        return [Finding(("source",), f"profile.json of {shown(model.source)} cannot be read: {reason}")]
    return joined(model.profile, measured, model.name)


@lru_cache(maxsize=1024)
def _read(path: str, shown_as: str, _changed_ns: int) -> MeasuredProfile:
    return read_profile(Path(path), shown=shown_as)


def executed(
    model: Model, repository: Repository | None, profile: MeasuredProfile
) -> tuple[tuple[DeclaredStage, ...], Pipeline]:
    """What executes for a request, and in which order."""
    if repository is not None:
        return declared_stages(repository), pipeline(repository)
    # Nobody here has seen the configuration: the batches of the profile are the best that is known.
    largest = max((point.batch_size for stage in profile.stages for point in stage.points), default=1)
    return (DeclaredStage(model.name, largest),), single(model.name)


def _offer(model: Model, pool: ResolvedGpuPool | None) -> Offer:
    if pool is None:
        return Offer(CPU, cores=model.resources.cpu)
    # Of other accelerators Triton makes no instance for each: what a model loads says where it runs.
    gpus = model.resources.gpus if pool.gpu_resource == NVIDIA else 1
    usd = (
        None
        if pool.usd_per_hour is None
        else float(pool.usd_per_hour) * model.resources.gpus / pool.gpu_devices_per_node
    )
    return Offer(pool.accelerator, gpus=gpus, cores=model.resources.cpu, usd_per_hour=usd)


def _sized(
    profile: MeasuredProfile,
    objective: Objective,
    stages: tuple[DeclaredStage, ...],
    offer: Offer,
    way: Pipeline,
) -> Choice | Shortfall:
    chosen = partial(
        _chosen,
        p99_ms=objective.p99_ms,
        requests_per_second=objective.requests_per_second,
        offers=(offer,),
        most_replicas=_NO_LIMIT,
    )
    if len(stages) != 1:
        return chosen(profile, declared=stages, pipeline=way)
    name = stages[0].model
    times = tuple(stage.model_copy(update={"model": _ALONE}) for stage in profile.stages if stage.model == name)
    alike = profile.model_copy(update={"stages": times})
    found = chosen(alike, declared=(replace(stages[0], model=_ALONE),), pipeline=single(_ALONE))
    if isinstance(found, Shortfall):
        # Its sentence names stages.
        return chosen(profile, declared=stages, pipeline=way)
    return replace(
        found,
        settings=Settings(tuple(replace(stage, model=name) for stage in found.settings.stages)),
        prediction=replace(
            found.prediction, stages=tuple(replace(stage, model=name) for stage in found.prediction.stages)
        ),
    )


def _too_few(model: Model, sizing: Choice, pool: ResolvedGpuPool | None, room: PoolRoom | None) -> list[Finding]:
    objective, scaling = model.objective, model.scaling
    if objective is None:
        return []
    where = "CPU" if pool is None else pool.accelerator
    need = (
        f"{objective.requests_per_second:.10g} requests per second within {objective.p99_ms:.10g} ms take "
        f"{sizing.replicas:,} replicas on {where}{_unbatched(sizing)}"
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
    if pool is None or room is None:
        return []
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


def _unbatched(sizing: Choice) -> str:
    """Why so many, where it is the configuration that keeps requests apart."""
    apart = [stage.model for stage in sizing.settings.stages if not stage.dynamic_batching and stage.max_batch_size > 1]
    if not apart:
        return ""
    return f", where each request is executed by itself: {' and '.join(apart)} has no dynamic batching"


def _notice_floor(model: Model, sizing: Choice, notices: Notices) -> None:
    if sizing.replicas > model.scaling.min_replicas:
        noun = "replica" if sizing.replicas == 1 else "replicas"
        notices.add(
            f"model {model.name!r} needs {sizing.replicas} {noun} for its declared rate and has "
            f"{model.scaling.min_replicas} at least: the autoscaler has to add the rest before the objective holds"
        )
