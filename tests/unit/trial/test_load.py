"""The load generator, against a server that answers in every way there is."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from array import array
from pathlib import Path

import pytest
from modelyard.trial.address import ServerAddress
from modelyard.trial.load import CannotLoad, ClosedLoop, LoadPlan, LoadProgress, LoadResult, OpenLoop, doubt, load
from modelyard.trial.requests import SampleRequest, SampleTensor

from .answering_server import answer, answering, hang_up, in_pieces, stay_silent

REQUEST = SampleRequest(1, (SampleTensor("x", "FP32", (1, 1), b"\0\0\0\0"),))
CHUNKS = b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n6;a=b\r\n world\r\n0\r\n\r\n"
REFUSED = b'HTTP/1.1 400 Bad Request\r\ncontent-length: 21\r\n\r\n{"error":"bad shape"}'


def run(address: ServerAddress, model: str = "m", **changes: object) -> LoadResult:
    plan: dict[str, object] = {"loop": OpenLoop(100, "constant"), "seconds": 0.3, "warm_up_s": 0.1}
    return load(address, LoadPlan(model, requests=(REQUEST,), **(plan | changes)))  # type: ignore[arg-type]


@pytest.mark.parametrize(
    "how",
    [
        answer(),
        answer(body=b"x" * 600_000),
        answer(headers="Connection: close\r\n"),
        in_pieces(b"HTTP/1.1 200 OK\r\ncontent-LENGTH:  2\r\nX-Content-Length: 9\r\n\r\nok", 7),
        in_pieces(CHUNKS, 9),
    ],
    ids=["at-once", "large", "closing", "in-pieces", "chunked"],
)
def test_every_request_is_sent_and_answered(how: object) -> None:
    with answering({"m": how}) as server:  # type: ignore[dict-item]
        result = run(server.address)
    assert len(result.latency_ms) == len(result.intended_s) == len(result.late_ms) == len(result.outcome) == 30
    assert list(result.intended_s) == pytest.approx([at / 100 for at in range(30)])
    assert set(result.outcome) == {0}
    assert result.failures == {}
    assert len(server.bodies) == 40  # ten in the warm-up
    assert min(result.latency_ms) > 0
    assert result.generator_cpu_s > 0


@pytest.mark.parametrize(
    ("how", "reason"),
    [
        (in_pieces(REFUSED, 100), "HTTP 400: bad shape"),
        (answer("503 Service Unavailable", b"upstream\n gone"), "HTTP 503: upstream gone"),
        (answer("500 Internal Server Error", b""), "HTTP 500"),
        (hang_up, "the server closed the connection before it answered"),
        (in_pieces(b"HTTP/1.1 200 OK\r\n\r\n", 100), "the server's answer has no length"),
        (in_pieces(b"220 mail\r\n\r\n", 100), "the answer is not HTTP/1.1; is it a Triton server's HTTP port?"),
        (
            in_pieces(CHUNKS.replace(b"5\r\nh", b"five\r\nh"), 100),
            "the answer is not HTTP/1.1; is it a Triton server's HTTP port?",
        ),
    ],
)
def test_failures_are_counted_by_reason(how: object, reason: str) -> None:
    with answering({"m": how}) as server:  # type: ignore[dict-item]
        result = run(server.address)
    assert result.failures == {reason: 30}
    assert result.answers_in_time == 0


def test_a_request_without_an_answer_is_given_up_at_its_deadline() -> None:
    with answering({"m": stay_silent}) as server:
        result = run(server.address, timeout_s=0.2, seconds=0.2)
    assert result.failures == {"no answer within 0.2 s": 20}
    assert set(result.outcome) == {1}
    assert min(result.latency_ms) >= 200


def test_latency_counts_from_when_a_request_was_meant_to_be_sent() -> None:
    """One connection and 50 ms for each answer: at 100 requests a second each waits longer than the one before."""
    with answering({"m": answer(after_s=0.05)}) as server:
        result = run(server.address, most_in_flight=1, seconds=0.1, warm_up_s=0)
    assert all(latency >= 50 + 40 * at for at, latency in enumerate(result.latency_ms))
    assert result.waited_in_flight >= 8
    assert server.connections == 1


def test_a_closed_loop_has_no_more_requests_than_callers() -> None:
    with answering({"m": answer(after_s=0.02)}) as server:
        result = run(server.address, loop=ClosedLoop(4))
    assert server.connections == 4
    assert 4 <= len(result.latency_ms) <= 4 * 16
    assert set(result.outcome) == {0}
    assert all(earlier <= later for earlier, later in zip(result.intended_s, result.intended_s[1:], strict=False))


def test_requests_are_sent_in_turn() -> None:
    bodies = tuple(SampleRequest(1, (SampleTensor("x", "INT8", (1, n), bytes(n)),)) for n in (1, 2, 3))
    with answering({"m": answer()}) as server:
        # One after the other: of two on their way at once, either may be there first.
        load(server.address, LoadPlan("m", ClosedLoop(1), bodies, seconds=1, warm_up_s=0))
    sizes = [len(body) - body.index(b"\0") for body in server.bodies]
    assert len(sizes) >= 4
    assert sizes == [1 + number % 3 for number in range(len(sizes))]


def test_the_parent_hears_of_progress_and_of_the_end_of_the_warm_up() -> None:
    heard: list[LoadProgress | str] = []
    with answering({"m": answer()}) as server:
        plan = LoadPlan("m", OpenLoop(50), (REQUEST,), seconds=0.5, warm_up_s=0.5)
        load(server.address, plan, progress=heard.append, measuring=lambda: heard.append("measuring"))
    at = heard.index("measuring")
    before = [each for each in heard[:at] if isinstance(each, LoadProgress)]
    after = [each for each in heard[at + 1 :] if isinstance(each, LoadProgress)]
    assert before and all(each.warming_up for each in before)
    assert after and not any(each.warming_up for each in after)
    assert all(each.of_seconds == 1.0 and each.failed == 0 for each in (*before, *after))
    assert after[-1].answered > before[0].answered


def test_over_tls(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    certificate, key = str(tmp_path / "certificate.pem"), str(tmp_path / "key.pem")
    made = ["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2", "-subj", "/CN=localhost"]
    made += ["-addext", "subjectAltName=DNS:localhost", "-keyout", key, "-out", certificate]
    try:
        subprocess.run(made, check=True, capture_output=True, timeout=60)
    except FileNotFoundError:
        pytest.skip("openssl is not on PATH; it makes the certificate")
    with answering({"m": answer(body=b"x" * 100_000)}, (certificate, key)) as server:
        with pytest.raises(CannotLoad, match=r"^nothing answers at https://localhost:\d+: TLS: .*certificate"):
            run(server.address)
        monkeypatch.setenv("SSL_CERT_FILE", certificate)
        result = run(server.address)
    assert result.failures == {}
    assert len(result.outcome) == 30


@pytest.mark.parametrize(
    ("url", "message"),
    [
        ("http://127.0.0.1:1", "nothing answers at http://127.0.0.1:1: Connection refused; is the server running?"),
        ("http://nowhere.invalid:80", "this machine knows no host 'nowhere.invalid': "),
    ],
)
def test_nothing_answers(url: str, message: str) -> None:
    with pytest.raises(CannotLoad) as caught:
        run(ServerAddress(url))
    assert str(caught.value).startswith(message)


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"requests": ()}, "a load needs at least one request to send"),
        ({"seconds": 0}, "a load of 0 seconds measures nothing; give more than 0"),
        ({"loop": ClosedLoop(0)}, "a concurrency of 0 sends nothing; give 1 or more"),
        ({"loop": OpenLoop(0)}, "a rate of 0 requests per second sends nothing; give one above 0"),
    ],
)
def test_plans_that_measure_nothing(changes: dict[str, object], message: str) -> None:
    plan: dict[str, object] = {"model": "m", "loop": OpenLoop(1), "requests": (REQUEST,), "seconds": 1.0}
    with pytest.raises(ValueError) as caught:
        load(ServerAddress("http://127.0.0.1:1"), LoadPlan(**(plan | changes)))  # type: ignore[arg-type]
    assert str(caught.value) == message


@pytest.mark.parametrize("hard", ["hard", "64"], ids=["may-be-raised", "may-not"])
def test_few_files_may_be_open(hard: str) -> None:
    program = (
        "import resource, sys\n"
        "from modelyard.trial.address import ServerAddress\n"
        "from modelyard.trial.load import LoadPlan, OpenLoop, load\n"
        "from modelyard.trial.requests import SampleRequest\n"
        "_, hard = resource.getrlimit(resource.RLIMIT_NOFILE)\n"
        f"resource.setrlimit(resource.RLIMIT_NOFILE, (64, {hard}))\n"
        "plan = LoadPlan('m', OpenLoop(200, 'constant'), (SampleRequest(1, ()),), seconds=1, warm_up_s=0)\n"
        "result = load(ServerAddress(sys.argv[1]), plan)\n"
        "print(dict(result.failures), len(result.outcome))\n"
    )
    with answering({"m": answer(after_s=0.5)}) as server:
        done = subprocess.run(
            [sys.executable, "-c", program, server.address.http], capture_output=True, text=True, timeout=60
        )
    assert (done.stdout, done.stderr) == ("{} 200\n", "")
    assert server.connections >= 90 if hard == "hard" else server.connections <= 32


def generators() -> list[int]:
    """Process ids of load generators that this process started, or that lost the one that started them."""
    found: list[int] = []
    for entry in Path("/proc").iterdir():
        try:
            if b"modelyard.trial.load_process" in (entry / "cmdline").read_bytes():
                parent = int((entry / "stat").read_bytes().rpartition(b")")[2].split()[1])
                if parent in (1, os.getpid()):
                    found.append(int(entry.name))
        except (OSError, ValueError):
            continue
    return found


def test_an_interruption_leaves_no_generator() -> None:
    def interrupt() -> None:
        raise KeyboardInterrupt

    with answering({"m": answer()}) as server:
        plan = LoadPlan("m", OpenLoop(10), (REQUEST,), seconds=60, warm_up_s=0)
        with pytest.raises(KeyboardInterrupt):
            load(server.address, plan, measuring=interrupt)
    assert generators() == []


def test_the_generator_ends_with_a_parent_that_is_killed() -> None:
    """Even by a signal that nobody can handle."""
    program = (
        "import sys\n"
        "from modelyard.trial.address import ServerAddress\n"
        "from modelyard.trial.load import LoadPlan, OpenLoop, load\n"
        "from modelyard.trial.requests import SampleRequest\n"
        "plan = LoadPlan('m', OpenLoop(10), (SampleRequest(1, ()),), seconds=60, warm_up_s=0)\n"
        "load(ServerAddress(sys.argv[1]), plan, measuring=lambda: print('measuring', flush=True))\n"
    )
    with answering({"m": answer()}) as server:
        parent = subprocess.Popen([sys.executable, "-c", program, server.address.http], stdout=subprocess.PIPE)
        assert parent.stdout is not None
        with parent.stdout as said:
            assert said.readline() == b"measuring\n"
            parent.send_signal(signal.SIGKILL)
            parent.wait()
        deadline = time.monotonic() + 90
        while generators() and time.monotonic() < deadline:
            time.sleep(0.05)
    assert generators() == []


@pytest.mark.parametrize(
    ("latency_ms", "late_ms", "cpu_s", "message"),
    [
        ([10.0] * 200, [0.1] * 200, 1.0, None),
        ([1.5] * 200, [0.9] * 200, 1.0, None),
        ([10.0] * 100 + [40.0] * 100, [0.0] * 100 + [9.0] * 100, 1.0, None),
        ([10.0] * 200, [9.0] + [0.0] * 199, 1.0, None),
        (
            [10.0] * 200,
            [4.0] * 200,
            1.0,
            "of the p99 of 10.0 ms the load generator's own lateness in sending is 4.0 ms; this machine was too busy: "
            "close other programs, lower the rate, or run it on another machine",
        ),
        (
            [10.0] * 200,
            [0.0] * 200,
            9.5,
            "the load generator used 95% of a core and may have sent late; lower the rate, or run it on another "
            "machine",
        ),
        (
            [],
            [],
            0.0,
            "no request was meant to be sent in the measured part; measure longer or at a higher rate",
        ),
    ],
)
def test_a_generator_that_was_late_does_not_blame_the_server(
    latency_ms: list[float], late_ms: list[float], cpu_s: float, message: str | None
) -> None:
    plan = LoadPlan("m", OpenLoop(10), (REQUEST,), seconds=10)
    assert doubt(plan, array("d", latency_ms), array("d", late_ms), cpu_s) == message
