"""Queues of theory in the words of a stage, and what theory says of them."""

from __future__ import annotations

import math

from modelyard.sizing.profile import MeasuredPoint, MeasuredProfile, MeasuredStage, RequestOverhead
from modelyard.sizing.service_time import Execution, ServiceTimes, service_times
from modelyard.sizing.settings import Settings, StageSettings


def point(batch_size: int, mean_ms: float, **given: float | int | None) -> MeasuredPoint:
    """Executions that all take the same time, unless percentiles are given."""
    values = {"p50_ms": mean_ms, "p90_ms": mean_ms, "p99_ms": mean_ms, "executions": 1000} | given
    return MeasuredPoint.model_validate({"batch_size": batch_size, "mean_ms": mean_ms, **values})


def stage(model: str, *points: MeasuredPoint, accelerator: str = "cpu", substitute: str | None = None) -> MeasuredStage:
    return MeasuredStage(model=model, accelerator=accelerator, points=points, substitute=substitute)


def profile(*stages: MeasuredStage, overhead: RequestOverhead | None = None) -> MeasuredProfile:
    return MeasuredProfile(
        source="measured on a desk",
        server="2.51.0",
        processor="a processor",
        stages=stages,
        request_overhead=overhead or RequestOverhead(),
    )


def deterministic(*times_ms: tuple[int, float], model: str = "m") -> ServiceTimes:
    return service_times(stage(model, *(point(size, ms) for size, ms in times_ms)))


def exponential(mean_ms: float, model: str = "m", *, cpu: bool = False) -> ServiceTimes:
    """Of single requests; with ``cpu`` all of it is processor time."""
    strata = 5000
    durations = tuple(-mean_ms * math.log(1 - (at + 0.5) / strata) for at in range(strata))
    mean_ms = sum(durations) / strata
    execution = Execution(durations, mean_ms, durations[int(0.99 * strata)], mean_ms if cpu else None, 0.0)
    return ServiceTimes(model, (point(1, mean_ms),), _known={1: execution})


def settings(
    model: str = "m", *, batch: int = 1, instances: int = 1, delay_us: int = 0, preferred: tuple[int, ...] = ()
) -> Settings:
    return Settings((StageSettings(model, batch, delay_us, preferred, instances),))


def erlang_c_wait(arrival_rate: float, service_time: float, servers: int) -> float:
    """Mean wait of M/M/c."""
    offered = arrival_rate * service_time
    below = sum(offered**k / math.factorial(k) for k in range(servers))
    full = offered**servers / math.factorial(servers) * servers / (servers - offered)
    return full / (below + full) * service_time / (servers - offered)


def crommelin_wait(arrival_rate: float, service_time: float, servers: int) -> float:
    """Mean wait of M/D/c: the number in the system a service time later is what was not in service, and the arrivals;
    its stationary distribution gives the mean queue, and Little's law the wait."""
    most = 100
    arriving = _poisson(arrival_rate * service_time, most)
    state = [1.0] + [0.0] * most
    for _ in range(600):
        after = [0.0] * (most + 1)
        for number, share in enumerate(state):
            if share < 1e-15:
                continue
            left = max(number - servers, 0)
            for more in range(most + 1 - left):
                after[left + more] += share * arriving[more]
        moved, state = max(abs(a - b) for a, b in zip(after, state, strict=True)), after
        if moved < 1e-10:
            break
    queue = sum(max(number - servers, 0) * share for number, share in enumerate(state))
    return queue / arrival_rate


def mean_bulk(arrival_rate: float, times: dict[int, float], largest: int) -> float:
    """Mean batch of a server that takes all that wait, up to ``largest``, as soon as there is one: the numbers left
    behind by its executions are a Markov chain."""
    most = 150
    state = [1.0] + [0.0] * most
    arriving = {size: _poisson(arrival_rate * time, most) for size, time in times.items()}
    for _ in range(400):
        after = [0.0] * (most + 1)
        for number, share in enumerate(state):
            if share < 1e-15:
                continue
            size = min(max(number, 1), largest)
            left = max(number, 1) - size
            for more in range(most + 1 - left):
                after[left + more] += share * arriving[size][more]
        moved, state = max(abs(a - b) for a, b in zip(after, state, strict=True)), after
        if moved < 1e-10:
            break
    return sum(min(max(number, 1), largest) * share for number, share in enumerate(state))


def _poisson(mean: float, most: int) -> list[float]:
    shares = [math.exp(-mean)]
    for number in range(1, most + 1):
        shares.append(shares[-1] * mean / number)
    return shares
