"""The simulation against queues that theory has solved. Seeds are fixed; tolerances are those of the sample."""

from __future__ import annotations

import math

import pytest
from modelyard.sizing.pipeline import Pipeline, Step, chain, single
from modelyard.sizing.service_time import ServiceTimes
from modelyard.sizing.settings import Settings, StageSettings
from modelyard.sizing.simulation import Run, simulate

from .queues import crommelin_wait, deterministic, erlang_c_wait, exponential, mean_bulk, settings

REQUESTS = 40_000


def run(times: ServiceTimes, of: Settings, rate: float, *, cores: float | None = None, requests: int = REQUESTS) -> Run:
    return simulate(
        single("m"), of, {"m": times}, rate=rate, cores=cores, requests=requests, warm_up=requests // 10, seed=7
    )


def wait_ms(of: Run, model: str = "m") -> float:
    return of.stages[model].queue_ms / of.stages[model].requests


def mean_ms(of: Run) -> float:
    return sum(of.latencies_ms) / len(of.latencies_ms)


@pytest.mark.parametrize("load", [0.4, 0.7, 0.85])
@pytest.mark.parametrize("servers", [1, 2, 4])
def test_exponential_service(load: float, servers: int) -> None:
    """M/M/c waits as Erlang's C says."""
    rate = load * servers / 10
    found = run(exponential(10.0), settings(instances=servers), 1000 * rate)
    expected = erlang_c_wait(rate, 10.0, servers)
    assert wait_ms(found) == pytest.approx(expected, rel=0.13, abs=0.05)


@pytest.mark.parametrize("load", [0.4, 0.7, 0.85])
@pytest.mark.parametrize("servers", [1, 2, 4])
def test_constant_service(load: float, servers: int) -> None:
    """M/D/c waits as Crommelin's chain says; for one server that is Pollaczek and Khinchine's half."""
    rate = load * servers / 10
    found = run(deterministic((1, 10.0)), settings(instances=servers), 1000 * rate)
    expected = crommelin_wait(rate, 10.0, servers)
    if servers == 1:
        assert expected == pytest.approx(load * 10 / (2 * (1 - load)), rel=1e-3)
    assert wait_ms(found) == pytest.approx(expected, rel=0.08, abs=0.05)


@pytest.mark.parametrize("share", [0.5, 0.9, 0.99])
def test_percentiles_of_exponential_service(share: float) -> None:
    """The time in M/M/1 is exponential with the mean S / (1 - load)."""
    found = sorted(run(exponential(10.0), settings(), 60).latencies_ms)
    assert found[int(share * len(found))] == pytest.approx(-math.log(1 - share) * 25, rel=0.08)


@pytest.mark.parametrize(("largest", "load"), [(4, 0.3), (4, 0.7), (8, 0.5), (16, 0.2), (16, 0.8)])
def test_batches_that_form_under_backlog(largest: int, load: float) -> None:
    """Bulk service whose time grows with the batch."""
    times = {size: 5.0 + size for size in range(1, largest + 1)}
    rate = load * largest / times[largest]
    found = run(deterministic((1, 6.0), (largest, 5.0 + largest)), settings(batch=largest), 1000 * rate)
    stage = found.stages["m"]
    assert stage.requests / stage.executions == pytest.approx(mean_bulk(rate, times, largest), rel=0.03)


@pytest.mark.parametrize(("cores", "load"), [(1, 0.5), (1, 0.8), (2, 0.7)])
def test_shared_processors(cores: int, load: float) -> None:
    """With exponential work, sharing leaves as many in the system as a queue for the processors would."""
    rate = load * cores / 10
    found = run(exponential(10.0, cpu=True), settings(instances=500), 1000 * rate, cores=cores)
    assert mean_ms(found) == pytest.approx(erlang_c_wait(rate, 10.0, cores) + 10.0, rel=0.06)
    assert found.cpu_ms / found.elapsed_ms == pytest.approx(load * cores, rel=0.03)


