"""The few settings worth a simulation, the ones with the highest throughput first."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace

from ..environment.names import CPU
from .declared_stage import DeclaredStage
from .offer import Offer
from .pipeline import Pipeline
from .prediction import replica_capacity
from .profile import MeasuredProfile, MeasuredStage
from .service_time import ServiceTimes, service_times
from .settings import Settings, StageSettings
from .simulation import Overhead

MOST_INSTANCES = 16
"""Of one CPU stage: each is a process with the model in its memory."""
WORTHWHILE = 1.05
"""How many times more throughput one more instance must bring."""


def candidates(
    profile: MeasuredProfile,
    declared: Sequence[DeclaredStage],
    pipeline: Pipeline,
    offer: Offer,
    overhead: Overhead,
) -> Iterator[Settings]:
    """One for each largest batch, from the largest that is declared and measured down by halves to 1: batches form
    under a backlog without any delay, so that a large one costs nothing while there is none. Each comes with one
    instance of every stage first (or what is declared), then with as many as its slowest stages can make use of.

    ``instances`` are those of one GPU, as the configuration writes them.
    """
    by_model = {stage.model: stage for stage in declared}
    stages = [by_model[model] for model in pipeline.models]
    limit = max(max(stage.max_batch_size, 1) for stage in stages)
    seen: set[Settings] = set()
    while limit >= 1:
        one = Settings(tuple(_start(stage, measured(profile, stage.model, offer), limit) for stage in stages))
        for settings in (one, _with_instances(one, by_model, profile, pipeline, offer, overhead)):
            if settings not in seen:
                seen.add(settings)
                yield settings
        limit = 1 << (limit - 1).bit_length() - 1 if limit > 1 else 0


def measured(profile: MeasuredProfile, model: str, offer: Offer) -> MeasuredStage:
    """The stage where it runs: on the offer's accelerator, or else on the CPU.

    Raises:
        LookupError: it was measured on neither.
    """
    stage = profile.stage(model, offer.accelerator) or profile.stage(model, CPU)
    if stage is None:
        raise LookupError(model)
    return stage


def times_of(profile: MeasuredProfile, settings: Settings, offer: Offer) -> dict[str, ServiceTimes]:
    """By model, where the offer runs it."""
    times: dict[str, ServiceTimes] = {}
    for each in settings.stages:
        stage = measured(profile, each.model, offer)
        times[each.model] = service_times(
            stage,
            instances=1 if shares_cores(stage, offer) else each.instances,
            request_cpu_ms=profile.request_overhead.cpu_ms,
        )
    return times


def on_all_gpus(profile: MeasuredProfile, settings: Settings, offer: Offer) -> Settings:
    """The same with the instances of a whole replica."""
    if offer.gpus <= 1 or offer.accelerator == CPU:
        return settings
    return Settings(
        tuple(
            stage
            if measured(profile, stage.model, offer).accelerator == CPU
            else replace(stage, instances=stage.instances * offer.gpus)
            for stage in settings.stages
        )
    )


def shares_cores(stage: MeasuredStage, offer: Offer) -> bool:
    """Whether executions of the stage slow one another down by their processor time."""
    return stage.accelerator == CPU and offer.cores is not None


def _start(stage: DeclaredStage, on: MeasuredStage, limit: int) -> StageSettings:
    largest = max(point.batch_size for point in on.points)
    # A declared delay or preferred size is kept, and means nothing in batches that it does not fit into.
    least = max(2 if stage.max_queue_delay_us else 1, *(stage.preferred_batch_sizes or (1,)))
    batch = min(stage.max_batch_size, largest, max(limit, least))
    preferred = tuple(size for size in stage.preferred_batch_sizes or () if size <= batch)
    batches = stage.dynamic_batching and batch > 1
    return StageSettings(
        model=stage.model,
        max_batch_size=batch,
        max_queue_delay_us=(stage.max_queue_delay_us or 0) if batches else 0,
        preferred_batch_sizes=preferred if batches else (),
        instances=stage.instances or 1,
        dynamic_batching=batches,
    )


def _with_instances(
    settings: Settings,
    declared: dict[str, DeclaredStage],
    profile: MeasuredProfile,
    pipeline: Pipeline,
    offer: Offer,
    overhead: Overhead,
) -> Settings:
    """Adds instances where the slowest stage gains by them. A GPU stage gets only as many as were measured side by
    side, since they share the GPU."""

    def capacity(of: Settings) -> float:
        whole = on_all_gpus(profile, of, offer)
        return replica_capacity(pipeline, whole, times_of(profile, of, offer), overhead=overhead, cores=offer.cores)

    best = capacity(settings)
    while True:
        grown = [
            (capacity(more), more)
            for stage in settings.stages
            if declared[stage.model].instances is None
            and (wanted := _next_instances(measured(profile, stage.model, offer), stage.instances, offer)) is not None
            and (more := _replaced(settings, replace(stage, instances=wanted)))
        ]
        if not grown:
            return settings
        gained, more = max(grown, key=lambda each: each[0])
        if gained < best * WORTHWHILE:
            return settings
        best, settings = gained, more


def _next_instances(stage: MeasuredStage, now: int, offer: Offer) -> int | None:
    if shares_cores(stage, offer):
        most = min(MOST_INSTANCES, max(1, round(offer.cores or 1)))
        return now + 1 if now < most else None
    return min((point.instances for point in stage.points if point.instances > now), default=None)


def _replaced(settings: Settings, stage: StageSettings) -> Settings:
    return Settings(tuple(stage if each.model == stage.model else each for each in settings.stages))
