"""The route of a split: whom it sends where at every share, and what stays the same when shares change."""

from __future__ import annotations

import re
from dataclasses import replace
from typing import Any

import pytest
from modelyard.environment.rollout import Sticky
from modelyard.serving.rollout.split import Side, Split
from modelyard.serving.rollout.split_policy import split_policy
from modelyard.serving.rollout.split_route import MOST_RULES, TRACK_HEADER, split_route, track_clusters
from modelyard.serving.workload.http_route import http_route, inference_clusters
from modelyard.serving.workload.server import PathMatch, Route
from modelyard.serving.workload.traffic_policy import backend_traffic_policy

from .model import rollout, stable, traffic

INFER = "/v2/models/tagger/infer"
GRPC_METADATA = "/inference.GRPCInferenceService/ModelMetadata"


def sent(split: Split, path: str, **headers: str) -> list[tuple[str, int]]:
    """Services and weights of the rule that takes a request: most headers first, then the order of rules (Gateway API,
    ``HTTPRouteRule.matches``), for paths that rules name as they stand."""
    found: list[tuple[int, int, list[tuple[str, int]]]] = []
    for place, rule in enumerate(split_route(split)["spec"]["rules"]):
        for match in rule["matches"]:
            asked = {each["name"]: each["value"] for each in match.get("headers", [])}
            if match["path"]["value"] == path and asked.items() <= headers.items():
                backends = [(each["name"], each.get("weight", 1)) for each in rule["backendRefs"]]
                found.append((-len(asked), place, backends))
    return min(found)[2]


@pytest.mark.parametrize("path", [INFER, GRPC_METADATA, "/v2/health", "/v2/models/tagger"])
@pytest.mark.parametrize(
    ("percent", "backends"),
    [
        (0, [("tagger", 1)]),
        (10, [("tagger", 90), ("tagger-canary-v2", 10)]),
        (50, [("tagger", 50), ("tagger-canary-v2", 50)]),
        (100, [("tagger-canary-v2", 1)]),
    ],
)
def test_every_path_is_split_alike(path: str, percent: int, backends: list[tuple[str, int]]) -> None:
    assert sent(traffic(percent=percent), path) == backends


@pytest.mark.parametrize("percent", [0, 10, 100])
def test_a_side_or_a_version_can_be_asked_for_at_any_share(percent: int) -> None:
    made = traffic(percent=percent)
    for path, headers in ((INFER, {TRACK_HEADER: "{}"}), ("/v2/models/tagger/versions/{}/infer", {})):
        for track, version, service in (("stable", "1", "tagger"), ("canary", "2", "tagger-canary-v2")):
            named = {name: value.format(track) for name, value in headers.items()}
            assert sent(made, path.format(version), **named) == [(service, 1)]


def test_no_cluster_comes_or_goes_with_a_share() -> None:
    """Backends with a weight above 0, rule by rule: a proxy knows all of them before a caller can be sent there."""
    by_share = [clusters(split_route(traffic(percent=percent))) for percent in (0, 10, 50, 100)]
    assert all(each == by_share[0] for each in by_share)


def clusters(route: dict[str, Any]) -> list[tuple[int, int, str, int]]:
    return [
        (place, number, backend["name"], backend["port"])
        for place, rule in enumerate(route["spec"]["rules"])
        for number, backend in enumerate(rule["backendRefs"])
        if backend.get("weight", 1) > 0
    ]


@pytest.mark.parametrize("canary", [None, 2])
def test_a_rollout_begins_with_the_rules_that_were_there(canary: int | None) -> None:
    """The same paths to the same backends at the same places, so that the proxy's clusters stay."""
    before = http_route(stable())
    assert before is not None
    rules = split_route(traffic(canary=canary))["spec"]["rules"]
    for old, new in zip(before["spec"]["rules"], rules, strict=False):
        paths = [sorted(match["path"]["value"] for match in each["matches"]) for each in (old, new)]
        assert paths[0] == paths[1]
        assert not any("headers" in match for match in new["matches"])
        assert (new["backendRefs"], new["timeouts"]) == (old["backendRefs"], old["timeouts"])
    assert len(rules) == len(before["spec"]["rules"]) * (1 if canary is None else 3)


