"""What a prediction says, and how it changes with what it is made for."""

from __future__ import annotations

import itertools

import pytest
from modelyard.sizing.pipeline import single
from modelyard.sizing.prediction import predict
from modelyard.sizing.profile import MeasuredProfile, RequestOverhead
from modelyard.sizing.service_time import service_times
from modelyard.sizing.settings import Settings, StageSettings
from modelyard.sizing.simulation import simulate
from modelyard.sizing.single_stage import latencies

from .queues import point, profile, settings, stage

SPREAD = stage(
    "m",
    point(1, 4.0, p90_ms=4.5, p99_ms=6.0, cpu_ms=3.6),
    point(16, 19.0, p90_ms=20.0, p99_ms=23.0, cpu_ms=17.0),
)
ONE = profile(SPREAD)
THREE = profile(
    stage("a", point(1, 1.0, cpu_ms=0.9), point(16, 3.0, cpu_ms=2.7)),
    stage("b", point(1, 2.0, cpu_ms=1.8), point(16, 6.0, cpu_ms=5.0)),
    stage("c", point(1, 0.5, cpu_ms=0.5), point(16, 1.0, cpu_ms=1.0)),
    overhead=RequestOverhead(mean_ms=0.8, p99_ms=2.0, cpu_ms=0.2, stage_ms=0.1),
)


def three(*, batch: int = 16, delay_us: int = 0, instances: int = 1) -> Settings:
    return Settings(tuple(StageSettings(model, batch, delay_us, (), instances) for model in "abc"))


@pytest.mark.parametrize("instances", [1, 3])
@pytest.mark.parametrize("load", [0.1, 0.5, 0.8])
def test_the_short_cut_is_the_simulation(instances: int, load: float) -> None:
    times = service_times(SPREAD)
    rate = load * instances * times.highest_rate(16)
    short, batches = latencies(times, rate=rate, largest_batch=16, instances=instances, requests=30_000, warm_up=3000)
    whole = simulate(
        single("m"), settings(batch=16, instances=instances), {"m": times}, rate=rate, requests=30_000, warm_up=3000
    )
    long = sorted(whole.latencies_ms)
    for share in (0.1, 0.5, 0.9, 0.99):
        assert short[int(share * 30_000)] == pytest.approx(long[int(share * 30_000)], rel=0.06)
    stage_run = whole.stages["m"]
    mean = sum(size * count for size, count in batches.items()) / sum(batches.values())
    assert mean == pytest.approx(stage_run.requests / stage_run.executions, rel=0.03)


def test_figures_of_one_stage() -> None:
    found = predict(ONE, settings(batch=16), 400)
    assert found.p50_ms < found.p90_ms < found.p95_ms < found.p99_ms
    assert found.capacity == pytest.approx(16 * 1000 / 19)
    assert found.utilisation == pytest.approx(400 / found.capacity)
    assert found.throughput == 400
    (of,) = found.stages
    assert of.load == pytest.approx(found.utilisation)
    assert sum(of.batches.values()) == pytest.approx(1)
    assert of.mean_batch == pytest.approx(sum(size * share for size, share in of.batches.items()))
    assert of.utilisation * 1000 / 400 == pytest.approx(of.execution_ms / of.mean_batch, rel=0.03)
    assert found.source == "measured on a desk" and found.substitutes == ()


def test_a_delay_is_paid_once_by_each_stage() -> None:
    """Of a request that meets no other."""
    without, delayed = (predict(THREE, three(delay_us=delay_us), 1) for delay_us in (0, 2000))
    assert delayed.p50_ms - without.p50_ms == pytest.approx(6.0, abs=0.05)
    assert [of.queue_ms for of in delayed.stages] == pytest.approx([2.0] * 3, abs=0.05)


COLD = profile(
    stage("m", point(1, 1.0, cpu_ms=0.8)).model_copy(update={"cold_ms": 2.0, "cooling_ms": 5.0}),
    overhead=RequestOverhead(mean_ms=0.5, p99_ms=0.5, cold_ms=1.0, cooling_ms=5.0),
)


@pytest.mark.parametrize(("every_ms", "answer_ms"), [(1000, 4.5), (5, 0.5 + 1.0 + 1.75)])
def test_pauses_make_the_next_execution_longer(every_ms: float, answer_ms: float) -> None:
    """Once every second all of it is paid; every 5 ms what 5 ms add to the overhead, and 4.2 idle ms or fewer to the
    execution."""
    found = predict(COLD, settings(), 1000 / every_ms, arrivals="constant", requests=500)
    assert found.p50_ms == pytest.approx(answer_ms, abs=0.2)


