"""How executions and requests slow down with the idle time before them, measured through the whole model.

A process that has slept for some milliseconds finds its caches gone and its processor asleep: on a small machine an
execution that takes 0.4 ms back to back takes 1.3 ms at 20 requests per second. The points of a profile are taken at
one pace, whichever that is; this finds what each stage adds with longer pauses, and brings the points to none.
"""

from __future__ import annotations

import math
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from statistics import median

from ..repository.protobuf import ModelConfig
from ..repository.repository import Repository
from ..repository.stages import pipeline
from ..sizing.profile import MeasuredPoint, MeasuredProfile, MeasuredStage
from .address import ServerAddress
from .bursts import Bursts
from .requests import SampleRequest
from .statistics import between, counters

PAUSES_MS = (0.0, 4.0, 12.0, 40.0)
COOLING_MS = (2.0, 3.0, 4.0, 5.0, 7.0, 10.0, 14.0, 20.0, 30.0)
"""That are tried."""
_IN_WINDOW = 12
_LEAST_WINDOWS = 3
_LEAST = 0.2
"""Of a time as it was measured, what is left of it at least without a pause before it."""


@dataclass(frozen=True)
class Pace:
    """Single requests with one pause between them; milliseconds, each the median of windows."""

    pause_ms: float
    latency_ms: float
    execution_ms: dict[str, float]
    cpu_ms: float
    """The server's, for a request."""
    stage_cpu_ms: dict[str, float]
    """Of it, in the stages' own processes."""

    @property
    def overhead_ms(self) -> float:
        """Of a chain of stages, with the time that waking up takes, which Triton counts as queueing."""
        return self.latency_ms - sum(self.execution_ms.values())

    def idle_ms(self, model: str) -> float:
        return self.pause_ms + self.latency_ms - self.execution_ms[model]


def undelayed_config(config: ModelConfig) -> ModelConfig:
    """The configuration under which pauses are measured: the model's own, in which no batch waits for more and no
    answer comes from a cache."""
    changed = type(config)()
    changed.CopyFrom(config)
    changed.ClearField("response_cache")
    if config.HasField("dynamic_batching"):
        changed.dynamic_batching.Clear()
    return changed


def is_chain(repository: Repository) -> bool:
    """Whether its stages execute one after another, each once: then the pauses between their executions are known."""
    steps = pipeline(repository).steps
    return len({step.model for step in steps}) == len(steps) and all(
        at - 1 in step.after for at, step in enumerate(steps) if at
    )


def with_idle_times(
    profile: MeasuredProfile,
    address: ServerAddress,
    model: str,
    stages: Sequence[str],
    requests: Sequence[SampleRequest],
    *,
    seconds: float = 10.0,
    progress: Callable[[float], None] | None = None,
) -> MeasuredProfile:
    """The profile with ``cold_ms`` and ``cooling_ms`` of each stage and of the overhead.

    Args:
        address: of a server on this machine whose models have :func:`undelayed_config`.
        stages: that execute, one after another.
        requests: of one row.
        seconds: at least; every pause is tried a few times in any case.
        progress: told how many have passed.
    """
    paces = _paces(address, model, stages, requests, seconds, progress or (lambda _passed: None))
    request_cpu_ms = min(
        (p.cpu_ms / p.requests for stage in profile.stages for p in stage.points if p.cpu_ms), default=0.0
    )
    quick = paces[0]
    # Waking threads up is processor time of each execution; what a request takes by itself is seen in large batches.
    waking_ms = max(quick.cpu_ms - sum(quick.stage_cpu_ms.values()) - request_cpu_ms, 0.0) / len(stages)
    measured = tuple(
        _stage(
            stage,
            fitted([(pace.idle_ms(stage.model), pace.execution_ms[stage.model]) for pace in paces]),
            (quick.stage_cpu_ms[stage.model] + waking_ms) / quick.execution_ms[stage.model],
            request_cpu_ms,
        )
        for stage in profile.stages
    )
    warm_ms, cold_ms, cooling_ms = fitted([(pace.pause_ms, pace.overhead_ms) for pace in paces])
    before = profile.request_overhead
    tail = (before.p99_ms or 3 * before.mean_ms) / before.mean_ms if before.mean_ms else 3.0
    figures = {
        "mean_ms": warm_ms,
        "p99_ms": warm_ms * tail,
        "stage_ms": min(before.stage_ms, warm_ms / len(stages)),
        "cold_ms": cold_ms,
        "cooling_ms": cooling_ms,
        "cpu_ms": request_cpu_ms,
    }
    overhead = before.model_copy(update={name: round(ms, 4) for name, ms in figures.items()})
    return profile.model_copy(update={"stages": measured, "request_overhead": overhead})


