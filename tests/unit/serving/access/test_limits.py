"""Limits in a route's traffic policy: what is counted, what is held, and that nothing else of the policy changes."""

from __future__ import annotations

from typing import Any

import pytest
from modelyard.capacity.software.gateway_access import rate_limit_service
from modelyard.environment.access import Access
from modelyard.serving.access.limits import limited
from modelyard.serving.access.security_policy import security_policy

TARGET = {"group": "gateway.networking.k8s.io", "kind": "HTTPRoute", "name": "tagger"}
POLICY: dict[str, Any] = {
    "kind": "BackendTrafficPolicy",
    "metadata": {"name": "tagger", "namespace": "shop"},
    "spec": {"targetRefs": [TARGET], "retry": {"numRetries": 3}},
}
ROUTE: dict[str, Any] = {
    "kind": "HTTPRoute",
    "metadata": {"name": "tagger", "namespace": "shop"},
    "spec": {
        "hostnames": ["tagger.east.ml.example.org"],
        "rules": [{"backendRefs": [{"name": "tagger", "port": port}]} for port in (8000, 8001, 8000)],
    },
}
JWT: dict[str, Any] = {
    "jwt": {"issuer": "https://id.example.org", "jwks_uri": "https://id.example.org/keys", "audiences": ["models"]}
}


def guarded(access: dict[str, Any], route: dict[str, Any] = ROUTE) -> tuple[dict[str, Any], list[dict[str, Any]]]:
    return limited(route, POLICY, Access.model_validate(access), grpc_ports=(8001,))


def test_nothing_declared_changes_nothing() -> None:
    assert guarded({}) == (ROUTE, [POLICY])


def test_a_size_is_limited_in_the_rules_of_http_alone() -> None:
    """By a second policy that keeps every other setting, since it stands in place of the first one's."""
    rate = {"requests": 5, "unit": "minute"}
    route, (whole, http) = guarded({"max_request_mib": 16, "rate_limit": rate})
    assert [rule.get("name") for rule in route["spec"]["rules"]] == ["http-0", None, "http-2"]
    assert "requestBuffer" not in whole["spec"]
    assert http["metadata"]["name"] == "tagger-http"
    assert http["spec"]["requestBuffer"] == {"limit": "16Mi"}
    assert http["spec"]["targetRefs"] == [{**TARGET, "sectionName": name} for name in ("http-0", "http-2")]
    rest = {key: value for key, value in http["spec"].items() if key not in ("requestBuffer", "targetRefs")}
    assert rest == {key: value for key, value in whole["spec"].items() if key != "targetRefs"}


def test_a_model_of_grpc_alone_has_no_such_policy() -> None:
    route = {**ROUTE, "spec": {"rules": ROUTE["spec"]["rules"][1:2]}}
    assert guarded({"max_request_mib": 16}, route) == (route, [POLICY])


def test_a_rule_that_has_a_name_keeps_it() -> None:
    rules = [{"name": "mine", **ROUTE["spec"]["rules"][0]}]
    route, (_, http) = guarded({"max_request_mib": 1}, {**ROUTE, "spec": {"rules": rules}})
    assert route["spec"]["rules"] == rules
    assert http["spec"]["targetRefs"] == [{**TARGET, "sectionName": "mine"}]


@pytest.mark.parametrize(
    ("declared", "rules"),
    [
        ({}, [{}]),
        (
            {"per": {"client_ip": True}},
            [
                {"clientSelectors": [{"sourceCIDR": {"type": "Distinct", "value": cidr}}]}
                for cidr in ("0.0.0.0/0", "::/0")
            ],
        ),
        (
            {"per": {"header": "x-client-id"}},
            [
                {"clientSelectors": [{"headers": [{"type": "Distinct", "name": "x-client-id"}]}]},
                {
                    "clientSelectors": [
                        {
                            "headers": [
                                {"type": "RegularExpression", "name": "x-client-id", "value": ".*", "invert": True}
                            ]
                        }
                    ]
                },
            ],
        ),
    ],
)
def test_who_is_counted_apart(declared: dict[str, Any], rules: list[dict[str, Any]]) -> None:
    _, (policy,) = guarded({"rate_limit": {"requests": 5, "unit": "minute", **declared}})
    bound = {"limit": {"requests": 5, "unit": "Minute"}}
    assert policy["spec"]["rateLimit"] == {"type": "Local", "local": {"rules": [{**rule, **bound} for rule in rules]}}


def test_a_claim_is_counted_by_the_header_that_holds_it_already() -> None:
    jwt = {"jwt": {**JWT["jwt"], "claim_headers": {"x-user": "sub"}}}
    access = {"authentication": jwt, "rate_limit": {"requests": 5, "unit": "minute", "per": {"claim": "sub"}}}
    _, (policy,) = guarded(access)
    selectors = [rule["clientSelectors"][0]["headers"][0] for rule in policy["spec"]["rateLimit"]["local"]["rules"]]
    assert {each["name"] for each in selectors} == {"x-user"}
    guard = security_policy(POLICY["metadata"], Access.model_validate(access), route="tagger")
    assert guard is not None
    assert guard["spec"]["jwt"]["providers"][0]["claimToHeaders"] == [{"header": "x-user", "claim": "sub"}]


def test_a_global_limit_is_one_number_in_redis() -> None:
    access = {
        "rate_limit": {"requests": 5, "unit": "second", "scope": "global"},
        "rate_limit_redis": "redis.platform.svc:6379",
    }
    _, (policy,) = guarded(access)
    bound = {"limit": {"requests": 5, "unit": "Second"}, "shared": True}
    assert policy["spec"]["rateLimit"] == {"type": "Global", "global": {"rules": [bound]}}
    values = rate_limit_service(Access.model_validate(access).rate_limit_redis)
    backend = values["config"]["envoyGateway"]["rateLimit"]["backend"]
    assert backend == {"type": "Redis", "redis": {"url": "redis.platform.svc:6379"}}
    assert rate_limit_service(None) == {}


def test_a_token_goes_no_further_and_other_filters_stay() -> None:
    rewrite = {"type": "URLRewrite", "urlRewrite": {}}
    marked = {"type": "RequestHeaderModifier", "requestHeaderModifier": {"set": [{"name": "a", "value": "b"}]}}
    rules = [{**ROUTE["spec"]["rules"][0], "filters": [rewrite, marked]}, ROUTE["spec"]["rules"][1]]
    route, _ = guarded({"authentication": JWT}, {**ROUTE, "spec": {"rules": rules}})
    modified = [rule["filters"][-1]["requestHeaderModifier"] for rule in route["spec"]["rules"]]
    assert modified == [
        {"set": [{"name": "a", "value": "b"}], "remove": ["authorization"]},
        {"remove": ["authorization"]},
    ]
    assert route["spec"]["rules"][0]["filters"][0] == rewrite


@pytest.mark.parametrize("access", [{}, {"authentication": {"anyone": True}}, {"max_request_mib": 1}])
def test_nothing_asked_of_callers_is_no_security_policy(access: dict[str, Any]) -> None:
    assert security_policy(POLICY["metadata"], Access.model_validate(access), route="tagger") is None
