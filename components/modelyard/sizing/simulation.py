"""One replica of Triton, simulated event by event, from arrivals to answers.

Assumptions:

- Requests arrive one by one at random (Poisson), each with the same number of rows, or evenly where so asked.
- A request goes through its pipeline's steps; a step waits for the steps that it reads from, and nothing else. Each
  model has one queue, one batcher (:mod:`.batcher`) and its instances, whichever step the request comes from.
- Times of executions are independent of one another, drawn from the measured distribution of their batch size. Where
  the profile says how they grow with the idle time before them, they do; of several idle instances the one that has
  waited longest is next. The same holds for the overhead of a request and the time since the one before.
- What a request costs apart from executions is paid half before the first step and half after the last, but for
  ``stage_ms``, which is paid before each step.
- With ``cores``, processor time is shared: of an execution, the part that the profile saw as processor time slows
  down with whatever else runs, the rest (sleeping, waiting for a GPU) does not. Receiving and answering requests, and
  the load generator where it runs on the same machine, take part. Without ``cores`` nothing slows anything down.
- No request is rejected, times out, or is answered from a cache; tensors have one shape; there is one priority.
- The state of the machine does not change: no throttling, no neighbours, no garbage collection beyond what the
  profile saw.
"""

from __future__ import annotations

import heapq
import math
import random
from collections import deque
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Literal

from .batcher import Batcher
from .cores import Cores
from .pipeline import Pipeline
from .profile import COOLING_MS
from .service_time import Execution, ServiceTimes
from .settings import Settings, StageSettings

Arrivals = Literal["poisson", "constant"]


@dataclass(frozen=True, slots=True)
class Overhead:
    """Of a request, apart from its executions; milliseconds."""

    before_ms: tuple[float, ...] = (0.0,)
    """Equally likely times until the first step may begin."""
    after_ms: tuple[float, ...] = (0.0,)
    step_ms: float = 0.0
    cold_ms: float = 0.0
    """More before the first step after a long time without requests."""
    cooling_ms: float = COOLING_MS
    cpu_ms: float = 0.0
    """Processor time within ``before_ms`` and ``after_ms``, half and half."""
    client_cpu_ms: float = 0.0
    """Processor time of the sender on the same cores, half for sending and half for reading the answer."""


NO_OVERHEAD = Overhead()


@dataclass(slots=True)
class StageRun:
    """What one model did."""

    requests: int = 0
    executions: int = 0
    queue_ms: float = 0.0
    """Of all requests."""
    busy_ms: float = 0.0
    """Of all instances."""
    cpu_ms: float = 0.0
    """Processor time of all executions; 0 where it is not known."""
    batches: dict[int, int] = field(default_factory=dict)
    """Executions by rows."""


@dataclass(frozen=True, slots=True)
class Run:
    """A finished simulation; the warm-up is left out of latencies."""

    latencies_ms: tuple[float, ...]
    """In the order in which the requests arrived."""
    elapsed_ms: float
    """Until the last answer."""
    arrived_ms: float
    """When the last request arrived."""
    requests: int
    stages: Mapping[str, StageRun]
    in_system_ms: float
    """The time that all requests together spent from arrival to answer."""
    cpu_ms: float


def simulate(
    pipeline: Pipeline,
    settings: Settings,
    times: Mapping[str, ServiceTimes],
    *,
    rate: float,
    requests: int = 4000,
    warm_up: int = 400,
    overhead: Overhead = NO_OVERHEAD,
    cores: float | None = None,
    rows_per_request: int = 1,
    arrivals: Arrivals = "poisson",
    seed: int = 1,
    give_up_ms: float | None = None,
) -> Run:
    """One replica under ``rate`` requests per second.

    Args:
        times: by model.
        requests: whose latencies count, after ``warm_up``.
        seed: the same seed draws the same arrivals, in units of their mean distance, whatever the settings.
        give_up_ms: end once so many requests are later than this that the 99th percentile of ``requests`` is, too:
            the latencies then are those known so far.

    Raises:
        ValueError: a model has no settings or no times, or its largest batch was not measured.
    """
    return _Replica(
        pipeline,
        settings,
        times,
        rate,
        requests,
        warm_up,
        overhead,
        cores,
        rows_per_request,
        arrivals,
        seed,
        give_up_ms,
    ).run()


Event = Callable[[float], None]


