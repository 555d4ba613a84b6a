"""What a choice between always on, autoscaled, serverless and scaled to zero comes to."""

from dataclasses import replace
from decimal import Decimal

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from modelyard.environment.traffic_profile import TrafficProfile
from modelyard.sizing.choosing.choose import choose_target
from modelyard.sizing.choosing.option import Latency, Option
from modelyard.sizing.choosing.options import Range, Taken
from modelyard.sizing.choosing.place import Price, places_of_service

from .served import DECLARED, machine, profile, serverless

NIGHTS = TrafficProfile.model_validate(
    {"windows": [{"days": "mon-fri", "start": "08:00", "end": "18:00", "requests_per_second": 10}]}
)
"""50 of 168 hours: 1.8 million requests a week."""
RARE = TrafficProfile(otherwise=0.001)
STEADY = TrafficProfile(otherwise=500)
KNOWN = Taken(Range(3, 3), Range(300, 300), cores_per_gib=1.0)


def choice(traffic, places, *, p99_ms=200.0, taken=KNOWN, execution_ms=20.0):
    return choose_target(
        traffic, p99_ms=p99_ms, profile=profile(execution_ms), declared=DECLARED, places=places, taken=taken
    )


def by_kind(found) -> dict[str, Option]:
    return {option.kind: option for option in found.options}


def usd(option: Option) -> Decimal:
    assert option.usd_per_month is not None
    return option.usd_per_month


def latency(option: Option) -> Latency:
    assert option.latency is not None
    return option.latency


def test_dollars_by_hand():
    found = by_kind(choice(NIGHTS, [machine("0.10"), serverless("0.00004")]))
    # One machine all month: 730 h at 0.10.
    assert found["always_on"].usd_per_month == Decimal("73.00")
    # 10 a second for 50 of 168 hours: 7,821,428.57 requests of 730 hours, 20 ms each, at 0.00004 a second.
    assert found["serverless"].usd_per_month == Decimal("6.26")
    assert found["serverless"].calculation == "7,821,429 x 0.02 s x 0.00004 USD/s"
    assert found["serverless_with_warm_floor"].usd_per_month is None


def test_an_autoscaled_option_by_hand():
    # 90 a second by day, of which one core keeps 50 at most and 35 or fewer within the objective's room.
    traffic = TrafficProfile(hourly=[1.0] * 8 + [90.0] * 12 + [1.0] * 4)
    found = by_kind(choice(traffic, [machine("0.10", start=(20.0, 20.0))]))
    most = found["always_on"].most
    assert found["always_on"].usd_per_month == most * Decimal("73.00")
    # All of them for twelve hours and ten minutes of each day, one for the rest.
    hours = (most * (12 + 1 / 6) + 12 - 1 / 6) / 24
    assert found["autoscaled"].usd_per_month == Decimal(hours * 73).quantize(Decimal("0.01"))
    assert (found["autoscaled"].least, found["autoscaled"].most) == (1, most)


def test_what_never_grows_is_not_autoscaled():
    assert "autoscaled" not in by_kind(choice(NIGHTS, [machine("0.10")]))


def test_scaled_to_zero_on_a_cluster_by_hand():
    found = by_kind(choice(NIGHTS, [machine("0.10", target="kubernetes", start=(30.0, 30.0))]))
    # Five days of ten hours and ten quiet minutes: 50 h 50 min of 168 h, of 730 hours at 0.10.
    assert found["scale_to_zero"].usd_per_month == Decimal("22.09")
    assert latency(found["scale_to_zero"]).late_high_share == pytest.approx(301 / 360_000, rel=1e-3)
    assert found["scale_to_zero"].verdict == "meets"


def test_provisioned_concurrency_is_priced_where_somebody_says_it():
    place = serverless("0.00004", provisioned="0.00001")
    found = by_kind(choice(NIGHTS, [place]))["serverless_with_warm_floor"]
    # 6.26 for the requests, and one warm container all month: 2,628,000 s at 0.00001.
    assert found.least == 1
    assert found.usd_per_month == Decimal("32.54")


