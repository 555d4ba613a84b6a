"""What idle times do to a profile, apart from the server that they are measured on."""

from __future__ import annotations

import math

import pytest
from modelyard.repository.protobuf import new_config
from modelyard.trial.profiling_idle import fitted, undelayed_config


@pytest.mark.parametrize(("warm_ms", "cold_ms", "cooling_ms"), [(0.4, 0.9, 7.0), (3.0, 0.0, 2.0), (1.2, 4.0, 20.0)])
def test_a_cooling_stage_is_recognised(warm_ms: float, cold_ms: float, cooling_ms: float) -> None:
    seen = [(idle, warm_ms + cold_ms * (1 - math.exp(-idle / cooling_ms))) for idle in (0.5, 4.5, 12.5, 40.5)]
    assert fitted(seen)[:2] == pytest.approx((warm_ms, cold_ms), rel=1e-6, abs=1e-9)
    if cold_ms:
        assert fitted(seen)[2] == cooling_ms


def test_a_stage_that_is_faster_when_idle_is_taken_as_it_is_on_average() -> None:
    warm_ms, cold_ms, _ = fitted([(0.0, 2.0), (10.0, 1.0), (40.0, 1.0)])
    assert cold_ms == 0
    assert warm_ms == pytest.approx(4 / 3)


def test_nothing_is_ever_measured_as_no_time_at_all() -> None:
    warm_ms, _, _ = fitted([(8.0, 0.1), (9.0, 1.0), (10.0, 5.0)])
    assert warm_ms > 0


def test_no_batch_waits_and_no_answer_is_remembered_while_pauses_are_measured() -> None:
    config = new_config()
    config.dynamic_batching.max_queue_delay_microseconds = 5000
    config.dynamic_batching.preferred_batch_size.append(8)
    config.response_cache.enable = True
    changed = undelayed_config(config)
    assert changed.HasField("dynamic_batching")
    assert changed.dynamic_batching.max_queue_delay_microseconds == 0
    assert not changed.dynamic_batching.preferred_batch_size
    assert not changed.response_cache.enable
    assert config.response_cache.enable
