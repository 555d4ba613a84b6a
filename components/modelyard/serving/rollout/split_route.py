"""The HTTPRoute of a split: both sides behind one name.

Envoy Gateway sends a proxy its routes and its clusters side by side. A route that names a cluster which was not there
before may come first, and its callers get errors until the cluster comes; and a backend of weight 0 has no cluster. So
no cluster may come or go when shares change: there are three sets of rules at all times, for the stable version alone,
for the split, and for the canary alone, and a change of shares moves callers between sets.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any, Literal

from ..workload.http_route import route_of_rules
from ..workload.server import PathMatch, Route
from .split import BACKEND, Side, Split, Track

TRACK_HEADER = "x-modelyard-track"
"""Header of every answer: ``stable`` or ``canary``. A request with it is answered by that side."""
MOST_RULES = 16
"""Of an HTTPRoute (Gateway API)."""

RuleSet = Literal["stable", "split", "canary"]
_SETS: tuple[RuleSet, ...] = ("stable", "split", "canary")


def split_route(split: Split) -> dict[str, Any]:
    """Three rules for each route of the runtime: of the stable version, of the split, of the canary.

    The set that is in force takes every path that both sides answer, in every rule alike: who asks for metadata is told
    by the same odds as who asks for an answer. The others are reached by the header :data:`TRACK_HEADER` alone, so that
    a canary can be asked before it gets any traffic. A path that one side alone answers, since it names a version,
    leads there at all times. Rules of the stable set are those of the model's route without a rollout, at the same
    places, so that beginning one moves nobody.

    In the set ``split`` the stable side stands first and the canary second, with weights that add up to 100 (Gateway
    API, ``HTTPBackendRef``). Both add a header to their answers. Besides telling callers who answered, it makes Envoy
    Gateway give each side a cluster of its own: errors and times are counted apart, and a caller's hash decides the
    side and not the pod.

    Raises:
        ValueError: the sides do not answer on the same ports, or the runtime has more routes than one HTTPRoute takes.
    """
    rules = [
        _rule(split, kind, place) for kind in _sets(split) for place in range(len(split.stable.routes))
    ]  # fmt: skip
    if len(rules) > MOST_RULES:
        raise ValueError(
            f"{split.name} needs {len(rules)} rules in its HTTPRoute, and Gateway API takes {MOST_RULES}; give its "
            "runtime fewer routes"
        )
    return route_of_rules(split.metadata(), split.gateway, split.hostname, rules)


def track_clusters(namespace: str, name: str, routes: Sequence[Route], track: Track) -> str:
    """Regular expression of the names under which Envoy Gateway's proxies count the inference requests that one of two
    sides answered (label ``envoy_cluster_name``).

    Args:
        namespace: of the HTTPRoute.
        name: of the HTTPRoute.
        routes: of either side's server; their paths do not matter.
        track: the side.
    """
    inference = [place for place, route in enumerate(routes) if route.inference]
    alone = [_SETS.index(track) * len(routes) + place for place in inference]
    shared = [_SETS.index("split") * len(routes) + place for place in inference]
    of_both = f"rule/({_any(shared)})/backend/{BACKEND[track]}"
    return f"httproute/{namespace}/{name}/(rule/({_any(alone)})|{of_both})"


def common_routes(one: Sequence[Route], other: Sequence[Route]) -> tuple[Route, ...]:
    """What both of two servers of the same runtime answer.

    Raises:
        ValueError: they do not answer on the same ports.
    """
    if [_kind(route) for route in one] != [_kind(route) for route in other]:
        raise ValueError("both sides must answer on the same ports; a canary is of the same runtime as the stable side")
    pairs = zip(one, other, strict=True)
    return tuple(replace(a, matches=tuple(match for match in a.matches if match in b.matches)) for a, b in pairs)


def backends(split: Split, port: int, weights: Mapping[Track, int]) -> list[dict[str, Any]]:
    """``backendRefs`` of both sides, in the order that the gateway counts them by."""
    assert split.canary is not None
    sides: tuple[tuple[Track, Side], ...] = (("stable", split.stable), ("canary", split.canary))
    return [
        {"name": each.service, "port": port, "weight": weights[track], "filters": [_says(track)]}
        for track, each in sides
    ]


def in_force(split: Split) -> RuleSet:
    """The set of rules that answers callers who ask for no side."""
    share = split.weights["canary"]
    return "stable" if share == 0 else "canary" if share == 100 else "split"


def _sets(split: Split) -> tuple[RuleSet, ...]:
    return _SETS if split.canary is not None else ("stable",)


def _rule(split: Split, kind: RuleSet, place: int) -> dict[str, Any]:
    stable = split.stable.routes[place]
    common = stable.matches
    if split.canary is not None:
        common = common_routes(split.stable.routes, split.canary.routes)[place].matches
    side = _side(split, kind)
    own = () if side is None else tuple(match for match in side.routes[place].matches if match not in common)
    active = kind == in_force(split)
    made: dict[str, Any] = {
        "matches": [*(_match(match, None if active else kind) for match in common), *(_match(match) for match in own)],
        "backendRefs": _backends(split, kind, stable.port),
        "timeouts": {"request": f"{split.request_timeout_seconds}s"},
    }
    filters = _filters(split, kind, stable, mirrored=active and kind == "stable")
    if filters:
        made["filters"] = filters
    return made


def _side(split: Split, kind: RuleSet) -> Side | None:
    return {"stable": split.stable, "canary": split.canary, "split": None}[kind]


def _match(match: PathMatch, kind: RuleSet | None = None) -> dict[str, Any]:
    path: dict[str, Any] = {"path": {"type": match.kind, "value": match.path}}
    return path if kind is None else {**path, "headers": [{"type": "Exact", "name": TRACK_HEADER, "value": kind}]}


def _backends(split: Split, kind: RuleSet, port: int) -> list[dict[str, Any]]:
    side = _side(split, kind)
    if side is not None:
        return [{"name": side.service, "port": port}]
    return backends(split, port, split.weights if in_force(split) == "split" else {"stable": 50, "canary": 50})


def _filters(split: Split, kind: RuleSet, route: Route, *, mirrored: bool) -> list[dict[str, Any]]:
    filters: list[dict[str, Any]] = []
    if route.rewrite is not None:
        path = {"type": "ReplacePrefixMatch", "replacePrefixMatch": route.rewrite}
        filters.append({"type": "URLRewrite", "urlRewrite": {"path": path}})
    if kind != "split":
        filters.append(_says(kind))
    if mirrored and split.canary is not None and split.mirror_percent:
        copied = {"name": split.canary.service, "port": route.port}
        mirror = {"backendRef": copied, "percent": split.mirror_percent}
        filters.append({"type": "RequestMirror", "requestMirror": mirror})
    return filters


def _says(track: Track) -> dict[str, Any]:
    header = {"set": [{"name": TRACK_HEADER, "value": track}]}
    return {"type": "ResponseHeaderModifier", "responseHeaderModifier": header}


def _kind(route: Route) -> tuple[int, bool, str | None]:
    return route.port, route.inference, route.rewrite


def _any(numbers: Sequence[int]) -> str:
    return "|".join(map(str, numbers))
