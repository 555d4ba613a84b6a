"""Load on a model from a process of its own, measured without coordinated omission.

A request's latency counts from when it was meant to be sent, so that a server that stalls is seen in every request
that a caller would have sent in the meantime. The generator sends prepared HTTP requests over sockets of its own,
which takes a sixth of the processor time of a gRPC client: what it uses, it takes from a server on the same machine.
"""

from __future__ import annotations

import contextlib
import json
import os
import selectors
import subprocess
import sys
import time
from array import array
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from .address import ServerAddress
from .arrivals import Pattern
from .requests import SampleRequest

LATE_SHARE = 0.25
"""A run says nothing about the server where more of the 99th percentile than this share is late sending."""
LATE_MS = 1.0
"""Less than this never counts as late."""
BUSY_SHARE = 0.9
"""Of one core: a generator that used more may have held requests back."""

_GRACE_S = 30.0


@dataclass(frozen=True, slots=True)
class OpenLoop:
    """Requests at a rate, whether or not earlier ones were answered, as callers do who do not know of each other."""

    requests_per_second: float
    pattern: Pattern = "poisson"
    seed: int = 0


@dataclass(frozen=True, slots=True)
class ClosedLoop:
    """So many callers, each sending its next request when the last was answered: for comparing throughput. It hides
    what a stall does to callers that do not wait for each other."""

    concurrency: int


@dataclass(frozen=True, slots=True)
class LoadPlan:
    model: str
    loop: OpenLoop | ClosedLoop
    requests: tuple[SampleRequest, ...]
    """Sent in turn."""
    seconds: float
    """Measured; the warm-up comes before."""
    version: int | None = None
    warm_up_s: float = 2.0
    timeout_s: float = 10.0
    """From when a request was meant to be sent; one that is not answered by then counts as failed."""
    most_in_flight: int = 1024
    """Requests at a time, each on a connection. A request above it waits here, and its waiting counts."""


@dataclass(frozen=True, slots=True)
class LoadProgress:
    seconds: float
    """Since the load began, warm-up included."""
    of_seconds: float
    answered: int
    """Since the load began."""
    failed: int
    warming_up: bool


@dataclass(frozen=True, slots=True)
class LoadResult:
    """What the callers saw, without the warm-up. The arrays are as long as requests were to be sent, in the order
    in which they were."""

    plan: LoadPlan
    intended_s: array[float]
    """When each request was meant to be sent, in seconds since the measured part began."""
    latency_ms: array[float]
    """From then to its answer; for a request without one, to when it was given up."""
    late_ms: array[float]
    """How late the generator itself was in sending, apart from waiting for ``most_in_flight``."""
    outcome: array[int]
    """0: answered; 1: given up after the timeout; else the position in ``reasons`` plus 1."""
    reasons: tuple[str, ...]
    """Why requests failed, each once; the first is always the timeout."""
    waited_in_flight: int
    """Requests that waited here because ``most_in_flight`` others had no answer yet."""
    answers_in_time: int
    """Answers that came within the measured part, whenever they were asked for."""
    generator_cpu_s: float
    """Processor time of the generator in the measured part."""
    invalid: str | None
    """Why the figures say nothing about the server: the generator could not keep the rate; None: they do."""

    @property
    def failures(self) -> Mapping[str, int]:
        """How many by reason."""
        counted = Counter(self.outcome)
        return {reason: counted[at] for at, reason in enumerate(self.reasons, start=1) if counted[at]}


class CannotLoad(Exception):
    """The generator ended without a result; the message says why."""


def load(
    address: ServerAddress,
    plan: LoadPlan,
    *,
    progress: Callable[[LoadProgress], None] | None = None,
    measuring: Callable[[], None] | None = None,
) -> LoadResult:
    """Runs the load and waits for it. The generator ends with this call, also when it is interrupted.

    Args:
        progress: called about five times a second.
        measuring: called once when the warm-up has ended, to read the server's counters.

    Raises:
        CannotLoad: for example because nothing answers at the address.
        ValueError: a plan without requests, seconds, rate or concurrency.
    """
    given = _given(address, plan)
    process = subprocess.Popen(
        [sys.executable, "-m", f"{__package__}.load_process"],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        env={**os.environ, "PYTHONPATH": _import_path()},
        # Ctrl-C reaches this process alone, which then ends the generator.
        start_new_session=True,
    )
    try:
        assert process.stdin is not None
        try:
            process.stdin.write(given)
            process.stdin.flush()
        except BrokenPipeError:
            raise CannotLoad(_last_words(process)) from None
        deadline = time.monotonic() + plan.warm_up_s + plan.seconds + plan.timeout_s + _GRACE_S
        for message, content in _messages(process, deadline):
            match message["kind"]:
                case "measuring" if measuring:
                    measuring()
                case "progress" if progress:
                    progress(
                        LoadProgress(
                            message["seconds"],
                            plan.warm_up_s + plan.seconds,
                            message["answered"],
                            message["failed"],
                            message["seconds"] < plan.warm_up_s,
                        )
                    )
                case "failed":
                    raise CannotLoad(message["why"])
                case "result":
                    return _result(plan, message, content)
        raise CannotLoad(_last_words(process))
    finally:
        process.kill()
        process.wait()
        for stream in (process.stdin, process.stdout, process.stderr):
            if stream is not None:
                with contextlib.suppress(BrokenPipeError):
                    stream.close()


