"""From a profile and an objective to batches, instances, replicas, accelerator and price."""

from __future__ import annotations

from dataclasses import replace

import pytest
from modelyard.sizing.choice import Choice, choose
from modelyard.sizing.declared_stage import DeclaredStage
from modelyard.sizing.offer import Offer
from modelyard.sizing.prediction import predict
from modelyard.sizing.profile import MeasuredProfile, RequestOverhead
from modelyard.sizing.shortfall import Shortfall

from .queues import point, profile, stage

TWO_GPUS = profile(
    stage("m", point(1, 4.0, p99_ms=5.0), point(8, 11.0, p99_ms=13.0), point(16, 19.0, p99_ms=22.0), accelerator="L4"),
    stage("m", point(1, 1.0, p99_ms=1.2), point(16, 3.0, p99_ms=3.5), accelerator="H100"),
)
FRAUD = profile(
    stage("clean", point(1, 0.8, cpu_ms=0.9), point(32, 4.0, cpu_ms=4.1)),
    stage("classify", point(1, 1.2, cpu_ms=1.3), point(32, 5.0, cpu_ms=5.1)),
    stage("rules", point(1, 0.5, cpu_ms=0.6), point(32, 2.0, cpu_ms=2.1)),
    overhead=RequestOverhead(mean_ms=0.6, p99_ms=1.0, cpu_ms=0.1, stage_ms=0.1),
)
FRAUD_STAGES = tuple(DeclaredStage(model, 32) for model in ("clean", "classify", "rules"))
L4 = Offer("L4", usd_per_hour=0.8)
H100 = Offer("H100", usd_per_hour=7.0)


def of_m(p99_ms: float, rate: float, *offers: Offer, batch: int = 16, **declared: object) -> Choice | Shortfall:
    return choose(
        TWO_GPUS,
        p99_ms=p99_ms,
        requests_per_second=rate,
        declared=[replace(DeclaredStage("m", batch), **declared)],
        offers=offers or (L4,),
    )


def chosen(found: Choice | Shortfall) -> Choice:
    assert isinstance(found, Choice), str(found)
    return found


@pytest.mark.parametrize(
    ("p99_ms", "rate", "batch", "replicas"),
    [
        pytest.param(80, 300, 16, 1, id="room for the largest batch"),
        pytest.param(80, 6000, 16, 11, id="as many as stay below 70 %"),
        pytest.param(80, 0.001, 16, 1, id="hardly ever asked"),
        pytest.param(24, 550, 16, 1, id="just within the percentile"),
    ],
)
def test_one_stage(p99_ms: float, rate: float, batch: int, replicas: int) -> None:
    found = chosen(of_m(p99_ms, rate))
    (settings,) = found.settings.stages
    assert (settings.max_batch_size, settings.max_queue_delay_us, settings.instances) == (batch, 0, 1)
    assert found.replicas == replicas
    assert found.prediction.p99_ms <= p99_ms
    assert found.prediction.utilisation <= 0.7
    assert found.capacity >= rate
    assert found.usd_per_million == pytest.approx(replicas * 0.8 / (rate * 3600) * 1e6)


@pytest.mark.parametrize(("p99_ms", "rate"), [(80, 6000), (15, 2000), (8, 1000), (7, 300)])
def test_one_replica_fewer_would_not_do(p99_ms: float, rate: float) -> None:
    found = chosen(of_m(p99_ms, rate))
    fewer = predict(
        TWO_GPUS, found.settings, rate, replicas=found.replicas - 1, accelerators={"m": "L4"}, requests=20_000
    )
    # Within what a simulation of a few thousand requests repeats to.
    assert fewer.utilisation > 0.7 or fewer.p99_ms > p99_ms * 0.95
    enough = predict(TWO_GPUS, found.settings, rate, replicas=found.replicas, accelerators={"m": "L4"}, requests=20_000)
    assert enough.p99_ms < p99_ms * 1.05


def test_a_smaller_batch_where_the_largest_is_too_slow() -> None:
    """A full batch of 16 takes 200 ms here, and one of 4 takes 8: both at 70 % of what they can keep."""
    steep = profile(stage("m", point(1, 5.0), point(4, 8.0), point(16, 200.0), accelerator="L4"))
    found = choose(steep, p99_ms=40, requests_per_second=300, declared=[DeclaredStage("m", 16)], offers=[L4])
    assert chosen(found).settings.stages[0].max_batch_size == 4


