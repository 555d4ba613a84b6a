"""Who may ask a model: a component's route is never open before what callers have to prove is there."""

from __future__ import annotations

from typing import Any

import pytest
from modelyard.graph import Resource, ResourceGraph
from modelyard.serving.triton.service import TritonService

from .program import graph_of, kubernetes_objects, refusal, triton_arguments, waits_for

JWT = {"jwt": {"issuer": "https://id.example.org", "jwks_uri": "https://id.example.org/keys", "audiences": ["models"]}}


def service(access: dict[str, Any], **changes: Any) -> Any:
    return lambda opts: TritonService("prod-east-tagger", triton_arguments(access=access, **changes), opts)


def found(graph: ResourceGraph, kind: str) -> list[Resource]:
    return [resource for resource in kubernetes_objects(graph) if resource.inputs["kind"] == kind]


def test_nothing_is_asked_where_nothing_is_declared() -> None:
    assert not found(graph_of(service({})), "SecurityPolicy")


ROLLOUT = {
    "rollout": {"stable": 1, "canary": 2, "percent": 10},
    "canary": {"stored": {**triton_arguments()["stored"], "digest": "c" * 64}},
}


@pytest.mark.parametrize("rollout", [{}, ROLLOUT], ids=["one version", "a canary"])
def test_the_route_waits_for_its_policies(rollout: dict[str, Any]) -> None:
    """Made last, it is never open; deleted first, it never becomes so."""
    graph = graph_of(service({"authentication": JWT, "max_request_mib": 4}, **rollout))
    (route,) = found(graph, "HTTPRoute")
    policies = [each for kind in ("SecurityPolicy", "BackendTrafficPolicy") for each in found(graph, kind)]
    assert len(policies) == 3
    for policy in policies:
        assert policy.inputs["spec"]["targetRefs"][0]["name"] == route.inputs["metadata"]["name"]
        assert waits_for(graph, route, policy)
        assert not waits_for(graph, policy, route)


def test_limits_are_part_of_the_one_traffic_policy() -> None:
    access = {"rate_limit": {"requests": 100, "unit": "second"}, "max_request_mib": 8, "request_timeout_seconds": 7}
    graph = graph_of(service(access))
    policies = {each.inputs["metadata"]["name"]: each.inputs["spec"] for each in found(graph, "BackendTrafficPolicy")}
    assert set(policies) == {"tagger", "tagger-http"}
    assert policies["tagger"]["rateLimit"]["type"] == "Local"
    assert policies["tagger-http"]["requestBuffer"] == {"limit": "8Mi"}
    assert "retry" in policies["tagger-http"], "what the route's policy says holds for these rules as well"
    (route,) = found(graph, "HTTPRoute")
    named = [each["sectionName"] for each in policies["tagger-http"]["targetRefs"]]
    rules = route.inputs["spec"]["rules"]
    assert named == [rule["name"] for rule in rules if "name" in rule] and len(named) == 2
    assert {rule["timeouts"]["request"] for rule in rules} == {"7s"}


def test_a_canarys_callers_prove_the_same() -> None:
    graph = graph_of(service({"authentication": JWT, "max_request_mib": 4}, **ROLLOUT))
    (route,) = found(graph, "HTTPRoute")
    limited = next(
        each.inputs["spec"]
        for each in found(graph, "BackendTrafficPolicy")
        if each.inputs["metadata"]["name"] == "tagger-http"
    )
    grpc = {8001}
    http = [rule for rule in route.inputs["spec"]["rules"] if rule["backendRefs"][0]["port"] not in grpc]
    assert [each["sectionName"] for each in limited["targetRefs"]] == [rule["name"] for rule in http]


@pytest.mark.parametrize(
    ("access", "message"),
    [
        ({"authentication": {}}, "needs exactly one of jwt, api_key, mtls, anyone"),
        ({"authentication": {"mtls": {"secret": "ca"}}}, "authentication.mtls belongs to the gateway's listener"),
        ({"rate_limit": {"requests": 0, "unit": "second"}}, "must be at least 1"),
        ({"mesh": "istio"}, "'mesh' is not a known key"),
    ],
)
def test_what_cannot_be_asked(access: dict[str, Any], message: str) -> None:
    assert message in refusal(service(access))