def test_the_cheapest_that_keeps_the_objective_is_chosen():
    found = choice(NIGHTS, [machine("0.10"), serverless("0.00004")])
    assert found.chosen is found.options[0]
    assert found.options[0].kind == "serverless"
    assert found.why == (
        "serverless, SageMaker 2048 MiB in us-east-1 is the cheapest that keeps 200 ms: $6.26 a month; next comes "
        "always on, SageMaker ml.x in us-east-1 at $73.00; without a price, so not compared: serverless, warm floor, "
        "SageMaker 2048 MiB in us-east-1"
    )


def test_rare_requests_meet_cold_containers():
    found = choice(RARE, [machine("0.10"), serverless("0.00004")])
    assert found.chosen is not None
    assert found.chosen.kind == "always_on"
    cold = by_kind(found)["serverless"]
    assert cold.verdict == "misses"
    # One request in 1,000 s, gone after 300: e^-0.3 of them.
    assert cold.why == "74 % of the requests meet a cold container, for 3 s; a 99th percentile forgives 1 %"


def test_a_cold_start_that_is_forgiven_or_that_is_waited_for_can_decide():
    # 60 s are promised: 12 s of a cold start are within, 100 s are not.
    taken = replace(KNOWN, serverless_start=Range(12, 100))
    found = choice(RARE, [machine("0.10"), serverless("0.00004")], p99_ms=60_000.0, taken=taken)
    assert found.chosen is not None
    assert found.chosen.kind == "always_on"
    assert by_kind(found)["serverless"].verdict == "depends"
    assert found.decides[0].sentence() == (
        "a serverless cold start: with 12 s in place of 100 s the choice would be serverless, SageMaker 2048 MiB in "
        "us-east-1 at $0.00 a month"
    )


def test_how_long_containers_stay_can_decide():
    traffic = TrafficProfile(otherwise=0.008)
    taken = replace(KNOWN, keep_warm=Range(300, 900))
    found = choice(traffic, [machine("0.10"), serverless("0.00004")], taken=taken)
    assert [each.assumption for each in found.decides][:1] == ["how long a quiet serverless container stays"]


def test_the_price_that_nobody_gives_has_a_break_even():
    found = choice(RARE, [machine("0.10"), serverless("0.00004")])
    last = found.decides[-1]
    # 73.00 a month over 2,628,000 s of one container.
    assert last.sentence() == (
        "the price of provisioned concurrency, which no source gives: with less than 0.000027778 USD for each second "
        "of a container with 2048 MB in place of no price the choice would be serverless, warm floor, SageMaker "
        "2048 MiB in us-east-1"
    )


def test_a_gpu_is_nothing_that_serverless_has():
    found = choose_target(
        NIGHTS, p99_ms=200, profile=profile(5, "L4"), declared=DECLARED, places=[serverless()], taken=KNOWN
    )
    assert found.chosen is None
    (option,) = found.options
    assert option.verdict == "misses"
    assert "cpu" in option.why


def test_too_slow_everywhere_is_said():
    found = choice(NIGHTS, [machine("0.10"), serverless()], p99_ms=10.0)
    assert found.chosen is None
    assert found.why.startswith("no option keeps 10 ms; the nearest is ")


def test_without_any_price_nothing_is_chosen():
    found = choice(NIGHTS, [machine(None)])
    assert found.chosen is None
    assert found.why == (
        "only options without a price keep 200 ms: always on, SageMaker ml.x in us-east-1; declare a price"
    )


def test_more_at_once_than_allowed_is_refused():
    found = by_kind(choice(STEADY, [serverless(concurrency=5)]))["serverless"]
    assert found.verdict == "misses"
    assert found.why == "56 % of the requests are refused: more than 5 at once"


def test_no_place_is_said():
    found = choice(NIGHTS, [])
    assert found.chosen is None
    assert found.why.startswith("there is no place to run it")
    assert found.decides == ()


def test_places_of_the_catalogue():
    places = places_of_service(
        "sagemaker", "us-east-1", accelerators=frozenset({"cpu", "T4"}), cores=2, memory_gib=4, model_bytes=10**6
    )
    assert [each.machine for each in places] == [
        "ml.c7i.xlarge", "ml.m5.xlarge", "ml.g4dn.xlarge", "ml.g4dn.2xlarge", "ml.g4dn.4xlarge",
        "4096 MiB", "5120 MiB", "6144 MiB",
    ]  # fmt: skip
    assert all(each.price for each in places)