@pytest.mark.parametrize(
    ("declared", "batch", "delay_us", "instances"),
    [
        ({}, 16, 0, 1),
        ({"max_batch_size": 64}, 16, 0, 1),
        ({"max_batch_size": 6}, 6, 0, 1),
        ({"max_batch_size": 0}, 0, 0, 1),
        ({"max_queue_delay_us": 3000}, 16, 3000, 1),
        ({"instances": 2}, 16, 0, 2),
        ({"dynamic_batching": False}, 16, 0, 1),
    ],
)
def test_what_is_declared_is_kept(declared: dict[str, object], batch: int, delay_us: int, instances: int) -> None:
    (settings,) = chosen(of_m(200, 100, **declared)).settings.stages  # type: ignore[arg-type]
    assert (settings.max_batch_size, settings.max_queue_delay_us, settings.instances) == (batch, delay_us, instances)


def test_preferred_sizes_are_kept_up_to_the_batch() -> None:
    (settings,) = chosen(of_m(200, 100, preferred_batch_sizes=(4, 8, 32), max_batch_size=8)).settings.stages
    assert settings.preferred_batch_sizes == (4, 8)


def test_gpus_of_a_replica_share_its_rate() -> None:
    one, four = (chosen(of_m(80, 6000, replace(L4, gpus=gpus))) for gpus in (1, 4))
    assert (one.replicas, four.replicas) == (11, 3)
    assert four.settings.stages[0].instances == 1, "each GPU has its own"


def test_instances_side_by_side_only_as_measured() -> None:
    measured = profile(
        stage(
            "m",
            point(1, 4.0),
            point(8, 11.0),
            point(1, 5.0, instances=2),
            point(8, 14.0, instances=2),
            accelerator="L4",
        )
    )
    found = chosen(choose(measured, p99_ms=80, requests_per_second=700, declared=[DeclaredStage("m", 8)], offers=[L4]))
    assert (found.replicas, found.settings.stages[0].instances) == (1, 2)
    assert found.prediction.capacity == pytest.approx(2 * 8 * 1000 / 14)


def test_the_cheapest_accelerator() -> None:
    found = chosen(of_m(80, 6000, L4, H100))
    (other,) = found.others
    assert (found.offer, found.replicas, found.usd_per_hour) == (L4, 11, pytest.approx(8.8))
    assert isinstance(other, Choice)
    assert (other.offer, other.replicas, other.usd_per_hour) == (H100, 2, 14.0)
    assert chosen(of_m(80, 6000, L4, replace(H100, usd_per_hour=4.0))).offer.accelerator == "H100"


def test_without_prices_the_fewest_replicas() -> None:
    found = chosen(of_m(80, 6000, Offer("L4"), Offer("H100")))
    assert (found.offer.accelerator, found.replicas, found.usd_per_million) == ("H100", 2, None)


def test_an_accelerator_that_is_too_slow_is_no_choice() -> None:
    found = chosen(of_m(4, 300, L4, H100))
    assert found.offer == H100
    (other,) = found.others
    assert isinstance(other, Shortfall)
    (alone,) = other.reached
    assert alone.alone_p99_ms == pytest.approx(5.0, abs=0.3)


def test_replicas_that_may_be_lost() -> None:
    found = chosen(
        choose(
            TWO_GPUS,
            p99_ms=80,
            requests_per_second=6000,
            declared=[DeclaredStage("m", 16)],
            offers=[L4],
            lost_replicas=1,
        )
    )
    assert (found.replicas, found.lost_replicas) == (12, 1)
    assert found.prediction.utilisation < 0.65


def test_an_ensemble_on_shared_cores() -> None:
    found = chosen(
        choose(
            FRAUD,
            p99_ms=50,
            requests_per_second=400,
            declared=FRAUD_STAGES,
            offers=[Offer("cpu", cores=2, usd_per_hour=0.1)],
        )
    )
    assert found.replicas == 1
    assert [(of.max_batch_size, of.max_queue_delay_us) for of in found.settings.stages] == [(32, 0)] * 3
    assert found.prediction.p99_ms < 50
    assert found.usd_per_million == pytest.approx(0.1 / (400 * 3600) * 1e6)


