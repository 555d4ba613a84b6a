"""Whether a measurement here keeps the objective. Pure."""

from __future__ import annotations

from collections.abc import Sequence

from .measured import Measured
from .result import Outcome
from .subject import Promise

_ENOUGH = 0.98
"""Share of the rate that counts as all of it: some of the last requests are always still under way."""


def judged(
    promise: Promise | None,
    measured: Measured | None,
    *,
    rate: float | None,
    stand_ins: Sequence[str] = (),
    moved: Sequence[str] = (),
) -> Outcome | None:
    """None where nothing is promised.

    ``stand_ins`` are models whose backend a substitute took the place of, ``moved`` those whose GPU instances ran on
    a CPU: then timings say nothing about the objective.
    """
    if promise is None:
        return None
    if measured is None:
        return Outcome("not judged", "its objective is not judged: no load was sent")
    if measured.invalid:
        return Outcome("not judged", f"its objective is not judged: {measured.invalid}")
    seen = f"p99 {measured.p99_ms:.3g} ms at {measured.throughput:.4g}/s"
    if rate is not None and rate < promise.requests_per_second * _ENOUGH:
        return Outcome(
            "not judged",
            f"its objective is not judged: {rate:.4g} requests per second were sent and one replica is promised "
            f"{promise.requests_per_second:.4g} ({seen} here)",
        )
    for names, why in ((stand_ins, "a substitute ran"), (moved, "the CPU ran")):
        if names:
            return Outcome("not judged", f"its objective is not judged: {why} {' and '.join(names)} ({seen} here)")
    if measured.failures:
        failed = sum(measured.failures.values())
        reason = next(iter(measured.failures))
        return Outcome("missed", f"{failed} of {measured.requests} requests failed: {reason}")
    if measured.p99_ms > promise.p99_ms:
        more = measured.p99_ms / promise.p99_ms
        return Outcome(
            "missed", f"p99 is {measured.p99_ms:.3g} ms, {more:.2g} times the objective's {promise.p99_ms:g} ms"
        )
    offered = measured.requests / measured.seconds
    if measured.throughput < offered * _ENOUGH:
        return Outcome(
            "missed", f"{measured.throughput:.4g} of {offered:.4g} requests per second were answered in time"
        )
    return Outcome("met", f"{seen} keeps the objective of {promise.p99_ms:g} ms")
