"""What to do with a canary now: more traffic, none, the end of its rollout, or patience."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from ..environment.rollout import Rollout
from ..serving.rollout.gates import Verdict

Action = Literal["promote", "roll_back", "finish", "hold"]

PASSED, FAILED, UNDETERMINED = 0, 2, 3
"""Exit codes; 1 is invalid input."""


@dataclass(frozen=True, slots=True)
class Decision:
    """One action, and why."""

    action: Action
    reasons: tuple[str, ...]
    """Of a hold or a rollback: a sentence each."""
    exit_code: int
    percent: int | None = None
    """Share that the canary gets by it; None where the declaration stays as it is, or the canary goes."""


def decide(rollout: Rollout, verdict: Verdict, held_minutes: float | None, *, begin: bool = False) -> Decision:
    """The decision.

    A gate that fails takes all traffic back at once. Otherwise a share is held for ``pause_minutes``, and after that
    the gates have to pass. From 0 % a canary moves only where ``begin`` says so: nothing can be measured there, and
    what was rolled back must not be promoted again by whoever asks next.

    Args:
        rollout: as it is declared, with a canary.
        verdict: on the gates, in all clusters together.
        held_minutes: for how long the share is held already, in the cluster that has it for the shortest time; None
            where it cannot be told.
        begin: give a canary at 0 % its first share.
    """
    if verdict.outcome == "fail":
        if rollout.percent == 0:
            return Decision("hold", verdict.reasons, FAILED)
        return Decision("roll_back", verdict.reasons, FAILED, 0)
    if rollout.percent == 0:
        if begin:
            return Decision("promote", (), PASSED, rollout.next_percent)
        why = f"nobody is sent to version {rollout.canary} yet; --begin gives it its first {rollout.next_percent} %"
        return Decision("hold", (why,), UNDETERMINED)
    waits = [*verdict.reasons, *_pause(rollout, held_minutes)]
    if waits:
        return Decision("hold", tuple(waits), UNDETERMINED)
    if rollout.percent == 100:
        return Decision("finish", (), PASSED)
    return Decision("promote", (), PASSED, rollout.next_percent)


def _pause(rollout: Rollout, held_minutes: float | None) -> list[str]:
    pause = rollout.pause_minutes
    if pause == 0:
        return []
    if held_minutes is None:
        return [
            f"the gateway counted no requests at {rollout.percent} %, so that nobody knows for how long it is held; "
            f"pause_minutes is {pause}"
        ]
    if held_minutes < pause:
        return [f"{rollout.percent} % is held for {held_minutes:.0f} minutes by what the gateway counted; "
                f"pause_minutes is {pause}"]  # fmt: skip
    return []
