"""The time until one more replica answers, and what it is made of."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest
from modelyard.sizing.cold_start import (
    ColdStart,
    assumption,
    assumptions,
    cold_start,
    image_size_gb,
    streamed_instead,
)

GIB = 1024**3


def predicted(**changes: Any) -> ColdStart:
    return cold_start(**{"node_there": False, "image_unpacked_gb": 15.5, "model_bytes": 3 * GIB, **changes})


def seconds(start: ColdStart, name: str) -> tuple[float, float]:
    return next((part.low_seconds, part.high_seconds) for part in start.parts if part.name == name)


def test_the_whole_is_the_sum_of_its_parts() -> None:
    start = predicted(signal_seconds=30)
    assert [part.name for part in start.parts] == ["signal", "node", "image", "weights", "load", "ready"]
    assert start.low_seconds == sum(part.low_seconds for part in start.parts)
    assert start.high_seconds == sum(part.high_seconds for part in start.parts)
    assert seconds(start, "signal") == (0, 30)
    assert seconds(start, "image") == (15.5 / 0.0264, 15.5 / 0.0167)
    assert seconds(start, "weights") == (3 / 0.122, 3 / 0.0166)


def test_every_part_is_printed_with_what_it_is_made_of() -> None:
    assert predicted(signal_seconds=30).text() == (
        "12 to 25 min: signal 0 to 30 s (the next scrape and the autoscaler's next question), "
        "node 80 s to 5 min (a new GPU instance until it is ready), "
        "image 10 to 15 min (15.5 GB at 0.0167 to 0.0264 GB/s), "
        "weights 25 s to 3 min (3 GiB at 0.0166 to 0.122 GiB/s), "
        "load 6 to 55 s (the server's start, and reading 3 GiB at 0.122 to 2 GiB/s), "
        "ready 1 to 15 s (the scheduler and the readiness probe)"
    )


def test_a_node_that_is_there_costs_nothing() -> None:
    there, new = predicted(node_there=True), predicted()
    assert "node" not in [part.name for part in there.parts]
    assert new.high_seconds - there.high_seconds == pytest.approx(assumption("gpu_node").high)
    assert seconds(predicted(node_there=True, image_there=True), "image") == (0, 0)


def test_a_new_node_never_has_the_image() -> None:
    assert predicted(image_there=True) == predicted()


def test_a_streamed_image_keeps_a_container_waiting_between_not_at_all_and_for_all_of_it() -> None:
    streamed, pulled = predicted(image_by="streaming"), predicted()
    assert seconds(streamed, "image") == (0, seconds(pulled, "image")[1])
    (image,) = [part for part in streamed.parts if part.name == "image"]
    assert image.why.endswith(", or streamed while it starts")


def test_a_measured_load_goes_before_an_estimate() -> None:
    assert seconds(predicted(load_seconds=12.5), "load") == (12.5, 12.5)


def test_what_is_not_known_makes_it_a_least_time() -> None:
    start = predicted(node_there=True, image_unpacked_gb=None, model_bytes=None, load_seconds=12)
    assert start.text() == (
        "at least 13 to 27 s: load 12 s (measured), ready 1 to 15 s (the scheduler and the readiness probe); not "
        "counted: the image, whose size the catalogue does not know, the weights, whose size is not known"
    )


@pytest.mark.parametrize(
    ("runtime", "release", "size_gb"),
    [("triton", "23.01", 16), ("triton", "26.07", 15.5), ("triton", None, 15.5), ("torchserve", None, None)],
)
def test_image_sizes_are_of_the_release_or_of_the_newest_known(
    runtime: str, release: str | None, size_gb: float | None
) -> None:
    assert image_size_gb(runtime, release) == size_gb


def test_every_assumption_is_a_range_with_source_and_date() -> None:
    for each in assumptions():
        assert 0 < each.low <= each.high, each.name
        assert len(each.source) > 20, each.name
        assert date.fromisoformat(each.source_date).year >= 2024, each.name


def test_where_nobody_knows_whether_a_node_has_room_the_range_holds_both() -> None:
    known, unknown = predicted(node_there=True, image_there=True), predicted(node_there=None, image_there=None)
    assert seconds(unknown, "node") == (0, 300)
    assert seconds(unknown, "image")[0] == 0
    assert unknown.low_seconds == known.low_seconds
    assert unknown.high_seconds == predicted().high_seconds


def test_in_brief_what_takes_no_time_is_left_out() -> None:
    start = predicted(node_there=True, image_there=True, model_bytes=0)
    assert start.brief() == "6 to 45 s: load 5 to 30 s, ready 1 to 15 s"
    assert predicted(image_unpacked_gb=None).whole().startswith("at least ")


def test_images_in_parts_come_sooner_and_those_on_the_nodes_disk_perhaps_at_once() -> None:
    pulled = seconds(predicted(), "image")
    assert seconds(predicted(image_by="parallel_pull"), "image") == pytest.approx((pulled[0] / 2.5, pulled[1]))
    assert seconds(predicted(image_by="preloaded"), "image") == (0, pulled[1])
    (image,) = [part for part in predicted(image_by="parallel_pull").parts if part.name == "image"]
    assert image.why.endswith(", in many parts at a time 1 to 2.5 times as fast")


def test_streamed_weights_are_read_while_the_server_loads() -> None:
    streamed = predicted(model_bytes=20 * GIB, weights="stream")
    assert seconds(streamed, "weights") == (0, 0)
    (load,) = [part for part in streamed.parts if part.name == "load"]
    assert load.text() == ("load 22 s to 3 min (the server's start, and reading 20 GiB at 0.155 to 1.16 GiB/s)")


@pytest.mark.parametrize(
    ("node_there", "speed"),
    [(False, (0.155, 1.16)), (True, (0.122, 2)), (None, (0.122, 2))],
)
def test_a_node_that_runs_has_read_the_weights_that_it_keeps(
    node_there: bool | None, speed: tuple[float, float]
) -> None:
    low, high = seconds(predicted(model_bytes=20 * GIB, weights="node_cache", node_there=node_there), "load")
    assert (low, high) == pytest.approx((5 + 20 / speed[1], 30 + 20 / speed[0]))


def test_what_streaming_would_spare_is_known_of_what_is_copied_alone() -> None:
    found = streamed_instead(predicted(model_bytes=20 * GIB))
    assert found is not None
    assert [part.brief() for part in found] == ["weights 3 to 20 min", "weights 17 s to 2 min"]
    assert found[1].why == "20 GiB at 0.155 to 1.16 GiB/s"
    assert streamed_instead(predicted(weights="stream")) is None
    assert streamed_instead(predicted(model_bytes=None)) is None
