"""The API server takes every policy of access, with Envoy Gateway's own definitions and their rules."""

from __future__ import annotations

from typing import Any

import pytest
from modelyard.capacity.software.gateway import NAME
from modelyard.capacity.software.gateway_access import client_traffic_policy
from modelyard.capacity.software.namespaces import GATEWAY
from modelyard.environment.access import Access
from modelyard.governance.ownership import Ownership
from modelyard.serving.access.limits import limited
from modelyard.serving.access.security_policy import security_policy

from .api import Api, Object, Refused

SHOP = Ownership("shop", "CC-2000", "prod", "shop@retail.example")
METADATA = {"name": "tagger", "namespace": "shop", "labels": SHOP.kubernetes_labels()}
TARGET = {"group": "gateway.networking.k8s.io", "kind": "HTTPRoute", "name": "tagger"}
POLICY = {
    "apiVersion": "gateway.envoyproxy.io/v1alpha1",
    "kind": "BackendTrafficPolicy",
    "metadata": METADATA,
    "spec": {"targetRefs": [TARGET]},
}
ROUTE = {
    "apiVersion": "gateway.networking.k8s.io/v1",
    "kind": "HTTPRoute",
    "metadata": METADATA,
    "spec": {
        "parentRefs": [{"name": NAME, "namespace": GATEWAY, "sectionName": "https"}],
        "hostnames": ["tagger.east.ml.example.org"],
        "rules": [{"backendRefs": [{"name": "tagger", "port": port}]} for port in (8000, 8001)],
    },
}
JWT: dict[str, Any] = {
    "jwt": {
        "issuer": "https://id.example.org",
        "jwks_uri": "https://id.example.org/keys",
        "audiences": ["models"],
        "scopes": ["predict"],
        "claim_headers": {"x-user": "sub"},
    }
}
API_KEY: dict[str, Any] = {"api_key": {"clients": {"web": {"config": "web-key"}}}}
PER_HOUR: dict[str, Any] = {"requests": 10, "unit": "hour"}

ACCESSES: dict[str, dict[str, Any]] = {
    "nothing": {},
    "tokens": {"authentication": JWT, "rate_limit": {**PER_HOUR, "per": {"claim": "team"}}},
    "keys": {"authentication": API_KEY, "rate_limit": {**PER_HOUR, "per": {"header": "x-client-id"}}},
    "certificates": {"authentication": {"mtls": {"config_map": "callers", "dns_names": ["shop.example.org"]}}},
    "certificates of a secret": {
        "authentication": {"mtls": {"secret": "callers", "uris": ["spiffe://example.org/shop"]}}
    },
    "addresses": {"rate_limit": {**PER_HOUR, "per": {"client_ip": True}}, "max_request_mib": 16},
    "together": {"rate_limit": {**PER_HOUR, "scope": "global"}, "rate_limit_redis": "redis.platform.svc:6379"},
    "pages": {"cors": {"allow_origins": ["https://*.example.com"]}},
}


@pytest.fixture(scope="module")
def namespaces(api: Api) -> None:
    for name in ("shop", GATEWAY):
        api.apply({"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": name}})


def objects(access: Access) -> list[Object]:
    route, policies = limited(ROUTE, POLICY, access, grpc_ports=(8001,))
    guard = security_policy(METADATA, access, route="tagger", keys="tagger-keys")
    way = access.authentication
    clients = client_traffic_policy(way and way.mtls, SHOP, gateway=NAME, namespace=GATEWAY)
    return [route, *policies, clients, *([] if guard is None else [guard])]


@pytest.mark.parametrize("name", ACCESSES)
def test_every_policy_passes_server_side_dry_run(api: Api, namespaces: None, name: str) -> None:
    for thing in objects(Access.model_validate(ACCESSES[name])):
        api.apply(thing, dry_run=True)
        assert api.warnings == []


def test_a_policy_that_is_wrong_is_refused(api: Api, namespaces: None) -> None:
    """The definitions' rules hold: an authorization by token without a provider of tokens."""
    guard = next(o for o in objects(Access.model_validate(ACCESSES["tokens"])) if o["kind"] == "SecurityPolicy")
    del guard["spec"]["jwt"]
    with pytest.raises(Refused, match="jwt must be defined"):
        api.apply(guard, dry_run=True)
