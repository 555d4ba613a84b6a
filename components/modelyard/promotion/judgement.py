"""A canary judged: what every cluster's Prometheus says, and the decision that follows."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from math import isnan
from typing import Literal

from ..catalog.metrics import metric
from ..serving.rollout.gates import Gate, Verdict, judge
from .canary import Canary
from .decision import Decision, decide
from .held import Slice, held_slices, requests_query, slice_of, slices_of
from .prometheus import Prometheus

_SECONDS = 60


@dataclass(frozen=True, slots=True)
class Answer:
    """What one gate got."""

    gate: Gate
    value: float | None
    """None: no result, or none that is one number; ``note`` says so."""
    outcome: Literal["pass", "fail", "undetermined"]
    note: str = ""


@dataclass(frozen=True, slots=True)
class ClusterJudgement:
    """One cluster's canary."""

    cluster: str
    prometheus: str
    answers: tuple[Answer, ...]
    verdict: Verdict
    requests: float
    """Inference requests in the gates' window, by the gateway, of both sides."""
    canary_requests: float
    held_minutes: float | None
    """None: nobody asked, or it does not matter."""


@dataclass(frozen=True, slots=True)
class Judgement:
    """All clusters, and what is right now."""

    canary: Canary
    clusters: tuple[ClusterJudgement, ...]
    decision: Decision


def judged(canary: Canary, servers: Mapping[str, Prometheus], *, begin: bool = False) -> Judgement:
    """Ask, and decide.

    Args:
        canary: as declared.
        servers: of every cluster of the canary.
        begin: give a canary at 0 % its first share.

    Raises:
        CannotAsk: a server gives no answer.
    """
    clusters = tuple(_in_cluster(canary, name, servers[name]) for name in canary.clusters)
    held = [each.held_minutes for each in clusters]
    shortest = None if None in held else min(each for each in held if each is not None)
    return Judgement(canary, clusters, decide(canary.rollout, _together(clusters), shortest, begin=begin))


def _in_cluster(canary: Canary, name: str, server: Prometheus) -> ClusterJudgement:
    answers = tuple(_answer(gate, server) for gate in canary.gates)
    verdict = judge(canary.gates, {each.gate.name: each.value for each in answers})
    notes = {each.gate.name: each.note for each in answers if each.note}
    if notes:
        reasons = tuple(
            f"{gate} {notes[gate]}" if (gate := reason.split(" ", 1)[0]) in notes else reason
            for reason in verdict.reasons
        )
        verdict = Verdict(verdict.outcome, reasons)
    query = requests_query(metric("gateway_responses"), canary.counted, canary.rollout.gates.window_minutes)
    now = slice_of({each.labels.get("envoy_cluster_name", ""): each.values[0][1] for each in server.instant(query)},
                   canary.routes)  # fmt: skip
    return ClusterJudgement(
        cluster=name,
        prometheus=server.url,
        answers=answers,
        verdict=verdict,
        requests=now.requests,
        canary_requests=now.canary,
        held_minutes=_held(canary, server),
    )


def _answer(gate: Gate, server: Prometheus) -> Answer:
    found = server.instant(gate.query)
    if len(found) > 1:
        note = f"has {len(found)} results, and one number is judged; let the query add them up, as by sum(...)"
        return Answer(gate, None, "undetermined", note)
    value = found[0].values[0][1] if found else None
    if value is None or isnan(value):
        return Answer(gate, None, "undetermined")
    return Answer(gate, value, "pass" if gate.passes(value) else "fail")


def _held(canary: Canary, server: Prometheus) -> float | None:
    """Minutes, in whole slices; None where nothing was counted."""
    rollout = canary.rollout
    if rollout.pause_minutes == 0 or rollout.percent == 0:
        return None
    count, minutes = slices_of(rollout.pause_minutes)
    end = server.now()
    query = requests_query(metric("gateway_responses"), canary.counted, minutes)
    step = minutes * _SECONDS
    found = server.over_time(query, start=end - (count - 1) * step, end=end, step_seconds=step)
    counted: list[dict[str, float]] = [{} for _ in range(count)]
    for series in found:
        for at, value in series.values:
            place = round((end - at) / step)
            if 0 <= place < count and not isnan(value):
                counted[place][series.labels.get("envoy_cluster_name", "")] = value
    slices: list[Slice] = [slice_of(each, canary.routes) for each in counted]
    if not any(one.requests for one in slices):
        return None
    return float(held_slices(slices, rollout.percent, rollout.steps) * minutes)


def _together(clusters: tuple[ClusterJudgement, ...]) -> Verdict:
    outcomes = {each.verdict.outcome for each in clusters}
    outcome = "fail" if "fail" in outcomes else "undetermined" if "undetermined" in outcomes else "pass"
    many = len(clusters) > 1
    return Verdict(
        outcome,
        tuple(f"{each.cluster}: {reason}" if many else reason for each in clusters for reason in each.verdict.reasons),
    )