def _paces(
    address: ServerAddress,
    model: str,
    stages: Sequence[str],
    requests: Sequence[SampleRequest],
    seconds: float,
    progress: Callable[[float], None],
) -> list[Pace]:
    """The pauses take turns, so that a noisy moment meets all of them."""
    windows: dict[float, list[Pace]] = {pause: [] for pause in PAUSES_MS}
    start = time.monotonic()
    with Bursts(address, 1) as bursts:
        messages = [bursts.message(model, request) for request in requests]
        while (passed := time.monotonic() - start) < seconds or len(windows[PAUSES_MS[0]]) < _LEAST_WINDOWS:
            progress(min(passed, seconds))
            for pause in PAUSES_MS:
                windows[pause].append(_window(bursts, messages, stages, pause))
    return [_median(each) for each in windows.values()]


def _window(bursts: Bursts, messages: Sequence[bytes], stages: Sequence[str], pause_ms: float) -> Pace:
    bursts.send([messages[0]])
    before = counters(bursts.address, stages)
    latencies: list[float] = []
    for at in range(_IN_WINDOW):
        if pause_ms:
            time.sleep(pause_ms / 1000)
        latencies.append(bursts.send([messages[at % len(messages)]]))
    found = between(before, counters(bursts.address, stages))
    return Pace(
        pause_ms,
        sum(latencies) / _IN_WINDOW,
        {stage.model: 1000 * stage.busy_s / max(stage.executions, 1) for stage in found.stages},
        1000 * (found.cpu_s or 0.0) / _IN_WINDOW,
        {name: 1000 * found.cpu_by_stage_s.get(name, 0.0) / _IN_WINDOW for name in stages},
    )


def _median(windows: Sequence[Pace]) -> Pace:
    first = windows[0]
    return Pace(
        first.pause_ms,
        median(window.latency_ms for window in windows),
        {name: median(window.execution_ms[name] for window in windows) for name in first.execution_ms},
        median(window.cpu_ms for window in windows),
        {name: median(window.stage_cpu_ms[name] for window in windows) for name in first.stage_cpu_ms},
    )


def fitted(seen: Sequence[tuple[float, float]]) -> tuple[float, float, float]:
    """Milliseconds without a pause, what long pauses add, and the idle time that takes 63 % of it: least squares."""
    best = (math.inf, 0.0, 0.0, COOLING_MS[0])
    for cooling_ms in COOLING_MS:
        shares = [1 - math.exp(-idle / cooling_ms) for idle, _ in seen]
        times = [ms for _, ms in seen]
        mean_share, mean_ms = sum(shares) / len(shares), sum(times) / len(times)
        varied = sum((share - mean_share) ** 2 for share in shares)
        slope = sum((share - mean_share) * (ms - mean_ms) for share, ms in zip(shares, times, strict=True)) / varied
        cold_ms = max(slope, 0.0)
        warm_ms = max(mean_ms - cold_ms * mean_share, _LEAST * min(times))
        missed = sum((warm_ms + cold_ms * share - ms) ** 2 for share, ms in zip(shares, times, strict=True))
        best = min(best, (missed, warm_ms, cold_ms, cooling_ms))
    return best[1:]


def _stage(
    stage: MeasuredStage, fit: tuple[float, float, float], cpu_share: float, request_cpu_ms: float
) -> MeasuredStage:
    warm_ms, cold_ms, cooling_ms = fit
    one = min(stage.points, key=lambda point: (point.batch_size, point.instances))
    less_ms = max(one.p50_ms - warm_ms, 0.0)
    less_cpu_ms = (one.cpu_ms or 0.0) - cpu_share * warm_ms - request_cpu_ms
    points = tuple(_warm(point, less_ms, less_cpu_ms) for point in stage.points)
    return stage.model_copy(update={"points": points, "cold_ms": round(cold_ms, 4), "cooling_ms": cooling_ms})


def _warm(point: MeasuredPoint, less_ms: float, less_cpu_ms: float) -> MeasuredPoint:
    names = ("mean_ms", "p50_ms", "p90_ms", "p99_ms")
    changed = {name: max(getattr(point, name) - less_ms, _LEAST * getattr(point, name)) for name in names}
    if point.cpu_ms is not None:
        changed["cpu_ms"] = max(point.cpu_ms - less_cpu_ms, _LEAST * point.cpu_ms)
    return point.model_copy(update={name: round(ms, 4) for name, ms in changed.items()})
