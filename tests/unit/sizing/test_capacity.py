"""Batches and replicas for an objective, by the written-down assumptions."""

from __future__ import annotations

import pytest
from modelyard.environment.model import Objective, Profile, ProfilePoint
from modelyard.sizing.capacity import size
from modelyard.sizing.sizing import Infeasible, Sizing


def profile(*points: tuple[str, int, float]) -> Profile:
    return Profile(
        source="measured on a desk",
        points=[ProfilePoint(accelerator=a, batch_size=b, latency_ms=ms) for a, b, ms in points],
    )


L4 = profile(("L4", 1, 4.0), ("L4", 8, 11.0), ("L4", 16, 19.0), ("H100", 1, 1.0))


@pytest.mark.parametrize(
    ("p99_ms", "rate", "batch", "replicas", "predicted_ms"),
    [
        (80, 300, 16, 1, 38.0),
        (38, 300, 16, 1, 38.0),
        (37.9, 300, 15, 1, 36.0),
        (22, 300, 8, 1, 22.0),
        (21, 300, 7, 1, 20.0),
        (8, 300, 1, 2, 8.0),
        (80, 6000, 16, 11, 38.0),
        (80, 0.001, 16, 1, 38.0),
    ],
)
def test_sizing(p99_ms: float, rate: float, batch: int, replicas: int, predicted_ms: float) -> None:
    sizing = size(L4, Objective(p99_ms=p99_ms, requests_per_second=rate), "L4")
    assert isinstance(sizing, Sizing)
    assert (sizing.max_batch_size, sizing.replicas, sizing.predicted_p99_ms) == (batch, replicas, predicted_ms)
    assert sizing.utilisation <= 0.7
    assert sizing.requests_per_second >= rate
    assert sizing.source == "measured on a desk"


def test_one_replica_fewer_would_be_too_busy() -> None:
    sizing = size(L4, Objective(p99_ms=80, requests_per_second=6000), "L4")
    assert isinstance(sizing, Sizing)
    assert sizing.utilisation * sizing.replicas / (sizing.replicas - 1) > 0.7


@pytest.mark.parametrize(("largest", "batch"), [(None, 16), (4, 4), (1, 1), (0, 1), (64, 16)])
def test_batch_that_the_configuration_allows(largest: int | None, batch: int) -> None:
    sizing = size(L4, Objective(p99_ms=80, requests_per_second=1), "L4", largest_batch=largest)
    assert isinstance(sizing, Sizing)
    assert sizing.max_batch_size == batch


def test_gpus_of_a_replica_add_up() -> None:
    objective = Objective(p99_ms=80, requests_per_second=6000)
    one, four = (size(L4, objective, "L4", gpus_per_replica=gpus) for gpus in (1, 4))
    assert isinstance(one, Sizing) and isinstance(four, Sizing)
    assert (one.replicas, four.replicas) == (11, 3)


def test_batch_that_gains_nothing_is_not_taken() -> None:
    sizing = size(profile(("L4", 1, 4.0), ("L4", 8, 40.0)), Objective(p99_ms=500, requests_per_second=1), "L4")
    assert isinstance(sizing, Sizing)
    assert sizing.max_batch_size == 1


def test_accelerator_that_was_not_measured() -> None:
    assert size(L4, Objective(p99_ms=80, requests_per_second=1), "T4") is None


@pytest.mark.parametrize(
    ("measured", "p99_ms", "sentence"),
    [
        (
            L4,
            5,
            "5 ms cannot be met on L4: even without batching the 99th percentile is about 8 ms, 3 ms too slow; "
            "use a pool with H100 (about 2 ms)",
        ),
        (
            L4,
            1,
            "1 ms cannot be met on L4: even without batching the 99th percentile is about 8 ms, 7 ms too slow; "
            "H100, the fastest in the profile, reaches about 2 ms: raise p99_ms or make the model faster",
        ),
        (
            profile(("L4", 4, 6.5)),
            10,
            "10 ms cannot be met on L4: even without batching the 99th percentile is about 13 ms, 3 ms too slow; "
            "no faster accelerator is in the profile: raise p99_ms to 13 or make the model faster",
        ),
    ],
)
def test_infeasible(measured: Profile, p99_ms: float, sentence: str) -> None:
    found = size(measured, Objective(p99_ms=p99_ms, requests_per_second=1), "L4")
    assert isinstance(found, Infeasible)
    assert str(found) == sentence
