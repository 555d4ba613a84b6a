"""A declared profile, latency by batch size, as sizing reads a measured one."""

from __future__ import annotations

from ..environment.model import Profile
from .profile import MeasuredPoint, MeasuredProfile, MeasuredStage


def from_declared(profile: Profile, model: str) -> MeasuredProfile:
    """The points of one model without a spread: each execution takes its batch's declared time.

    Of two points with the same accelerator and batch size the slower counts.
    """
    slowest: dict[str, dict[int, float]] = {}
    for point in profile.points:
        times = slowest.setdefault(point.accelerator, {})
        times[point.batch_size] = max(point.latency_ms, times.get(point.batch_size, 0.0))
    return MeasuredProfile(
        source=profile.source,
        server="not said",
        processor="not said",
        stages=tuple(
            MeasuredStage(
                model=model,
                accelerator=accelerator,
                points=tuple(_point(batch, times[batch]) for batch in sorted(times)),
            )
            for accelerator, times in slowest.items()
        ),
    )


def _point(batch_size: int, latency_ms: float) -> MeasuredPoint:
    return MeasuredPoint(
        batch_size=batch_size,
        executions=1,
        mean_ms=latency_ms,
        p50_ms=latency_ms,
        p90_ms=latency_ms,
        p99_ms=latency_ms,
    )
