"""How often and with how much: limits in a route's ``BackendTrafficPolicy`` (Envoy Gateway 1.9)."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import Any

from ...environment.access import Access, RateLimit
from .security_policy import claim_headers


def limited(
    route: Mapping[str, Any], policy: Mapping[str, Any], access: Access, *, grpc_ports: Collection[int]
) -> tuple[dict[str, Any], list[dict[str, Any]]]:
    """A route and its traffic policy with the limits in them: the route, and one policy or two.

    Of two policies for one target the newer one counts for nothing, so that limits are part of the policy that is
    there already. Where a size is limited there is a second policy, ``<name>-http``, for the rules of HTTP alone, which
    the route then names: in their place every setting of the second one stands for the first one's. A proxy that
    holds a request until it is complete would hold a gRPC stream for ever.

    Tokens end at the gateway: the model gets the claims that headers are declared for.

    Args:
        route: the HTTPRoute.
        policy: its ``BackendTrafficPolicy``.
        access: of the model, the gateway's included.
        grpc_ports: ports of backends that speak gRPC.
    """
    spec = dict(policy["spec"])
    if access.rate_limit is not None:
        spec["rateLimit"] = rate_limit(access.rate_limit, claim_headers(access))
    rules = [dict(each) for each in route["spec"]["rules"]]
    if access.authentication is not None and access.authentication.jwt is not None:
        rules = [_without_token(each) for each in rules]
    policies = [{**policy, "spec": spec}]
    held = [number for number, each in enumerate(rules) if not _is_grpc(each, grpc_ports)]
    if access.max_request_mib is not None and held:
        for number in held:
            rules[number] = {"name": f"http-{number}", **rules[number]}
        (target,) = spec["targetRefs"]
        policies.append(
            {
                **policy,
                "metadata": {**policy["metadata"], "name": f"{policy['metadata']['name']}-http"},
                "spec": {
                    **spec,
                    "targetRefs": [{**target, "sectionName": rules[number]["name"]} for number in held],
                    "requestBuffer": {"limit": f"{access.max_request_mib}Mi"},
                },
            }
        )
    return {**route, "spec": {**route["spec"], "rules": rules}}, policies


def rate_limit(limit: RateLimit, headers: Mapping[str, str]) -> dict[str, Any]:
    """``spec.rateLimit``.

    Args:
        limit: as declared.
        headers: that the proxies fill from a token, with the claim of each.
    """
    bound: dict[str, Any] = {"limit": {"requests": limit.requests, "unit": limit.unit.title()}}
    if limit.scope == "global":
        # Counted once for the model: otherwise each rule of the route has a number of its own.
        bound["shared"] = True
    rules = [{"clientSelectors": [selector], **bound} for selector in _selectors(limit, headers)] or [bound]
    return {"type": limit.scope.title(), limit.scope: {"rules": rules}}


def _selectors(limit: RateLimit, headers: Mapping[str, str]) -> list[dict[str, Any]]:
    per = limit.per
    if per is None:
        return []
    if per.client_ip:
        return [{"sourceCIDR": {"type": "Distinct", "value": cidr}} for cidr in ("0.0.0.0/0", "::/0")]
    name = per.header or next(header for header, claim in headers.items() if claim == per.claim)
    # Whoever lacks the header, such as a token without the claim, would not be counted at all.
    without = {"type": "RegularExpression", "name": name, "value": ".*", "invert": True}
    return [{"headers": [{"type": "Distinct", "name": name}]}, {"headers": [without]}]


def _is_grpc(rule: Mapping[str, Any], grpc_ports: Collection[int]) -> bool:
    return any(each.get("port") in grpc_ports for each in rule["backendRefs"])


def _without_token(rule: Mapping[str, Any]) -> dict[str, Any]:
    """A rule takes one filter of a kind."""
    kind, field = "RequestHeaderModifier", "requestHeaderModifier"
    filters = list(rule.get("filters", []))
    there = next((each for each in filters if each["type"] == kind), None)
    others = [each for each in filters if each is not there]
    modified = dict(there[field]) if there else {}
    modified["remove"] = [*modified.get("remove", []), "authorization"]
    return {**rule, "filters": [*others, {"type": kind, field: modified}]}
