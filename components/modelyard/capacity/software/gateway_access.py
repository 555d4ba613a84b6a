"""What access asks of the gateway as a whole: client certificates, and a place to count in."""

from __future__ import annotations

from typing import Any

from ...environment.access import Mtls
from ...governance.ownership import Ownership

LISTENER = "https"


def client_traffic_policy(
    certificates: Mtls | None, ownership: Ownership, *, gateway: str, namespace: str
) -> dict[str, Any]:
    """The ``ClientTrafficPolicy`` of the listener that models answer through.

    Names with underscores are refused, which a server may take for the same header with hyphens, and TLS begins at
    1.2. Where callers authenticate by mTLS, nobody connects without a certificate.

    Args:
        certificates: that callers show; None: they need none.
        ownership: of the gateway.
        gateway: its name.
        namespace: its namespace.
    """
    tls: dict[str, Any] = {"minVersion": "1.2"}
    headers: dict[str, Any] = {"withUnderscoresAction": "RejectRequest"}
    if certificates is not None:
        tls["clientValidation"] = _client_validation(certificates)
        headers["xForwardedClientCert"] = {"mode": "SanitizeSet", "certDetailsToAdd": ["Subject", "URI", "DNS"]}
    return {
        "apiVersion": "gateway.envoyproxy.io/v1alpha1",
        "kind": "ClientTrafficPolicy",
        "metadata": {"name": gateway, "namespace": namespace, "labels": ownership.kubernetes_labels()},
        "spec": {
            "targetRefs": [
                {
                    "group": "gateway.networking.k8s.io",
                    "kind": "Gateway",
                    "name": gateway,
                    "sectionName": LISTENER,
                }
            ],
            "tls": tls,
            "headers": headers,
        },
    }


def rate_limit_service(redis: str | None) -> dict[str, Any]:
    """Values of Envoy Gateway's chart that start its rate limit service, before the Redis that counts; empty without
    one."""
    if redis is None:
        return {}
    backend = {"type": "Redis", "redis": {"url": redis}}
    return {"config": {"envoyGateway": {"rateLimit": {"backend": backend, "failClosed": False}}}}


def _client_validation(mtls: Mtls) -> dict[str, Any]:
    kind, name = ("ConfigMap", mtls.config_map) if mtls.secret is None else ("Secret", mtls.secret)
    validation: dict[str, Any] = {
        "mode": "RequireAndVerify",
        "caCertificateRefs": [{"group": "", "kind": kind, "name": name}],
    }
    names = {"dnsNames": mtls.dns_names, "uris": mtls.uris}
    alternatives = {
        field: [{"type": "Exact", "value": value} for value in values] for field, values in names.items() if values
    }
    if alternatives:
        validation["subjectAltNames"] = alternatives
    return validation
