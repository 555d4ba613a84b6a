"""How often and with how much: limits in a route's ``BackendTrafficPolicy`` (Envoy Gateway 1.9)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ...environment.access import Access, ByHeader, RateLimit
from ..workload.server import Server
from .security_policy import claim_headers

_GRPC = "kubernetes.io/h2c"


def rule_name(server: Server, number: int) -> str:
    """Name of a rule of the model's HTTPRoute, by which a policy targets it: the port's, with the rule's number."""
    wanted = server.routes[number].port
    return f"{next(port.name for port in server.ports if port.number == wanted)}-{number}"


def limited(policy: Mapping[str, Any], server: Server, access: Access) -> list[dict[str, Any]]:
    """A route's traffic policy with the limits in it.

    Of two policies for one target the newer one counts for nothing, so that limits are part of the policy that is
    there already. Where a size is limited there is a second policy, ``<name>-http``, for the rules of HTTP alone,
    whose every setting stands in place of the first one's: a proxy that holds a request until it is complete would
    hold a gRPC stream for ever.

    Args:
        policy: the model's ``BackendTrafficPolicy``.
        server: whose routes are the rules of the HTTPRoute, in order; their names are :func:`rule_name`.
        access: of the model, the gateway's included.
    """
    spec = dict(policy["spec"])
    if access.rate_limit is not None:
        spec["rateLimit"] = rate_limit(access.rate_limit, claim_headers(access))
    policies = [{**policy, "spec": spec}]
    sections = [rule_name(server, number) for number in range(len(server.routes)) if not _is_grpc(server, number)]
    if access.max_request_mib is not None and sections:
        (route,) = spec["targetRefs"]
        policies.append(
            {
                **policy,
                "metadata": {**policy["metadata"], "name": f"{policy['metadata']['name']}-http"},
                "spec": {
                    **spec,
                    "targetRefs": [{**route, "sectionName": section} for section in sections],
                    "requestBuffer": {"limit": f"{access.max_request_mib}Mi"},
                },
            }
        )
    return policies


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
    if limit.per is None:
        return []
    if limit.per == "client_ip":
        return [{"sourceCIDR": {"type": "Distinct", "value": cidr}} for cidr in ("0.0.0.0/0", "::/0")]
    if isinstance(limit.per, ByHeader):
        name = limit.per.header
    else:
        claim = limit.per.claim
        name = next(header for header, held in headers.items() if held == claim)
    # Whoever lacks the header, such as a token without the claim, would not be counted at all.
    without = {"type": "RegularExpression", "name": name, "value": ".*", "invert": True}
    return [{"headers": [{"type": "Distinct", "name": name}]}, {"headers": [without]}]


def _is_grpc(server: Server, number: int) -> bool:
    wanted = server.routes[number].port
    return any(port.number == wanted and port.app_protocol == _GRPC for port in server.ports)
