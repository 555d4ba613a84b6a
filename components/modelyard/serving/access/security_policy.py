"""Who may ask: a route's ``SecurityPolicy`` (``gateway.envoyproxy.io/v1alpha1`` of Envoy Gateway 1.9)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ...environment.access import Access, ApiKey, Cors, Jwt

PROVIDER = "callers"
"""Name of the one provider of tokens."""

CLAIM_HEADER = "x-rate-limit-claim"
"""Holds the claim that a rate limit counts by, where no declared header holds it already."""


def security_policy(
    metadata: Mapping[str, Any], access: Access, *, route: str, keys: Any = None
) -> dict[str, Any] | None:
    """The object; None where nothing is asked of callers.

    Without a policy a route is open, so that it has to be there before its route is; while it cannot be applied, the
    gateway answers 500 to everything.

    Args:
        metadata: of the object; its namespace is the route's.
        access: of the model, the gateway's included.
        route: name of the HTTPRoute.
        keys: name of the Secret that holds the API keys; it may be a Pulumi output. Needed for ``api_key``.
    """
    way = access.authentication
    spec: dict[str, Any] = {}
    if access.cors is not None:
        spec["cors"] = _cors(access.cors)
    if way is not None and way.jwt is not None:
        spec |= _jwt(way.jwt, claim_headers(access))
    if way is not None and way.api_key is not None:
        spec["apiKeyAuth"] = _api_key(way.api_key, keys)
    if not spec:
        return None
    return {
        "apiVersion": "gateway.envoyproxy.io/v1alpha1",
        "kind": "SecurityPolicy",
        "metadata": dict(metadata),
        "spec": {
            "targetRefs": [{"group": "gateway.networking.k8s.io", "kind": "HTTPRoute", "name": route}],
            **spec,
        },
    }


def claim_headers(access: Access) -> dict[str, str]:
    """Headers that the proxies fill from a token, with the claim of each."""
    way = access.authentication
    if way is None or way.jwt is None:
        return {}
    headers, limit = dict(way.jwt.claim_headers), access.rate_limit
    claim = None if limit is None or limit.per is None else limit.per.claim
    if claim is not None and claim not in headers.values():
        headers[CLAIM_HEADER] = claim
    return headers


def _jwt(jwt: Jwt, headers: Mapping[str, str]) -> dict[str, Any]:
    provider: dict[str, Any] = {
        "name": PROVIDER,
        "issuer": jwt.issuer,
        "audiences": list(jwt.audiences),
        "remoteJWKS": {"uri": jwt.jwks_uri, "cacheDuration": "300s"},
        # Tokens in query parameters, which Envoy takes as well unless told, end up in access logs.
        "extractFrom": {"headers": [{"name": "Authorization", "valuePrefix": "Bearer "}]},
    }
    if headers:
        provider["claimToHeaders"] = [{"header": header, "claim": claim} for header, claim in headers.items()]
    spec: dict[str, Any] = {"jwt": {"providers": [provider]}}
    if jwt.scopes:
        allowed = {"action": "Allow", "principal": {"jwt": {"provider": PROVIDER, "scopes": list(jwt.scopes)}}}
        spec["authorization"] = {"defaultAction": "Deny", "rules": [{"name": "scopes", **allowed}]}
    return spec


def _api_key(api_key: ApiKey, keys: Any) -> dict[str, Any]:
    return {
        "credentialRefs": [{"kind": "Secret", "name": keys}],
        "extractFrom": [{"headers": [api_key.header]}],
        "forwardClientIDHeader": api_key.client_header,
        "sanitize": True,
    }


def _cors(cors: Cors) -> dict[str, Any]:
    return {
        "allowOrigins": list(cors.allow_origins),
        "allowMethods": ["GET", "POST", "OPTIONS"],
        "allowHeaders": list(cors.allow_headers),
        "maxAge": f"{cors.max_age_seconds}s",
    }
