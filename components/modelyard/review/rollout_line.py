"""Where the rollout of a model stands, for the plan."""

from __future__ import annotations

from ..environment.model import Model
from ..environment.rollout import Rollout
from .plan import RolloutLine


def rollout_line(model: Model) -> RolloutLine | None:
    """None without a rollout. The gates are named as ``promotion/canary.py`` asks them; where the gateway does not
    split, none is judged."""
    rollout = model.rollout
    if rollout is None:
        return None
    from ..serving.rollout.gates import gates

    counts_itself = model.server == "triton"
    asked = () if model.splitter is not None else gates(rollout.gates, "", ("", "") if counts_itself else None)
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
        canary_replicas=_canary_replicas(model, rollout),
    )


def _canary_replicas(model: Model, rollout: Rollout) -> tuple[int, int] | None:
    if rollout.canary is None or rollout.by != "gateway" or model.by_knative or not model.has_own_pods:
        return None
    least = max(rollout.canary_replicas(model.scaling.min_replicas), 1)
    return least, max(rollout.canary_replicas(model.scaling.max_replicas), least)
