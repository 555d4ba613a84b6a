"""What is right now, in one sentence."""

from __future__ import annotations

from .judgement import Judgement


def conclusion(judgement: Judgement, written: bool) -> str:
    """Without its final stop."""
    canary, decision = judgement.canary, judgement.decision
    version, model = f"version {canary.version}", canary.model
    reasons = "; ".join(decision.reasons)
    if decision.action == "hold":
        what = "A gate fails" if decision.exit_code == 2 else "Hold"
        return f"{what}: {version} of {model} stays at {canary.rollout.percent} %: {reasons}"
    if decision.action == "roll_back":
        what = f"Roll back: {version} of {model} gets no requests any more: {reasons}"
    elif decision.action == "finish":
        what = f"Finish: {version} of {model} becomes the stable one"
    else:
        what = f"Promote: {version} of {model} gets {decision.percent} % of the requests"
    if written:
        return f"{what}; {canary.file_name} says so now, and pulumi up deploys it"
    return f"{what}; --write puts it into {canary.file_name}"