def test_a_delay_where_it_saves_replicas() -> None:
    """Executions cost nearly the same for one row as for many, and three stages want two cores."""
    measured = profile(*(stage(model, point(1, 5.0, cpu_ms=5.0), point(32, 7.0, cpu_ms=7.0)) for model in "abc"))
    declared = tuple(DeclaredStage(model, 32) for model in "abc")
    asked = {"p99_ms": 40, "requests_per_second": 300, "offers": [Offer("cpu", cores=2)]}
    found = chosen(choose(measured, declared=declared, **asked))
    undelayed = tuple(replace(each, max_queue_delay_us=0) for each in declared)
    without = chosen(choose(measured, declared=undelayed, **asked))
    assert [each.max_queue_delay_us for each in found.settings.stages] == [500, 500, 500]
    assert found.replicas < without.replicas


def test_models_alike_are_simulated_once() -> None:
    from modelyard.sizing.replica import run_at

    chosen(of_m(33.3, 500))
    before = run_at.cache_info().misses
    for rate in (500.1, 501, 502, 503):
        chosen(of_m(33.3, rate))
    assert run_at.cache_info().misses - before <= 1


@pytest.mark.parametrize(
    ("measured", "given", "sentence"),
    [
        pytest.param(
            profile(TWO_GPUS.stages[0]),
            {"p99_ms": 4.5},
            "4.5 ms at 300 requests per second cannot be met: on L4 the 99th percentile of a request alone is 5 ms, "
            "0.5 ms too slow. Make the model faster, or raise p99_ms to 5",
            id="too slow alone",
        ),
        pytest.param(
            TWO_GPUS,
            {"p99_ms": 4.5},
            "4.5 ms at 300 requests per second cannot be met: on L4 the 99th percentile of a request alone is 5 ms, "
            "0.5 ms too slow. Use H100 (one replica, 2.08 ms), make the model faster, or raise p99_ms to 5",
            id="a faster accelerator was measured",
        ),
        pytest.param(
            TWO_GPUS,
            {"p99_ms": 80, "requests_per_second": 6000, "most_replicas": 8, "offers": (L4,)},
            "80 ms at 6000 requests per second cannot be met: on L4 it takes 11 replicas and there may be 8, which "
            "keep 4,716 requests per second, 1,284 too few. Use H100 (2 replicas, 4 ms), or allow 11 replicas",
            id="too few replicas",
        ),
        pytest.param(
            TWO_GPUS,
            {"p99_ms": 80, "offers": (Offer("A100-40GB"),)},
            "80 ms at 300 requests per second cannot be met: nothing is known of 'm' on A100-40GB, which the profile "
            "has only on L4 and H100. Use H100 (one replica, 2.08 ms), or measure 'm' there",
            id="never measured there",
        ),
        pytest.param(
            FRAUD,
            {
                "p99_ms": 3.0,
                "declared": (
                    DeclaredStage("clean", 32, max_queue_delay_us=500),
                    DeclaredStage("classify", 32, max_queue_delay_us=500),
                    DeclaredStage("rules", 32),
                ),
                "offers": (Offer("cpu", cores=4),),
            },
            "3 ms at 300 requests per second cannot be met: on cpu the 99th percentile of a request alone is 4.25 ms, "
            "1.25 ms too slow ('clean' 0.8 ms and 0.5 ms of delay, 'classify' 1.2 ms and 0.5 ms of delay, 'rules' 0.5 "
            "ms). Declare no max_queue_delay_us for 'clean' and 'classify' (1 ms less, which is not enough by itself), "
            "make 'classify' faster, the slowest step with 1.2 ms, or raise p99_ms to 4.3",
            id="delays add up",
        ),
        pytest.param(
            profile(stage("m", point(1, 4.0), substitute="onnxruntime 1.22 in a Python backend")),
            {"p99_ms": 80},
            "80 ms at 300 requests per second cannot be judged: the profile's times of 'm' are a substitute's, not the "
            "deployed backend's; measure again with modelyard try --profile --server URL where that backend runs",
            id="a substitute's times",
        ),
    ],
)
def test_why_not_and_what_would_help(measured: MeasuredProfile, given: dict, sentence: str) -> None:
    asked = {"requests_per_second": 300, "declared": (DeclaredStage("m", 16),), "offers": (L4,)} | given
    found = choose(measured, **asked)
    assert isinstance(found, Shortfall)
    assert str(found) == sentence
