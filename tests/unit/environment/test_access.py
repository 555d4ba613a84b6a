"""Who may ask a model: what can be declared, what a model has otherwise, and what cannot be."""

from __future__ import annotations

from typing import Any

import pytest
from modelyard.environment.access import Access, ModelAccess, contradictions, effective
from modelyard.environment.declaration import Declaration
from modelyard.environment.hosts import Host, taken
from modelyard.environment.messages import sentence, steps_of
from pydantic import ValidationError

JWT: dict[str, Any] = {
    "jwt": {"issuer": "https://id.example.org", "jwks_uri": "https://id.example.org/keys", "audiences": ["models"]}
}
API_KEY: dict[str, Any] = {"api_key": {"clients": {"web": {"config": "web-key"}}}}
MTLS: dict[str, Any] = {"mtls": {"config_map": "callers"}}
PER_SECOND: dict[str, Any] = {"requests": 10, "unit": "second"}


def jwt(**changes: Any) -> dict[str, Any]:
    return {"authentication": {"jwt": {**JWT["jwt"], **changes}}}


def api_key(**changes: Any) -> dict[str, Any]:
    return {"authentication": {"api_key": {**API_KEY["api_key"], **changes}}}


def refused(declaration: type[Declaration], value: dict[str, Any]) -> list[tuple[str, str]]:
    """Path and sentence of every mistake, as the reader of an environment's files gets them."""
    try:
        declaration.model_validate(value)
    except ValidationError as error:
        return [(".".join(map(str, steps_of(one))), sentence(one, declaration, None)) for one in error.errors()]
    return []


@pytest.mark.parametrize(
    "value",
    [
        {},
        {"authentication": {"anyone": True}},
        {"authentication": JWT},
        jwt(scopes=["predict"], claim_headers={"x-user": "sub"}),
        {"authentication": API_KEY},
        api_key(clients={"web": {"aws_secrets_manager": "prod/web-key"}}, header="x-shop-key"),
        {"authentication": MTLS},
        {"authentication": {"mtls": {"secret": "callers", "uris": ["spiffe://example.org/shop"]}}},
        {"rate_limit": {**PER_SECOND, "per": {"client_ip": True}}},
        {"rate_limit": {**PER_SECOND, "scope": "global"}, "rate_limit_redis": "redis.platform.svc:6379"},
        {"max_request_mib": 16, "request_timeout_seconds": 30},
        {"cors": {"allow_origins": ["https://*.example.com", "http://localhost:3000"]}},
        {"mesh": "istio"},
    ],
)
def test_can_be_declared(value: dict[str, Any]) -> None:
    assert refused(Access, value) == []


@pytest.mark.parametrize(
    ("value", "path", "message"),
    [
        ({"authentication": "none"}, "authentication", "must be a mapping of keys to values, not 'none'"),
        ({"authentication": {}}, "authentication", "needs exactly one of jwt, api_key, mtls, anyone"),
        ({"authentication": {**JWT, **MTLS}}, "authentication", "needs exactly one of jwt, api_key, mtls, anyone"),
        (
            jwt(jwks_uri="http://id.example.org/keys"),
            "authentication.jwt.jwks_uri",
            "'http://id.example.org/keys' must be a URL that begins with https://",
        ),
        (
            jwt(claim_headers={"X_User": "sub"}),
            "authentication.jwt.claim_headers.X_User",
            "must be the name of a header in lower-case letters, digits and hyphens, at most 63, and is 'X_User'",
        ),
        (
            jwt(claim_headers={"x-forwarded-for": "ip"}),
            "authentication.jwt.claim_headers.x-forwarded-for",
            "must be a header without a meaning of its own, such as x-client-id, and is 'x-forwarded-for'",
        ),
        (
            api_key(header="authorization"),
            "authentication.api_key.header",
            "must be a header without a meaning of its own, such as x-client-id, and is 'authorization'",
        ),
        (
            api_key(header="x-client-id"),
            "authentication.api_key",
            "header and client_header are both 'x-client-id'; the key itself stays at the gateway",
        ),
        (
            {"authentication": {"mtls": {}}},
            "authentication.mtls",
            "needs exactly one of config_map, secret, which holds the authority's ca.crt",
        ),
        (
            {"cors": {"allow_origins": ["*"]}},
            "cors.allow_origins.0",
            "'*' must be an origin: scheme, host and perhaps a port, such as https://shop.example.com; '*' would let "
            "every page ask with its reader's rights",
        ),
        (
            {"rate_limit_redis": "redis://:hunter2@redis:6379"},
            "rate_limit_redis",
            "must be <host>:<port> of a Redis, such as redis.platform.svc:6379, without a user and password",
        ),
        (
            {"rate_limit": {**PER_SECOND, "per": {"cookie": "id"}}},
            "rate_limit.per.cookie",
            "'cookie' is not a known key; allowed: client_ip, header, claim",
        ),
    ],
)
def test_mistakes(value: dict[str, Any], path: str, message: str) -> None:
    assert refused(Access, value) == [(path, message)]


def test_certificates_are_asked_by_the_gateway_and_not_by_a_model() -> None:
    """A route cannot ask for them: the model would be open."""
    sentence = (
        "authentication.mtls belongs to the gateway's listener, which all models share; declare it at gateway.access"
    )
    assert refused(ModelAccess, {"authentication": MTLS}) == [("", sentence)]


def test_a_key_that_is_written_down_is_never_shown() -> None:
    found = refused(Access, api_key(clients={"web": "hunter2-hunter2-hunter2"}))
    assert [path for path, _ in found] == ["authentication.api_key.clients.web"]
    assert "hunter2" not in str(found)


