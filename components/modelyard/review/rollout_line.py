"""Where the rollout of a model stands, for the plan."""

from __future__ import annotations

from ..environment.rollout import Rollout
from .plan import RolloutLine


def rollout_line(rollout: Rollout | None, runtime: str) -> RolloutLine | None:
    """None without a rollout. The gates are named as ``serving/rollout/gates.py`` asks them."""
    if rollout is None:
        return None
    from ..serving.rollout.gates import gates

    asked = gates(rollout.gates, "", ("", "") if runtime == "triton" else None)
    at_the_end = rollout.canary is None or rollout.percent == 100 or rollout.by != "gateway"
    return RolloutLine(
        stable=rollout.stable,
        canary=rollout.canary,
        percent=rollout.percent,
        mirrored_percent=rollout.mirrored,
        steps=tuple(rollout.steps),
        next_percent=None if at_the_end else rollout.next_percent,
        pause_minutes=rollout.pause_minutes,
        by=rollout.by,
        gates=tuple(f"{gate.name} {gate.allowed}" for gate in asked),
    )