def test_sharing_one_processor_does_not_depend_on_the_work_s_distribution() -> None:
    from modelyard.sizing.service_time import service_times

    from .queues import point, stage

    times = service_times(stage("m", point(1, 10.0, cpu_ms=10.0)))
    found = run(times, settings(instances=500), 70, cores=1)
    assert mean_ms(found) == pytest.approx(10 / 0.3, rel=0.05)


def test_two_stages_in_a_row() -> None:
    """What leaves M/M/1 arrives at the next as it arrived at the first."""
    times = {"a": exponential(10.0, "a"), "b": exponential(8.0, "b")}
    of = Settings(tuple(StageSettings(model, 1, 0, (), 1) for model in "ab"))
    found = simulate(chain("ab"), of, times, rate=60, requests=REQUESTS, warm_up=4000, seed=7)
    assert mean_ms(found) == pytest.approx(10 / 0.4 + 8 / 0.52, rel=0.05)


def test_a_step_waits_for_all_that_it_reads_from() -> None:
    """With no queues the time is that of the longest way through the graph."""
    pipeline = Pipeline((Step("a"), Step("b", (0,)), Step("c", (0,)), Step("d", (1, 2))))
    times = {
        model: deterministic((1, ms), model=model) for model, ms in (("a", 1.0), ("b", 7.0), ("c", 3.0), ("d", 2.0))
    }
    of = Settings(tuple(StageSettings(model, 1, 0, (), 50) for model in "abcd"))
    found = simulate(pipeline, of, times, rate=100, requests=500)
    assert min(found.latencies_ms) == max(found.latencies_ms) == pytest.approx(10.0)


@pytest.mark.parametrize(("batch", "delay_us", "instances"), [(1, 0, 1), (8, 0, 1), (8, 3000, 1), (8, 1000, 3)])
def test_nothing_is_lost(batch: int, delay_us: int, instances: int) -> None:
    """Each request is executed once, and its time is what it waited and what its batch took."""
    times = deterministic((1, 5.0), (8, 5.0))
    found = simulate(
        single("m"), settings(batch=batch, delay_us=delay_us, instances=instances), {"m": times},
        rate=180 * instances, requests=5000, warm_up=0, seed=3,
    )  # fmt: skip
    stage = found.stages["m"]
    assert stage.requests == sum(size * count for size, count in stage.batches.items()) == 5000
    assert stage.executions == sum(stage.batches.values())
    assert max(stage.batches) <= batch
    assert found.in_system_ms == pytest.approx(stage.queue_ms + 5000 * 5.0)
    assert stage.busy_ms == pytest.approx(stage.executions * 5.0)


@pytest.mark.parametrize("servers", [1, 3])
def test_little_s_law_in_service(servers: int) -> None:
    """The mean number in service is the rate times the service time."""
    found = run(exponential(10.0), settings(instances=servers), 70 * servers)
    assert found.stages["m"].busy_ms / found.elapsed_ms == pytest.approx(0.7 * servers, rel=0.03)


def test_same_seed_same_answers() -> None:
    first, second = (run(exponential(5.0), settings(batch=1, instances=2), 250, requests=2000) for _ in range(2))
    assert first.latencies_ms == second.latencies_ms


def test_constant_arrivals_do_not_wait_below_saturation() -> None:
    found = simulate(
        single("m"), settings(), {"m": deterministic((1, 9.0))}, rate=100, requests=500, arrivals="constant"
    )
    assert max(found.latencies_ms) == pytest.approx(9.0)


def test_gives_up_when_the_percentile_is_lost() -> None:
    found = simulate(single("m"), settings(), {"m": deterministic((1, 10.0))}, rate=200, requests=4000, give_up_ms=50.0)
    assert sum(latency > 50 for latency in found.latencies_ms) == 41
    assert len(found.latencies_ms) < 200
