"""What callers will see: :func:`predict`, from a profile and settings, by :mod:`.simulation`'s assumptions."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from .pipeline import Pipeline, chain
from .profile import MeasuredProfile
from .service_time import ServiceTimes, durations_of, service_times
from .settings import Settings
from .simulation import NO_OVERHEAD, Arrivals, Overhead, Run, simulate


@dataclass(frozen=True, slots=True)
class StagePrediction:
    """Of one model of one replica."""

    model: str
    utilisation: float
    """Share of the time that an instance executes, 0 to 1."""
    load: float
    """Share of the rate that the instances can keep with the batches that suit them best; above 1 the queue grows
    without end."""
    mean_batch: float
    """Rows in an execution."""
    batches: Mapping[int, float]
    """Share of the executions by rows."""
    queue_ms: float
    """Mean for a request."""
    execution_ms: float
    """Mean of an execution."""


@dataclass(frozen=True, slots=True)
class Prediction:
    """Of all replicas together, at one rate. Milliseconds from a request's sending to its answer."""

    rate: float
    """Requests per second over all replicas."""
    replicas: int
    mean_ms: float
    p50_ms: float
    p90_ms: float
    p95_ms: float
    p99_ms: float
    throughput: float
    """Answers per second: the rate, or what the replicas can keep when that is less."""
    capacity: float
    """Requests per second that the replicas can keep when fully busy."""
    utilisation: float
    """``rate`` over ``capacity``; above 1 latencies are of a queue that grows, and say only "too slow"."""
    stages: tuple[StagePrediction, ...]
    cpu_ms: float | None
    """Processor time for a request, the sender's left out; None: not measured."""
    distribution: tuple[tuple[float, float], ...]
    """Points of the distribution: share of the requests, and the milliseconds within which they are answered."""
    source: str
    """Of the profile."""
    substitutes: tuple[str, ...]
    """Models whose times are a substitute's: good for a trial on the same machine, and for nothing else."""

    def stage(self, model: str) -> StagePrediction | None:
        return next((stage for stage in self.stages if stage.model == model), None)