def test_the_instance_that_has_waited_longest_is_next() -> None:
    """Two instances that take turns are idle for twice as long as one alone."""
    one, two = (
        predict(COLD, settings(instances=count), 200, arrivals="constant", requests=500).stages[0].execution_ms
        for count in (1, 2)
    )
    assert one < two


def test_what_is_colder_needs_more_of_the_processor() -> None:
    busy, idle = (predict(COLD, settings(), rate, 2, arrivals="constant").cpu_ms for rate in (500, 1))
    assert busy is not None and idle is not None and busy < idle
    assert idle == pytest.approx(0.8 * 3.0)


def test_overhead_counts_once() -> None:
    bare = THREE.model_copy(update={"request_overhead": RequestOverhead()})
    with_it, without = (predict(each, three(), 1) for each in (THREE, bare))
    assert with_it.mean_ms - without.mean_ms == pytest.approx(0.8, rel=0.05)


def test_more_than_the_replicas_can_keep() -> None:
    found = predict(ONE, settings(batch=16), 2000)
    assert found.throughput == found.capacity == pytest.approx(16 * 1000 / 19)
    assert found.utilisation > 1


@pytest.mark.parametrize("measured", [ONE, THREE])
def test_more_replicas_are_never_slower(measured: MeasuredProfile) -> None:
    of = settings(batch=16) if measured is ONE else three()
    p99 = [predict(measured, of, 700, replicas=replicas, requests=4000).p99_ms for replicas in (1, 2, 4, 12)]
    assert all(after <= before * 1.02 for before, after in itertools.pairwise(p99))


@pytest.mark.parametrize("cores", [1, 2, 4])
def test_fewer_cores_are_never_faster(cores: int) -> None:
    fewer, more = (predict(THREE, three(instances=2), 400, count, requests=4000) for count in (cores, 2 * cores))
    assert fewer.p99_ms >= more.p99_ms * 0.98
    assert fewer.capacity <= more.capacity


def test_higher_rates_are_never_faster() -> None:
    p99 = [predict(ONE, settings(batch=16), rate).p99_ms for rate in (50, 150, 300, 450, 600, 750)]
    assert p99 == sorted(p99)


def test_processor_time() -> None:
    """At a light load: each stage's execution of one row, and the request itself once."""
    found = predict(THREE, three(), 1, 2)
    assert found.cpu_ms == pytest.approx(0.2 + (0.9 - 0.2) + (1.8 - 0.2) + (0.5 - 0.2))
    assert predict(profile(stage("m", point(1, 2.0))), settings(), 1, 2).cpu_ms is None


def test_processors_limit_the_capacity() -> None:
    """As batches of 16: the processor time of a request is a sixteenth of each execution's, and its own."""
    found = predict(THREE, three(instances=16), 100, 2)
    each = 0.2 + ((2.7 - 0.2) + (5.0 - 0.2) + (1.0 - 0.2)) / 16
    assert found.capacity == pytest.approx(2000 / each)
    sending = predict(THREE, three(instances=16), 100, 2, client_cpu_ms=0.3)
    assert sending.capacity == pytest.approx(2000 / (each + 0.3))


@pytest.mark.parametrize(
    ("of", "accelerators", "sentence"),
    [
        (settings("n"), None, "the profile has no points of 'n'; it has m on cpu"),
        (settings("m"), {"m": "L4"}, "the profile has no points of 'm' on L4; it has m on cpu"),
        (
            settings("m", batch=32),
            None,
            "a batch of 32 of 'm' was not measured: its profile ends at 16; measure the profile again",
        ),
    ],
)
def test_what_cannot_be_predicted(of: Settings, accelerators: dict[str, str] | None, sentence: str) -> None:
    with pytest.raises(ValueError) as caught:
        predict(ONE, of, 10, accelerators=accelerators)
    assert str(caught.value) == sentence


def test_a_stage_without_settings() -> None:
    with pytest.raises(ValueError) as caught:
        predict(ONE, settings("m"), 10, pipeline=single("n"))
    assert str(caught.value) == "model 'n' has no settings"


def test_the_substitute_is_named() -> None:
    trial = profile(stage("m", point(1, 2.0), substitute="onnxruntime 1.22 in a Python backend"))
    assert predict(trial, settings(), 10).substitutes == ("m",)