@pytest.mark.parametrize(
    ("target", "region", "instance_type"),
    [("vertex", "us-central1", "n1-standard-4"), ("sagemaker", "ap-south-1", "ml.g5.xlarge")],
)
def test_what_has_no_price_says_so(target, region, instance_type):
    places = places_of_service(
        target, region, accelerators=frozenset({"A10G"}), cores=2, model_bytes=None, instance_type=instance_type
    )
    assert places[0].price is None
    assert instance_type in places[0].unpriced


def test_azure_costs_what_its_machines_cost():
    (place,) = places_of_service(
        "azureml",
        "eastus",
        accelerators=frozenset({"T4"}),
        cores=2,
        model_bytes=None,
        instance_type="Standard_NC4as_T4_v3",
    )
    assert place.price is not None
    assert place.price.usd == Decimal("0.526")


RATES = st.floats(min_value=0.001, max_value=40)


@given(rate=RATES, idle=st.floats(min_value=0, max_value=0.9))
@settings(max_examples=8, deadline=None)
def test_more_idle_time_never_makes_always_on_cheaper_nor_serverless_dearer(rate, idle):
    def dollars(share):
        found = by_kind(choice(TrafficProfile(otherwise=rate, idle_share=share), [machine("0.10"), serverless()]))
        return usd(found["always_on"]), usd(found["serverless"])

    busy, quiet = dollars(0), dollars(idle)
    assert quiet[0] >= busy[0]
    assert abs(quiet[1] - busy[1]) <= Decimal("0.01")


@given(rate=RATES, factor=st.floats(min_value=1.01, max_value=20))
@settings(max_examples=8, deadline=None)
def test_more_requests_never_cost_less(rate, factor):
    places = [machine("0.10"), machine("0.10", target="kubernetes"), serverless(concurrency=200)]
    fewer = by_kind(choice(TrafficProfile(otherwise=rate), places))
    more = by_kind(choice(TrafficProfile(otherwise=rate * factor), places))
    for kind, option in fewer.items():
        if option.usd_per_month is not None and kind in more:
            assert usd(more[kind]) >= usd(option)


@given(hours=st.lists(st.floats(min_value=0, max_value=30), min_size=24, max_size=24).filter(any))
@settings(max_examples=8, deadline=None)
def test_an_autoscaler_never_costs_more_than_always_on(hours):
    found = by_kind(choice(TrafficProfile(hourly=hours), [machine("0.10", target="kubernetes")]))
    following = found.get("autoscaled", found["always_on"])
    assert usd(following) <= usd(found["always_on"])
    assert usd(found["scale_to_zero"]) <= usd(following)


@given(rate=RATES, seconds=st.floats(min_value=0.1, max_value=60))
@settings(max_examples=8, deadline=None)
def test_a_longer_cold_start_never_answers_sooner(rate, seconds):
    def seen(start) -> Latency:
        taken = replace(KNOWN, serverless_start=Range(start, start))
        return latency(by_kind(choice(TrafficProfile(otherwise=rate), [serverless()], taken=taken))["serverless"])

    sooner, later = seen(seconds), seen(seconds * 2)
    assert sooner.high_ms <= later.high_ms
    assert sooner.late_high_share == later.late_high_share


@given(
    prices=st.lists(st.decimals(min_value="0.01", max_value="9", places=2), min_size=1, max_size=4),
    rate=RATES,
)
@settings(max_examples=8, deadline=None)
def test_what_is_chosen_is_the_least_that_meets(prices, rate):
    places = [machine(str(usd), name=f"ml.{number}") for number, usd in enumerate(prices)]
    found = choice(TrafficProfile(otherwise=rate), [*places, serverless("0.00002")])
    able = [each for each in found.options if each.verdict == "meets" and each.usd_per_month is not None]
    assert found.chosen is not None
    assert found.chosen.usd_per_month == min(map(usd, able))


def test_an_assumed_price_is_said():
    price = Price(Decimal("0.10"), "a list", "2026-01-01", assumed="price of ml.x: read in another region")
    found = choice(NIGHTS, [replace(machine(), price=price)])
    assert "price of ml.x: read in another region" in found.assumptions
