"""What the server counted between two readings of its statistics API."""

from __future__ import annotations

import subprocess
import sys
import time
from collections.abc import Mapping
from typing import Any

import pytest
from modelyard.trial.address import ServerAddress
from modelyard.trial.processor_time import Thread, threads_of, used
from modelyard.trial.statistics import Counters, NoStatistics, between, counters, metric_samples, server_version

from .answering_server import answer, answering


def version(
    requests: int, *, failed: int = 0, queue_ns: int = 0, batches: Mapping[int, tuple[int, int]] | None = None
) -> dict[str, Any]:
    """An entry of the API's answer: ``batches`` are executions and nanoseconds of inference by size."""
    sizes = batches or {}
    rows = sum(size * count for size, (count, _) in sizes.items())
    infer_ns = sum(size * ns for size, (_, ns) in sizes.items())
    return {
        "inference_count": rows,
        "execution_count": sum(count for count, _ in sizes.values()),
        "inference_stats": {
            "success": {"count": requests, "ns": queue_ns + infer_ns},
            "fail": {"count": failed, "ns": 0},
            "queue": {"count": requests, "ns": queue_ns},
            "compute_infer": {"count": requests, "ns": infer_ns},
        },
        "batch_stats": [
            {"batch_size": size, "compute_infer": {"count": count, "ns": ns}} for size, (count, ns) in sizes.items()
        ],
    }


def reading(*versions: dict[str, Any], **more: Any) -> Counters:
    given = {"at_s": 0.0, "models": {"m": versions}, "metrics": {}, "threads": None}
    return Counters(**(given | more))


def test_the_difference_of_two_readings() -> None:
    before = reading(version(10, queue_ns=5_000_000, batches={1: (10, 20_000_000)}))
    after = reading(
        version(40, failed=2, queue_ns=65_000_000, batches={1: (14, 28_000_000), 2: (13, 39_000_000)}), at_s=4.0
    )
    statistics = between(before, after)
    (stage,) = statistics.stages
    assert statistics.seconds == 4.0
    assert (stage.requests, stage.failures, stage.inferences, stage.executions) == (30, 2, 30, 17)
    assert stage.queue_ms == pytest.approx(2.0)
    assert stage.compute_infer_ms == pytest.approx((8 + 2 * 39) / 30)
    assert stage.total_ms == pytest.approx(2.0 + (8 + 2 * 39) / 30)
    assert [(batch.batch_size, batch.executions, batch.execution_ms) for batch in stage.batches] == [
        (1, 4, pytest.approx(2.0)),
        (2, 13, pytest.approx(3.0)),
    ]
    assert stage.mean_batch == pytest.approx(30 / 17)
    assert stage.busy_s == pytest.approx(0.047)
    assert statistics.stage("m") is stage
    assert statistics.stage("other") is None


def test_versions_add_up() -> None:
    before = reading(version(1, batches={1: (1, 1_000_000)}), version(2, batches={1: (2, 2_000_000)}))
    after = reading(version(4, batches={1: (4, 4_000_000)}), version(4, batches={1: (2, 2_000_000), 2: (1, 5_000_000)}))
    (stage,) = between(before, after).stages
    assert (stage.requests, stage.executions) == (5, 4)
    assert [(batch.batch_size, batch.executions) for batch in stage.batches] == [(1, 3), (2, 1)]


def test_a_server_that_was_restarted_counts_from_nothing() -> None:
    (stage,) = between(reading(version(100, batches={1: (100, 1)})), reading(version(7, batches={1: (7, 7)}))).stages
    assert (stage.requests, stage.executions) == (7, 7)


def test_nothing_happened() -> None:
    (stage,) = between(reading(version(3, batches={1: (3, 9)})), reading(version(3, batches={1: (3, 9)}))).stages
    assert (stage.requests, stage.executions, stage.mean_batch, stage.batches, stage.queue_ms) == (0, 0, None, (), 0.0)


def test_processor_time_by_stage() -> None:
    before = {1: Thread(1.0, None), 2: Thread(2.0, "prepare"), 3: Thread(9.0, "score")}
    after = {1: Thread(1.5, None), 2: Thread(2.25, "prepare"), 4: Thread(0.5, "prepare")}
    assert used(before, after) == (1.25, {"prepare": 0.75})
    statistics = between(reading(threads=before), reading(threads=after))
    assert (statistics.cpu_s, statistics.cpu_by_stage_s) == (1.25, {"prepare": 0.75})
    assert between(reading(), reading(threads=after)).cpu_s is None


def test_processor_time_of_a_process_group() -> None:
    program = "import time\nwhile time.process_time() < 0.3: pass\nprint('done', flush=True)\ntime.sleep(60)"
    process = subprocess.Popen([sys.executable, "-c", program], stdout=subprocess.PIPE, start_new_session=True)
    try:
        assert process.stdout is not None
        process.stdout.readline()
        time.sleep(0.05)
        threads = threads_of(process.pid)
        assert sum(thread.used_s for thread in threads.values()) >= 0.25
        assert {thread.stage for thread in threads.values()} == {None}
    finally:
        process.kill()
        process.communicate()
    assert threads_of(process.pid) == {}


def test_metrics_that_moved() -> None:
    text = (
        "# HELP a\n# TYPE a counter\n"
        'a{model="x y",version="1"} 3\na_created{} 1.5 1700000000\nb 2e3\nc nonsense\n\nd{e="}"} +Inf\n'
    )
    samples = metric_samples(text)
    assert samples == {
        'a{model="x y",version="1"}': 3.0, "a_created{}": 1.5, "b": 2000.0, 'd{e="}"}': float("inf"),
    }  # fmt: skip
    statistics = between(reading(metrics={"a": 1.0, "b": 2.0}), reading(metrics={"a": 4.0, "b": 2.0, "c": 1.0}))
    assert statistics.metrics == {"a": 3.0, "c": 1.0}


def test_no_statistics() -> None:
    with pytest.raises(NoStatistics) as caught:
        counters(ServerAddress("http://127.0.0.1:1"), ["m"])
    assert str(caught.value) == "http://127.0.0.1:1/v2/models/m/stats does not answer: Connection refused"


@pytest.mark.parametrize(
    ("status", "body", "message"),
    [
        ("400 Bad Request", b'{"error":"unknown model m"}', "answered HTTP 400: unknown model m"),
        ("502 Bad Gateway", b"", "answered HTTP 502: no reason given"),
        ("200 OK", b"<html>", "did not answer with JSON; is it a Triton server?"),
    ],
)
def test_answers_that_are_no_statistics(status: str, body: bytes, message: str) -> None:
    with answering({"m": answer(status, body), "v2": answer(status, body)}) as server:
        with pytest.raises(NoStatistics) as caught:
            counters(server.address, ["m"])
        assert str(caught.value) == f"{server.address.http}/v2/models/m/stats {message}"


def test_the_version() -> None:
    with answering({"v2": answer(body=b'{"name":"triton","version":"2.51.0"}')}) as server:
        assert server_version(server.address) == "2.51.0"
