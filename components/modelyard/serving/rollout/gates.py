"""What a canary must hold before it gets more traffic, as questions to Prometheus and an answer."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from math import isnan
from typing import Literal

from ...catalog.metrics import metric
from ...environment.rollout import Gates


@dataclass(frozen=True, slots=True)
class Gate:
    """One question, and the answers that pass."""

    name: Literal["error_rate", "server_error_rate", "p99_ms", "business"]
    query: str
    """PromQL. It has no result where too little was measured to say."""
    least: float | None = None
    most: float | None = None

    def passes(self, value: float) -> bool:
        return (self.least is None or value >= self.least) and (self.most is None or value <= self.most)

    @property
    def allowed(self) -> str:
        bounds = [f"at least {self.least:g}"] if self.least is not None else []
        return " and ".join([*bounds, *([f"at most {self.most:g}"] if self.most is not None else [])])


@dataclass(frozen=True, slots=True)
class Verdict:
    """Whether a canary may have more."""

    outcome: Literal["pass", "fail", "undetermined"]
    """``undetermined`` promotes nothing and rolls nothing back."""
    reasons: tuple[str, ...]
    """One sentence for each gate that did not pass."""


def gates(declared: Gates, clusters: str, triton: tuple[str, str] | None = None) -> tuple[Gate, ...]:
    """The gates of a canary.

    Over gRPC the gateway counts an error as an answer, since its HTTP status is 200: where the server is Triton, which
    counts its own failures, it is held to the same error rate.

    Args:
        declared: what must hold.
        clusters: names of the gateway's clusters that count its requests, as a regular expression
            (:func:`~modelyard.serving.rollout.split_route.track_clusters`).
        triton: namespace and Service of the canary, where Triton serves it.
    """
    asked: list[Gate] = []
    window = f"[{declared.window_minutes}m]"
    counted = f'{metric("gateway_responses")}{{envoy_cluster_name=~"{clusters}"}}'
    enough = f"(sum(increase({counted}{window})) >= {declared.least_requests})"
    if declared.error_rate is not None:
        failed = f'{metric("gateway_responses")}{{envoy_cluster_name=~"{clusters}",envoy_response_code_class="5"}}'
        # Where nothing has failed yet there is no series of failures, and without the zero no answer either.
        share = f"(sum(rate({failed}{window})) or vector(0)) / sum(rate({counted}{window}))"
        asked.append(Gate("error_rate", f"{share} and {enough}", most=declared.error_rate))
        if triton is not None:
            asked.append(Gate("server_error_rate", _failed_by_triton(declared, *triton), most=declared.error_rate))
    if declared.p99_ms is not None:
        buckets = f'sum by (le) (rate({metric("gateway_ms")}{{envoy_cluster_name=~"{clusters}"}}{window}))'
        asked.append(Gate("p99_ms", f"histogram_quantile(0.99, {buckets}) and {enough}", most=declared.p99_ms))
    if declared.business is not None:
        business = declared.business
        asked.append(Gate("business", business.query, business.min, business.max))
    return tuple(asked)


def _failed_by_triton(declared: Gates, namespace: str, service: str) -> str:
    """Requests that their callers cancelled are no errors."""
    served = f'namespace="{namespace}",service="{service}"'
    failed, answered = f'{metric("failed")}{{{served},reason!="CANCELED"}}', f"{metric('succeeded')}{{{served}}}"

    def over_window(function: str, series: str) -> str:
        return f"(sum({function}({series}[{declared.window_minutes}m])) or vector(0))"

    rate = f"({over_window('rate', failed)} + {over_window('rate', answered)})"
    count = f"({over_window('increase', failed)} + {over_window('increase', answered)})"
    return f"{over_window('rate', failed)} / {rate} and ({count} >= {declared.least_requests})"


def judge(asked: Sequence[Gate], measured: Mapping[str, float | None]) -> Verdict:
    """The verdict on what Prometheus answered, by the gates' names; None or nothing for no result.

    One gate that fails is a failure, whatever else could not be measured.
    """
    failed, open_ = [], []
    for gate in asked:
        value = measured.get(gate.name)
        if value is None or isnan(value):
            open_.append(f"{gate.name} has no result; allowed is {gate.allowed}")
        elif not gate.passes(value):
            failed.append(f"{gate.name} is {value:g}; allowed is {gate.allowed}")
    if failed:
        return Verdict("fail", tuple([*failed, *open_]))
    return Verdict("undetermined" if open_ else "pass", tuple(open_))
