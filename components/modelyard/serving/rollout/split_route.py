"""The HTTPRoute of a split: both sides behind one name."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from itertools import zip_longest
from typing import Any

from ..workload.http_route import route_of_rules, rule
from ..workload.server import Route
from .split import BACKEND, Side, Split, Track

TRACK_HEADER = "x-modelyard-track"
"""Header of every answer: ``stable`` or ``canary``."""


def split_route(split: Split) -> dict[str, Any]:
    """Every path that both sides answer is split by weight, in every rule alike: who asks for metadata is told by the
    same odds what who asks for an answer gets. A path that one side alone answers, since it names a version, leads
    there and nowhere else, so that a canary can be asked by its version before it gets any traffic.

    The stable side stands first and the canary second in every rule, with weights that add up to 100 (Gateway API,
    ``HTTPBackendRef``). Both add a header to their answers. Besides telling callers who answered, it makes Envoy Gateway
    give each side a cluster of its own: its errors and times are counted apart, and a caller's hash decides the side
    and not the pod.
    """
    both, stable_only, canary_only = _routes(split)
    shared = [_shared(split, route) for route in both]
    inference = sum(route.inference for route in both)
    own = [_own(split, "stable", route) for route in stable_only] + [_own(split, "canary", r) for r in canary_only]
    rules = [*shared[:inference], *own, *shared[inference:]]
    return route_of_rules(split.metadata(), split.gateway, split.hostname, rules)


def track_clusters(split: Split, track: Track) -> str:
    """Regular expression of the names under which Envoy Gateway's proxies count the inference requests that one side
    answered (label ``envoy_cluster_name``), of those that were split."""
    shared = sum(route.inference for route in _routes(split)[0])
    numbers = "".join(map(str, range(shared)))
    return f"httproute/{split.namespace}/{split.name}/rule/[{numbers}]/backend/{BACKEND[track]}"


def common_routes(one: Sequence[Route], other: Sequence[Route]) -> list[Route]:
    """What both of two servers of the same runtime answer; inference first."""
    pairs = zip(one, other, strict=True)
    kept = [replace(a, matches=tuple(match for match in a.matches if match in b.matches)) for a, b in pairs]
    return _inference_first(kept)


def _shared(split: Split, route: Route) -> dict[str, Any]:
    backends = [_backend("stable", split.stable, route.port, split.weights["stable"])]
    filters = []
    if split.canary is not None:
        backends.append(_backend("canary", split.canary, route.port, split.weights["canary"]))
        if split.mirror_percent and not split.percent:
            copied = {"name": split.canary.service, "port": route.port}
            filters.append(
                {"type": "RequestMirror", "requestMirror": {"backendRef": copied, "percent": split.mirror_percent}}
            )
    return rule(route, backends, split.request_timeout_seconds, filters)


def _own(split: Split, track: Track, route: Route) -> dict[str, Any]:
    side = split.stable if track == "stable" else split.canary
    assert side is not None
    return rule(route, [_backend(track, side, route.port, 1)], split.request_timeout_seconds)


def _backend(track: Track, side: Side, port: int, weight: int) -> dict[str, Any]:
    header = {"set": [{"name": TRACK_HEADER, "value": track}]}
    return {
        "name": side.service,
        "port": port,
        "weight": weight,
        "filters": [{"type": "ResponseHeaderModifier", "responseHeaderModifier": header}],
    }


def _routes(split: Split) -> tuple[list[Route], list[Route], list[Route]]:
    """Of both sides, of the stable one alone, of the canary alone; inference first in each."""
    stable = split.stable.routes
    if split.canary is None:
        return _inference_first(stable), [], []
    canary = split.canary.routes
    pairs = list(zip_longest(stable, canary))
    if any(one is None or other is None or not _alike(one, other) for one, other in pairs):
        raise ValueError(
            f"{split.stable.service} and {split.canary.service} do not answer on the same ports; a canary is of the "
            "same runtime as the stable version"
        )
    left = [replace(one, matches=tuple(m for m in one.matches if m not in other.matches)) for one, other in pairs]
    right = [replace(other, matches=tuple(m for m in other.matches if m not in one.matches)) for one, other in pairs]
    return common_routes(stable, canary), _inference_first(left), _inference_first(right)


def _alike(one: Route, other: Route) -> bool:
    return (one.port, one.inference, one.rewrite) == (other.port, other.inference, other.rewrite)


def _inference_first(routes: Sequence[Route]) -> list[Route]:
    return sorted((route for route in routes if route.matches), key=lambda route: not route.inference)