@pytest.mark.parametrize(
    ("gateway", "model", "expected"),
    [
        ({"max_request_mib": 8}, None, {"max_request_mib": 8}),
        ({"max_request_mib": 8}, {}, {"max_request_mib": 8}),
        ({"max_request_mib": 8, "mesh": "istio"}, {"max_request_mib": 64}, {"max_request_mib": 64, "mesh": "istio"}),
        ({"authentication": JWT}, {"authentication": {"anyone": True}}, {"authentication": {"anyone": True}}),
        ({"authentication": JWT}, {"rate_limit": PER_SECOND}, {"authentication": JWT, "rate_limit": PER_SECOND}),
    ],
)
def test_a_model_has_what_it_names_and_else_the_gateways(
    gateway: dict[str, Any], model: dict[str, Any] | None, expected: dict[str, Any]
) -> None:
    own = None if model is None else ModelAccess.model_validate(model)
    assert effective(Access.model_validate(gateway), own) == Access.model_validate(expected)


UNSAID = (
    "authentication",
    "is missing, and the gateway's reach is internet: anybody could ask; name one of jwt, api_key and mtls, or say "
    "{anyone: true}",
)
NO_REDIS = ("rate_limit.scope", "is global, which is counted in Redis; name it in gateway.access.rate_limit_redis")


@pytest.mark.parametrize(
    ("gateway", "model", "reach", "expected"),
    [
        ({}, None, "internal", []),
        ({}, None, "internet", [UNSAID]),
        ({}, {}, "internet", [UNSAID]),
        ({}, {"authentication": JWT}, "internet", []),
        ({"authentication": {"anyone": True}}, None, "internet", []),
        ({"authentication": MTLS}, {}, "internet", []),
        ({"rate_limit": {**PER_SECOND, "scope": "global"}}, None, "internal", [NO_REDIS]),
        ({}, {"rate_limit": {**PER_SECOND, "scope": "global"}}, "internal", [NO_REDIS]),
        # It is said of the gateway once, and not again of each model.
        ({"rate_limit": {**PER_SECOND, "scope": "global"}}, {"max_request_mib": 1}, "internal", []),
        (
            {"rate_limit": {**PER_SECOND, "per": {"claim": "sub"}}},
            None,
            "internal",
            [("rate_limit.per.claim", "is 'sub', and only jwt has claims; count per client_ip or header")],
        ),
        ({"authentication": JWT, "rate_limit": {**PER_SECOND, "per": {"claim": "sub"}}}, None, "internal", []),
        (
            {"authentication": JWT, "rate_limit": {**PER_SECOND, "per": {"claim": "sub"}}},
            {"authentication": {"anyone": True}},
            "internal",
            [
                (
                    "authentication",
                    "takes away what gateway.access.rate_limit counts by; give the model a rate_limit of its own",
                )
            ],
        ),
        (
            {"authentication": JWT, "rate_limit": {**PER_SECOND, "per": {"claim": "sub"}}},
            {"authentication": {"anyone": True}, "rate_limit": PER_SECOND},
            "internal",
            [],
        ),
        (
            {"rate_limit": {**PER_SECOND, "per": {"header": "x-user"}}},
            None,
            "internal",
            [
                (
                    "rate_limit.per.header",
                    "is 'x-user', which callers choose at will, each time another; count per client_ip, or "
                    "authenticate callers",
                )
            ],
        ),
        (
            {"authentication": API_KEY, "rate_limit": {**PER_SECOND, "per": {"header": "x-user"}}},
            None,
            "internal",
            [
                (
                    "rate_limit.per.header",
                    "is 'x-user', which callers choose at will, each time another; take x-client-id",
                )
            ],
        ),
        (
            {"authentication": API_KEY, "rate_limit": {**PER_SECOND, "per": {"header": "x-client-id"}}},
            None,
            "internal",
            [],
        ),
    ],
)
def test_contradictions(
    gateway: dict[str, Any], model: dict[str, Any] | None, reach: Any, expected: list[tuple[str, str]]
) -> None:
    own = None if model is None else ModelAccess.model_validate(model)
    assert contradictions(Access.model_validate(gateway), own, reach=reach) == expected


def host(hostname: str, owner: str, cluster: str = "east") -> Host:
    return Host(hostname, cluster, f"*.{cluster}.ml.example.org", f"model {owner!r}")


def test_a_host_is_taken_once() -> None:
    hosts = [
        host("tagger.east.ml.example.org", "tagger"),
        host("tagger.west.ml.example.org", "tagger", "west"),
        host("ranker.east.ml.example.org", "ranker"),
        host("tagger.east.ml.example.org", "labels"),
        host("Tagger.east.ml.example.org", "other"),
    ]
    sentences = [message for _, message in taken(hosts)]
    assert sentences == [
        "'tagger.east.ml.example.org' of model 'labels' is taken on cluster 'east' by model 'tagger'; give one of them "
        "another name",
        "'Tagger.east.ml.example.org' of model 'other' is taken on cluster 'east' by model 'tagger'; give one of them "
        "another name",
    ]
    assert [one for one, _ in taken(hosts)] == hosts[3:]


@pytest.mark.parametrize(
    "hostname",
    ["tagger.ml.example.org", "v2.tagger.east.ml.example.org", "east.ml.example.org", "taggereast.ml.example.org"],
)
def test_a_host_is_the_gateways(hostname: str) -> None:
    assert [message for _, message in taken([host(hostname, "tagger")])] == [
        f"{hostname!r} of model 'tagger' is no name of the gateway of cluster 'east', which answers for "
        "*.east.ml.example.org; take <name>.east.ml.example.org, with one part before it"
    ]