def _given(address: ServerAddress, plan: LoadPlan) -> bytes:
    """What the generator reads: a line of JSON, then the requests one after another."""
    loop = plan.loop
    if not plan.requests:
        raise ValueError("a load needs at least one request to send")
    if not plan.seconds > 0:
        raise ValueError(f"a load of {plan.seconds:g} seconds measures nothing; give more than 0")
    if isinstance(loop, ClosedLoop) and loop.concurrency < 1:
        raise ValueError(f"a concurrency of {loop.concurrency} sends nothing; give 1 or more")
    if isinstance(loop, OpenLoop) and not loop.requests_per_second > 0:
        raise ValueError(f"a rate of {loop.requests_per_second:g} requests per second sends nothing; give one above 0")
    messages = [request.http(address, plan.model, plan.version) for request in plan.requests]
    line: dict[str, Any] = {
        "url": address.http,
        "lengths": [len(message) for message in messages],
        "seconds": plan.seconds,
        "warm_up_s": plan.warm_up_s,
        "timeout_s": plan.timeout_s,
        "most_in_flight": plan.most_in_flight,
    }
    if isinstance(loop, OpenLoop):
        line |= {"rate": loop.requests_per_second, "pattern": loop.pattern, "seed": loop.seed}
    else:
        line |= {"concurrency": loop.concurrency}
    return json.dumps(line).encode() + b"\n" + b"".join(messages)


def _import_path() -> str:
    """With this package found first, however this process found it."""
    ours = str(Path(__file__).resolve().parents[2])
    theirs = os.environ.get("PYTHONPATH")
    return f"{ours}{os.pathsep}{theirs}" if theirs else ours


def _messages(process: subprocess.Popen[bytes], deadline: float) -> Iterator[tuple[dict[str, Any], bytes]]:
    """Lines of JSON, each followed by as many bytes as its ``content`` says."""
    assert process.stdout is not None
    buffer = bytearray()
    with selectors.DefaultSelector() as selector:
        selector.register(process.stdout, selectors.EVENT_READ)
        while True:
            end = buffer.find(b"\n")
            if end >= 0:
                message = json.loads(buffer[:end])
                whole = end + 1 + message.get("content", 0)
                if len(buffer) >= whole:
                    yield message, bytes(buffer[end + 1 : whole])
                    del buffer[:whole]
                    continue
            left = deadline - time.monotonic()
            if left <= 0 or not selector.select(left):
                raise CannotLoad("the load generator did not end in time; try again with a lower rate")
            received = os.read(process.stdout.fileno(), 1 << 20)
            if not received:
                return
            buffer += received


def _last_words(process: subprocess.Popen[bytes]) -> str:
    process.kill()
    assert process.stderr is not None
    said = process.stderr.read().decode(errors="replace").strip().splitlines()
    return f"the load generator ended: {said[-1] if said else 'it gave no reason'}"


def _result(plan: LoadPlan, message: dict[str, Any], content: bytes) -> LoadResult:
    count = message["count"]
    numbers = array("d")
    numbers.frombytes(content[: 24 * count])
    outcome = array("H")
    outcome.frombytes(content[24 * count :])
    latency_ms, late_ms = numbers[count : 2 * count], numbers[2 * count :]
    return LoadResult(
        plan=plan,
        intended_s=numbers[:count],
        latency_ms=latency_ms,
        late_ms=late_ms,
        outcome=outcome,
        reasons=tuple(message["reasons"]),
        waited_in_flight=message["waited_in_flight"],
        answers_in_time=message["answers_in_time"],
        generator_cpu_s=message["cpu_s"],
        invalid=doubt(plan, latency_ms, late_ms, message["cpu_s"]),
    )


def doubt(plan: LoadPlan, latency_ms: array[float], late_ms: array[float], cpu_s: float) -> str | None:
    """Why a run's figures would be the generator's own and not the server's; None: they are the server's."""
    if not latency_ms:
        return "no request was meant to be sent in the measured part; measure longer or at a higher rate"
    if cpu_s > BUSY_SHARE * plan.seconds:
        return (
            f"the load generator used {cpu_s / plan.seconds:.0%} of a core and may have sent late; lower the rate, or "
            "run it on another machine"
        )
    at = int(0.99 * len(latency_ms))
    p99 = sorted(latency_ms)[at]
    without = sorted(latency - late for latency, late in zip(latency_ms, late_ms, strict=True))[at]
    if p99 - without > max(LATE_MS, LATE_SHARE * p99):
        return (
            f"of the p99 of {p99:.1f} ms the load generator's own lateness in sending is {p99 - without:.1f} ms; this "
            "machine was too busy: close other programs, lower the rate, or run it on another machine"
        )
    return None