class _Replica:
    def __init__(
        self,
        pipeline: Pipeline,
        settings: Settings,
        times: Mapping[str, ServiceTimes],
        rate: float,
        requests: int,
        warm_up: int,
        overhead: Overhead,
        cores: float | None,
        rows_per_request: int,
        arrivals: Arrivals,
        seed: int,
        give_up_ms: float | None,
    ) -> None:
        self._overhead = overhead
        self._cores = None if cores is None else Cores(cores)
        self._total = warm_up + requests
        self._warm_up = warm_up
        self._distance_ms = 1000.0 / rate
        self._constant = arrivals == "constant"
        self._arriving = random.Random(seed)
        self._drawing = random.Random(seed + 1).random
        self.chance = random.Random(seed + 2).random
        self._give_up_ms = give_up_ms
        self._may_be_late = requests // 100
        self._events: list[tuple[float, int, Event]] = []
        self._sequence = 0
        steps = pipeline.steps
        self._first = tuple(at for at, step in enumerate(steps) if not step.after)
        self._follow = tuple(
            tuple(after for after, step in enumerate(steps) if at in step.after) for at in range(len(steps))
        )
        self._needs = tuple(len(step.after) for step in steps)
        self._steps = len(steps)
        self._stages: dict[str, _Stage] = {}
        for model in pipeline.models:
            stage_settings = settings.stage(model)
            if stage_settings is None or model not in times:
                raise ValueError(f"model {model!r} has no " + ("settings" if stage_settings is None else "times"))
            self._stages[model] = _Stage(self, stage_settings, times[model], rows_per_request)
        self._stage_of = tuple(self._stages[step.model] for step in steps)
        self._begun: list[float] = []
        self._latencies = [-1.0] * self._total
        self._waiting: dict[int, list[int]] = {}
        self._left: dict[int, int] = {}
        self._answered = 0
        self._late = 0

    def run(self) -> Run:
        self.at(self._gap(), self._arrive)
        events, cores = self._events, self._cores
        now_ms = 0.0
        while self._answered < self._total and self._late <= self._may_be_late:
            next_ms = events[0][0] if events else float("inf")
            if cores is not None and cores.next_ms() <= next_ms:
                now_ms = cores.next_ms()
                cores.finish_next()
                continue
            now_ms, _, event = heapq.heappop(events)
            event(now_ms)
        if cores is not None:
            cores.advance(now_ms)
        known = [latency for latency in self._latencies[self._warm_up :] if latency >= 0]
        return Run(
            latencies_ms=tuple(known),
            elapsed_ms=now_ms,
            arrived_ms=self._begun[-1],
            requests=self._answered,
            stages={model: stage.did for model, stage in self._stages.items()},
            in_system_ms=sum(latency for latency in self._latencies if latency >= 0),
            cpu_ms=cores.busy_ms if cores is not None else 0.0,
        )

    def at(self, when_ms: float, event: Event) -> None:
        self._sequence += 1
        heapq.heappush(self._events, (when_ms, self._sequence, event))

    def draw(self, values: tuple[float, ...]) -> float:
        return values[int(self._drawing() * len(values))]

    def work(self, now_ms: float, alone_ms: float, cpu_ms: float | None, done: Event) -> None:
        """``done`` after so long, of which the processor time is stretched by whatever shares the cores."""
        if self._cores is None or not cpu_ms:
            if alone_ms <= 0:
                done(now_ms)
            else:
                self.at(now_ms + alone_ms, done)
            return
        cores, width = self._cores, max(1.0, cpu_ms / alone_ms if alone_ms > 0 else 1.0)
        waiting_ms = alone_ms - cpu_ms
        if waiting_ms <= 1e-9:
            cores.run(now_ms, cpu_ms, done, width=width)
        else:
            self.at(now_ms + waiting_ms, lambda later_ms: cores.run(later_ms, cpu_ms, done))

    def _gap(self) -> float:
        return self._distance_ms * (1.0 if self._constant else self._arriving.expovariate(1.0))

    def _arrive(self, now_ms: float) -> None:
        request = len(self._begun)
        self._begun.append(now_ms)
        if request + 1 < self._total:
            self.at(now_ms + self._gap(), self._arrive)
        if self._steps > 1:
            self._waiting[request] = list(self._needs)
            self._left[request] = self._steps
        overhead = self._overhead
        idle_ms = now_ms - self._begun[-2] if request else math.inf
        cold_ms = overhead.cold_ms * (1 - math.exp(-idle_ms / overhead.cooling_ms)) if overhead.cold_ms else 0.0
        self.work(
            now_ms,
            self.draw(overhead.before_ms) + cold_ms + overhead.client_cpu_ms / 2,
            (overhead.cpu_ms + overhead.client_cpu_ms) / 2,
            lambda later_ms: self._begin(later_ms, request, self._first),
        )

    def _begin(self, now_ms: float, request: int, steps: tuple[int, ...]) -> None:
        for step in steps:
            if self._overhead.step_ms > 0:
                self.at(now_ms + self._overhead.step_ms, lambda later_ms, s=step: self._enter(later_ms, request, s))
            else:
                self._enter(now_ms, request, step)

    def _enter(self, now_ms: float, request: int, step: int) -> None:
        self._stage_of[step].arrive(now_ms, request * self._steps + step)

    def executed(self, now_ms: float, entry: int) -> None:
        """A step of a request has its answer."""
        request, step = divmod(entry, self._steps)
        if self._steps > 1:
            waiting = self._waiting[request]
            for after in self._follow[step]:
                waiting[after] -= 1
                if waiting[after] == 0:
                    self._begin(now_ms, request, (after,))
            self._left[request] -= 1
            if self._left[request]:
                return
            del self._left[request], self._waiting[request]
        overhead = self._overhead
        self.work(
            now_ms,
            self.draw(overhead.after_ms) + overhead.client_cpu_ms / 2,
            (overhead.cpu_ms + overhead.client_cpu_ms) / 2,
            lambda later_ms: self._answer(later_ms, request),
        )

    def _answer(self, now_ms: float, request: int) -> None:
        latency = self._latencies[request] = now_ms - self._begun[request]
        self._answered += 1
        if self._give_up_ms is not None and request >= self._warm_up and latency > self._give_up_ms:
            self._late += 1


