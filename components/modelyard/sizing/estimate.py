"""A declared profile, latency by batch size, as sizing reads a measured one."""

from __future__ import annotations

from ..environment.model import Profile
from ..environment.names import CPU
from .profile import MeasuredPoint, MeasuredProfile, MeasuredStage


def joined(declared: Profile | None, measured: MeasuredProfile | None, model: str) -> MeasuredProfile | None:
    """What is known of a model: declared points, and what was measured of other stages or on other accelerators."""
    if declared is None:
        return measured
    stages = _stages(declared, model)
    if measured is None:
        return MeasuredProfile(source=declared.source, server="not said", processor="not said", stages=stages)
    known = {(stage.model, stage.accelerator) for stage in stages}
    others = tuple(stage for stage in measured.stages if (stage.model, stage.accelerator) not in known)
    if not others:
        return measured.model_copy(update={"source": declared.source, "stages": stages})
    source = f"{declared.source}; {', '.join(dict.fromkeys(stage.model for stage in others))}: {measured.source}"
    return measured.model_copy(update={"source": source, "stages": (*stages, *others)})


def _stages(profile: Profile, model: str) -> tuple[MeasuredStage, ...]:
    """Without a spread: each execution takes its batch's declared time; of two the slower counts."""
    slowest: dict[tuple[str, str], dict[int, float]] = {}
    for point in profile.points:
        times = slowest.setdefault((point.stage or model, point.accelerator), {})
        times[point.batch_size] = max(point.latency_ms, times.get(point.batch_size, 0.0))
    return tuple(
        MeasuredStage(
            model=stage,
            accelerator=accelerator,
            points=tuple(_point(batch, times[batch], accelerator) for batch in sorted(times)),
        )
        for (stage, accelerator), times in slowest.items()
    )


def _point(batch_size: int, latency_ms: float, accelerator: str) -> MeasuredPoint:
    """On the CPU an execution is taken to keep one processor busy for as long as it lasts."""
    return MeasuredPoint(
        batch_size=batch_size,
        executions=1,
        mean_ms=latency_ms,
        p50_ms=latency_ms,
        p90_ms=latency_ms,
        p99_ms=latency_ms,
        cpu_ms=latency_ms if accelerator == CPU else None,
    )