def predict(
    profile: MeasuredProfile,
    settings: Settings,
    rate: float,
    cores: float | None = None,
    *,
    pipeline: Pipeline | None = None,
    replicas: int = 1,
    accelerators: Mapping[str, str] | None = None,
    rows_per_request: int = 1,
    arrivals: Arrivals = "poisson",
    client_cpu_ms: float = 0.0,
    requests: int = 8000,
    seed: int = 1,
) -> Prediction:
    """What ``rate`` requests per second meet.

    Args:
        profile: of all models that execute.
        settings: of each of them.
        rate: over all replicas, which share it alike.
        cores: processors of a replica that its executions compete for; None: they do not, as on a GPU.
        pipeline: None: the models of ``settings``, one after another.
        replicas: at least 1.
        accelerators: by model, whose points to use; default: the first that the profile has for a model.
        client_cpu_ms: processor time for a request of a sender on the same cores.
        requests: to simulate; the 99th percentile of 8,000 repeats within a few percent.
        seed: of arrivals and times.

    Raises:
        ValueError: the profile lacks a model or a batch size that the settings allow.
    """
    pipeline = pipeline or chain([stage.model for stage in settings.stages])
    times = stage_times(profile, settings, accelerators, rows_per_request=rows_per_request, shared=cores is not None)
    overhead = request_overhead(profile, len(pipeline.steps), client_cpu_ms)
    capacity = replicas * replica_capacity(
        pipeline, settings, times, overhead=overhead, cores=cores, rows_per_request=rows_per_request
    )
    run = simulate(
        pipeline,
        settings,
        times,
        rate=rate / replicas,
        requests=requests,
        warm_up=max(requests // 10, 100),
        overhead=overhead,
        cores=cores,
        rows_per_request=rows_per_request,
        arrivals=arrivals,
        seed=seed,
    )
    return prediction(
        run, pipeline, settings, times,
        rate=rate, replicas=replicas, capacity=capacity, overhead=overhead, rows_per_request=rows_per_request,
        source=profile.source, substitutes=profile.substitutes,
    )  # fmt: skip


def stage_times(
    profile: MeasuredProfile,
    settings: Settings,
    accelerators: Mapping[str, str] | None = None,
    *,
    rows_per_request: int = 1,
    shared: bool = False,
) -> dict[str, ServiceTimes]:
    """By model. With ``shared`` cores the points measured one at a time are used, since the simulation itself slows
    down what runs side by side.

    Raises:
        ValueError: the profile lacks a model, or its accelerator.
    """
    times: dict[str, ServiceTimes] = {}
    for stage in settings.stages:
        accelerator = (accelerators or {}).get(stage.model)
        measured = profile.stage(stage.model, accelerator)
        if measured is None:
            where = f" on {accelerator}" if accelerator else ""
            known = ", ".join(f"{each.model} on {each.accelerator}" for each in profile.stages)
            raise ValueError(f"the profile has no points of {stage.model!r}{where}; it has {known}")
        times[stage.model] = service_times(
            measured,
            rows_per_request=rows_per_request,
            instances=1 if shared else stage.instances,
            request_cpu_ms=profile.request_overhead.cpu_ms,
        )
    return times


def request_overhead(profile: MeasuredProfile, steps: int, client_cpu_ms: float = 0.0) -> Overhead:
    """What the profile says of a request apart from its executions."""
    measured = profile.request_overhead
    bare = Overhead(
        cold_ms=measured.cold_ms,
        cooling_ms=measured.cooling_ms,
        cpu_ms=measured.cpu_ms,
        client_cpu_ms=client_cpu_ms,
    )
    step_ms = min(measured.stage_ms, measured.mean_ms / steps)
    half_ms = max(measured.mean_ms - steps * step_ms, 0.0) / 2
    if not half_ms:
        return replace(bare, step_ms=step_ms)
    p99_ms = measured.mean_ms * 3 if measured.p99_ms is None else max(measured.p99_ms, measured.mean_ms)
    slow_ms = half_ms * p99_ms / measured.mean_ms
    half = durations_of(mean_ms=half_ms, p50_ms=half_ms, p90_ms=half_ms + (slow_ms - half_ms) / 2, p99_ms=slow_ms)
    return replace(bare, before_ms=half, after_ms=half, step_ms=step_ms)


def replica_capacity(
    pipeline: Pipeline,
    settings: Settings,
    times: Mapping[str, ServiceTimes],
    *,
    overhead: Overhead = NO_OVERHEAD,
    cores: float | None = None,
    rows_per_request: int = 1,
) -> float:
    """Requests per second that one replica keeps when it is fully busy: of its slowest stage, or of its processors."""
    limits: list[float] = []
    cpu_ms = overhead.cpu_ms + overhead.client_cpu_ms
    for model in pipeline.models:
        stage = settings.stage(model)
        if stage is None:
            raise ValueError(f"model {model!r} has no settings")
        visits = sum(step.model == model for step in pipeline.steps)
        largest = max(stage.largest_batch, rows_per_request)
        rows = stage.instances * times[model].highest_rate(largest)
        limits.append(rows / rows_per_request / visits)
        of_batch = times[model].of(min(largest, times[model].largest)).cpu_ms
        cpu_ms += visits * (of_batch or 0.0) * rows_per_request / largest
    if cores is not None and cpu_ms > 0:
        limits.append(cores * 1000 / cpu_ms)
    return min(limits)


def prediction(
    run: Run,
    pipeline: Pipeline,
    settings: Settings,
    times: Mapping[str, ServiceTimes],
    *,
    rate: float,
    replicas: int,
    capacity: float,
    overhead: Overhead,
    rows_per_request: int,
    source: str,
    substitutes: tuple[str, ...],
) -> Prediction:
    """The figures of a run of one replica."""
    ordered = sorted(run.latencies_ms)
    stages: list[StagePrediction] = []
    for model in pipeline.models:
        stage, did = settings.stage(model), run.stages[model]
        assert stage is not None
        visits = sum(step.model == model for step in pipeline.steps)
        largest = max(stage.largest_batch, rows_per_request)
        possible = stage.instances * times[model].highest_rate(largest) / rows_per_request / visits
        executions = max(did.executions, 1)
        stages.append(
            StagePrediction(
                model=model,
                utilisation=did.busy_ms / run.elapsed_ms / stage.instances,
                load=rate / replicas / possible,
                mean_batch=did.requests * rows_per_request / executions,
                batches={rows: count / executions for rows, count in sorted(did.batches.items())},
                queue_ms=did.queue_ms / max(did.requests, 1),
                execution_ms=did.busy_ms / executions,
            )
        )
    return Prediction(
        rate=rate,
        replicas=replicas,
        mean_ms=sum(ordered) / len(ordered),
        p50_ms=percentile(ordered, 0.50),
        p90_ms=percentile(ordered, 0.90),
        p95_ms=percentile(ordered, 0.95),
        p99_ms=percentile(ordered, 0.99),
        throughput=min(rate, capacity),
        capacity=capacity,
        utilisation=rate / capacity,
        stages=tuple(stages),
        cpu_ms=_cpu_ms(pipeline, times, run, overhead),
        distribution=tuple((share, percentile(ordered, share)) for share in _SHARES),
        source=source,
        substitutes=substitutes,
    )


def percentile(ordered: Sequence[float], share: float) -> float:
    """Of values in rising order: the smallest that so large a share of them does not exceed."""
    return ordered[min(max(math.ceil(share * len(ordered)) - 1, 0), len(ordered) - 1)]


_SHARES = (0.01, 0.05, *(at / 20 for at in range(2, 19)), 0.95, 0.96, 0.97, 0.98, 0.99, 0.995, 0.999)


def _cpu_ms(pipeline: Pipeline, times: Mapping[str, ServiceTimes], run: Run, overhead: Overhead) -> float | None:
    total = overhead.cpu_ms
    for model in pipeline.models:
        did = run.stages[model]
        if any(times[model].of(rows).cpu_ms is None for rows in did.batches):
            return None
        visits = sum(step.model == model for step in pipeline.steps)
        total += visits * did.cpu_ms / max(did.requests, 1)
    return total