class _Stage:
    """A model of the replica: its batcher, its instances, and what they did."""

    def __init__(self, replica: _Replica, settings: StageSettings, times: ServiceTimes, rows_per_request: int) -> None:
        largest = max(settings.max_batch_size, rows_per_request) if settings.dynamic_batching else rows_per_request
        times.of(largest)
        self._replica = replica
        self._rows = rows_per_request
        self._times = times
        self._entered: dict[int, float] = {}
        self._idle_since = deque([-math.inf] * settings.instances)
        """Of the idle instances, longest first."""
        self._now_ms = 0.0
        self._batcher = Batcher(
            settings,
            self._start,
            lambda when_ms: replica.at(when_ms, self._timer),
            rows_per_request=rows_per_request,
            draw=replica.chance,
        )
        self.did = StageRun()

    def arrive(self, now_ms: float, entry: int) -> None:
        self._entered[entry] = self._now_ms = now_ms
        self._batcher.arrive(now_ms, entry)

    def _timer(self, now_ms: float) -> None:
        self._now_ms = now_ms
        self._batcher.timer(now_ms)

    def _start(self, entries: list[int]) -> None:
        now_ms, did, replica = self._now_ms, self.did, self._replica
        rows = len(entries) * self._rows
        did.executions += 1
        did.requests += len(entries)
        did.batches[rows] = did.batches.get(rows, 0) + 1
        for entry in entries:
            did.queue_ms += now_ms - self._entered.pop(entry)
        execution = self._times.of(rows)
        alone_ms = replica.draw(execution.durations_ms) + self._times.cold(now_ms - self._idle_since.popleft())
        cpu_ms = _cpu_ms(execution, alone_ms)
        did.cpu_ms += cpu_ms or 0.0
        replica.work(
            now_ms,
            alone_ms,
            cpu_ms,
            lambda later_ms: self._finish(later_ms, now_ms, entries, execution.gap_ms),
        )

    def _finish(self, now_ms: float, began_ms: float, entries: list[int], gap_ms: float) -> None:
        self.did.busy_ms += now_ms - began_ms
        self._idle_since.append(now_ms)
        if gap_ms > 0:
            self._replica.at(now_ms + gap_ms, self._free)
        else:
            self._free(now_ms)
        for entry in entries:
            self._replica.executed(now_ms, entry)

    def _free(self, now_ms: float) -> None:
        self._now_ms = now_ms
        self._batcher.finish(now_ms)


def _cpu_ms(execution: Execution, alone_ms: float) -> float | None:
    """Longer executions of a size need more of the processor, in proportion; the part that waits stays the same
    share."""
    return None if execution.cpu_ms is None else execution.cpu_ms * alone_ms / execution.mean_ms
