"""How many requests find nobody awake: figures by hand, and a simulation of each request."""

import math
import random
from itertools import pairwise

import pytest
from modelyard.environment.traffic_profile import TrafficProfile
from modelyard.sizing.choosing.serverless import containers
from modelyard.sizing.choosing.sleep import awake_share, late_requests, wakes
from modelyard.sizing.choosing.week import WEEK_SECONDS, Week, week_of

EVERY_TEN_MINUTES = week_of(TrafficProfile(otherwise=1 / 600))
NIGHTLY = week_of(TrafficProfile(hourly=[0.0] * 8 + [0.02] * 12 + [0.0] * 4))


def test_a_steady_rate_by_hand():
    # One request in ten minutes on average, asleep after five: e^-0.5 of 1,008 requests a week.
    assert wakes(EVERY_TEN_MINUTES, 300) == pytest.approx(1008 * math.exp(-0.5))
    assert awake_share(EVERY_TEN_MINUTES, 300) == pytest.approx(1 - math.exp(-0.5))
    # While it starts for a minute, a tenth of a request follows.
    assert late_requests(EVERY_TEN_MINUTES, 300, 60) == pytest.approx(1008 * math.exp(-0.5) * 1.1)


def test_the_first_request_after_a_night_wakes_it():
    busy = week_of(TrafficProfile(hourly=[0.0] * 8 + [10.0] * 12 + [0.0] * 4))
    assert wakes(busy, 300) == pytest.approx(7, rel=1e-6)


@pytest.mark.parametrize("quiet_seconds", [60, 300, 900, 3600])
def test_a_simulation_agrees(quiet_seconds):
    asked = list(_arrivals(NIGHTLY, weeks=60))
    woken = sum(1 for before, at in pairwise(asked) if at - before > quiet_seconds) / 60
    awake = sum(min(at - before, quiet_seconds) for before, at in pairwise(asked)) / 60
    assert wakes(NIGHTLY, quiet_seconds) == pytest.approx(woken, rel=0.03)
    assert awake_share(NIGHTLY, quiet_seconds) == pytest.approx(awake / WEEK_SECONDS, rel=0.02)


def test_longer_quiet_time_never_wakes_more_often():
    found = [wakes(NIGHTLY, seconds) for seconds in (10, 60, 300, 900, 1800, 7200)]
    assert found == sorted(found, reverse=True)


@pytest.mark.parametrize(
    ("rate", "service_seconds", "keep_seconds"),
    [(0.002, 0.5, 300), (0.02, 5.0, 300), (0.2, 5.0, 300), (0.5, 10.0, 120), (1.0, 20.0, 600)],
)
def test_containers_agree_with_a_simulation(rate, service_seconds, keep_seconds):
    week = week_of(TrafficProfile(otherwise=rate))
    found = containers(week, service_seconds=service_seconds, keep_seconds=keep_seconds, most=100)
    simulated = _simulated(rate, service_seconds, keep_seconds, requests=150_000)
    # What overflows from one container to the next comes in clumps; the closed form takes it to come at random.
    assert found.cold_share == pytest.approx(simulated, rel=0.25)
    assert found.refused_share == pytest.approx(0, abs=1e-9)


def test_kept_warm_containers_are_never_cold_and_the_rest_no_colder():
    cold = [
        containers(NIGHTLY, service_seconds=5, keep_seconds=300, most=10, kept_warm=kept).cold_share
        for kept in range(4)
    ]
    assert cold == sorted(cold, reverse=True)
    assert cold[-1] < cold[0] / 10


def test_more_at_once_than_there_may_be_is_refused_by_erlang():
    week = week_of(TrafficProfile(otherwise=2))
    # Two busy on average and two containers: Erlang B(2, 2) = (2^2/2) / (1 + 2 + 2) = 0.4.
    assert containers(week, service_seconds=1, keep_seconds=300, most=2).refused_share == pytest.approx(0.4)


def _arrivals(week: Week, weeks: int):
    draw = random.Random(7)
    for number in range(weeks):
        for each in week.stretches:
            if not each.rate:
                continue
            at = each.first + draw.expovariate(each.rate)
            while at < each.last:
                yield number * WEEK_SECONDS + at
                at += draw.expovariate(each.rate)


def _simulated(rate: float, service_seconds: float, keep_seconds: float, requests: int) -> float:
    """Each request takes the first idle container in their order; one that is missing or gone is cold."""
    draw = random.Random(11)
    now, cold = 0.0, 0
    free_at: list[float] = []
    for _ in range(requests):
        now += draw.expovariate(rate)
        number = next((index for index, free in enumerate(free_at) if free <= now), None)
        if number is None:
            free_at.append(0.0)
            number, cold = len(free_at) - 1, cold + 1
        elif now - (free_at[number] - service_seconds) > keep_seconds:
            cold += 1
        free_at[number] = now + service_seconds
    return cold / requests