def test_the_split_fits_one_route() -> None:
    assert len(split_route(traffic(percent=10))["spec"]["rules"]) <= MOST_RULES
    routes = tuple(Route(8000 + number, (PathMatch("Exact", "/"),)) for number in range(6))
    wide = replace(traffic(), stable=Side("a", routes), canary=Side("b", routes))
    with pytest.raises(ValueError, match="tagger needs 18 rules in its HTTPRoute, and Gateway API takes 16"):
        split_route(wide)


def test_another_runtime_is_no_canary() -> None:
    other = replace(traffic(), canary=Side("b", (Route(8501, (PathMatch("Exact", "/"),)),)))
    with pytest.raises(ValueError, match="a canary is of the same runtime as the stable side"):
        split_route(other)


@pytest.mark.parametrize("percent", [0, 10])
def test_a_shadow_is_a_copy_while_the_canary_answers_nobody(percent: int) -> None:
    rules = split_route(traffic(mirror_percent=30, percent=percent))["spec"]["rules"]
    mirrors = [
        (place, each["requestMirror"])
        for place, rule in enumerate(rules)
        for each in rule.get("filters", [])
        if each["type"] == "RequestMirror"
    ]
    ports = [8000, 8001, 8000, 8001]
    copied = [{"backendRef": {"name": "tagger-canary-v2", "port": port}, "percent": 30} for port in ports]
    assert mirrors == ([] if percent else list(enumerate(copied)))


@pytest.mark.parametrize(
    ("track", "counted"),
    [("stable", {"rule/0", "rule/1", "rule/4/backend/0", "rule/5/backend/0"}),
     ("canary", {"rule/8", "rule/9", "rule/4/backend/1", "rule/5/backend/1"})],
)  # fmt: skip
def test_each_side_is_counted_apart(track: Any, counted: set[str]) -> None:
    names = [f"rule/{rule}{backend}" for rule in range(12) for backend in ("", "/backend/0", "/backend/1")]
    pattern = track_clusters("shop", "tagger", traffic().stable.routes, track)
    assert {name for name in names if re.fullmatch(pattern, f"httproute/shop/tagger/{name}")} == counted


def test_alerts_see_both_sides() -> None:
    """What a model's alerts ask for is what is counted for one side or the other."""
    names = [f"httproute/shop/tagger/rule/{rule}{backend}" for rule in range(12) for backend in ("", "/backend/1")]
    routes = traffic().stable.routes
    tracks = [track_clusters("shop", "tagger", routes, track) for track in ("stable", "canary")]
    both = [name for name in names if any(re.fullmatch(track, name) for track in tracks)]
    pattern = inference_clusters("shop", "tagger", routes=4)
    assert set(both) <= {name for name in names if re.fullmatch(pattern, name)}
    assert not re.fullmatch(pattern, "httproute/shop/tagger/rule/2")
    assert not re.fullmatch(pattern, "httproute/shop/tagger/rule/10")


@pytest.mark.parametrize(
    ("sticky", "balanced"),
    [
        (None, {"type": "LeastRequest"}),
        (Sticky(header="x-user-id"),
         {"type": "ConsistentHash", "consistentHash": {"type": "Headers", "headers": [{"name": "x-user-id"}]}}),
        (Sticky(cookie="side", cookie_hours=2),
         {"type": "ConsistentHash", "consistentHash": {"type": "Cookie", "cookie": {"name": "side", "ttl": "7200s"}}}),
    ],
)  # fmt: skip
def test_callers_are_kept_by_a_hash(sticky: Sticky | None, balanced: dict[str, Any]) -> None:
    """Everything else is the policy of a model without a rollout."""
    without = backend_traffic_policy(stable())
    assert without is not None
    policy = split_policy(traffic(sticky=sticky))
    assert policy["spec"] == {**without["spec"], "loadBalancer": balanced}


def test_weights_are_whole_and_add_up() -> None:
    for percent in (0, 10, 50, 100):
        assert sum(traffic(percent=percent).weights.values()) == 100
    assert rollout(percent=50).next_percent == 100
