"""For how long a share is held: simulated requests, minute by minute."""

from __future__ import annotations

import random

import pytest
from modelyard.promotion.held import Slice, held_slices, slice_of, slices_of

STEPS = (10, 50, 100)


def minutes(percent: int, count: int, rate: int, seed: int = 1, stray: float = 0.0) -> list[Slice]:
    """Of this share, with so many requests in each; some of them name the stable version or the canary."""
    draw = random.Random(f"{percent} {rate} {seed}")
    made = []
    for _ in range(count):
        went = [0] * 4
        for _ in range(rate):
            named = draw.random() < stray
            canary = draw.random() * 100 < (50 if named else percent)
            if named or percent in (0, 100):
                went[3 if canary else 0] += 1
            else:
                went[2 if canary else 1] += 1
        made.append(Slice(*went))
    return made


@pytest.mark.parametrize("rate", [8, 60, 1000])
@pytest.mark.parametrize(("before", "now"), [(0, 10), (10, 50), (50, 100), (100, 10), (50, 10), (0, 100)])
def test_a_change_is_seen_to_the_minute(before: int, now: int, rate: int) -> None:
    """With eight requests a minute, to four of them."""
    for seed in range(20):
        slices = minutes(now, 20, rate, seed) + minutes(before, 30, rate, seed)
        assert abs(held_slices(slices, now, STEPS) - 20) <= (4 if rate < 60 else 0), seed


@pytest.mark.parametrize("percent", [10, 50, 100])
def test_a_share_that_never_changed_is_held_since_the_first_request(percent: int) -> None:
    for seed in range(50):
        slices = [*minutes(percent, 60, 100, seed), *[Slice()] * 5]
        assert held_slices(slices, percent, STEPS) == 60, seed


def test_a_quiet_hour_ends_nothing() -> None:
    slices = [*minutes(10, 10, 50), *[Slice()] * 20, *minutes(10, 10, 50), *minutes(0, 10, 50)]
    assert held_slices(slices, 10, STEPS) == 40


def test_what_is_declared_and_not_deployed_is_not_held() -> None:
    assert held_slices(minutes(10, 60, 100), 50, STEPS) == 0
    assert held_slices(minutes(0, 60, 100), 10, STEPS) == 0


def test_callers_who_name_a_side_do_not_count() -> None:
    for seed in range(20):
        slices = minutes(10, 20, 100, seed, stray=0.04) + minutes(0, 20, 100, seed, stray=0.04)
        assert held_slices(slices, 10, STEPS) == 20


def test_no_requests_say_nothing() -> None:
    assert held_slices([Slice()] * 10, 10, STEPS) == 0


def test_clusters_of_the_gateway() -> None:
    """Four rules in each of three sets: the stable version's, the split's and the canary's."""
    route = "httproute/shop/tagger/rule"
    counts = {f"{route}/0": 1.0, f"{route}/1": 2.0, f"{route}/4/backend/0": 10.0, f"{route}/5/backend/0": 20.0,
              f"{route}/4/backend/1": 100.0, f"{route}/8": 1000.0, f"{route}/9": 2000.0, "other": 7.0}  # fmt: skip
    found = slice_of(counts, 4)
    assert found == Slice(3, 30, 100, 3000)
    assert (found.requests, found.canary) == (3133, 3100)


@pytest.mark.parametrize(("pause", "expected"), [(1, (6, 1)), (30, (35, 1)), (120, (125, 1)), (10_080, (125, 84))])
def test_long_pauses_have_long_slices(pause: int, expected: tuple[int, int]) -> None:
    assert slices_of(pause) == expected
