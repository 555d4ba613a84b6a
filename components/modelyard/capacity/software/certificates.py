"""cert-manager and the gateway's certificate: values of its chart, issuers, certificate."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from ...environment.gateway import Acme
from ...environment.problem import InvalidEnvironment, Problem
from ...governance.ownership import Ownership
from .namespaces import CERT_MANAGER, GATEWAY

ISSUER = "modelyard"
"""ClusterIssuer that signs the gateway's certificate."""
CERTIFICATE_SECRET = "gateway-tls"
"""Secret with the gateway's certificate and key."""
CHALLENGE_LISTENER = "http"
"""Listener that an ACME authority's challenges come in by."""

_AUTHORITY = "modelyard-ca"
_ACME_NAMES = 100
"""Names that Let's Encrypt takes in one certificate."""


def cert_manager_values(*, system_nodes: Mapping[str, str]) -> dict[str, Any]:
    """Follows the chart's values.yaml at the pinned version. Gateway API's CRDs must be there before it starts."""
    nodes = dict(system_nodes)
    resources = {"requests": {"cpu": "20m", "memory": "64Mi"}, "limits": {"memory": "512Mi"}}
    return {
        "crds": {"enabled": True, "keep": True},
        "config": {
            "apiVersion": "controller.config.cert-manager.io/v1alpha1",
            "kind": "ControllerConfiguration",
            "gatewayAPI": {"enabled": True},
        },
        "nodeSelector": nodes,
        "resources": resources,
        "webhook": {"replicaCount": 2, "nodeSelector": nodes, "resources": resources},
        "cainjector": {"nodeSelector": nodes, "resources": resources},
        "startupapicheck": {"nodeSelector": nodes},
    }


def issuers(certificates: str | Acme, ownership: Ownership, *, gateway: str) -> list[dict[str, Any]]:
    """What signs: an authority of the cluster's own, or an ACME authority that checks over HTTP through the gateway."""
    if isinstance(certificates, Acme):
        solver = {
            "http01": {
                "gatewayHTTPRoute": {
                    "parentRefs": [
                        {"name": gateway, "namespace": GATEWAY, "kind": "Gateway", "sectionName": CHALLENGE_LISTENER}
                    ]
                }
            }
        }
        acme = {
            "server": certificates.server,
            "email": certificates.email,
            "privateKeySecretRef": {"name": "acme-account"},
            "solvers": [solver],
        }
        return [_issuer(ISSUER, {"acme": acme}, ownership)]
    return [
        _issuer(f"{_AUTHORITY}-root", {"selfSigned": {}}, ownership),
        {
            "apiVersion": "cert-manager.io/v1",
            "kind": "Certificate",
            "metadata": {"name": _AUTHORITY, "namespace": CERT_MANAGER, "labels": ownership.kubernetes_labels()},
            "spec": {
                "isCA": True,
                "commonName": f"Modelyard {ownership.environment}",
                "secretName": _AUTHORITY,
                "duration": "87600h",
                "renewBefore": "8760h",
                "privateKey": {"algorithm": "ECDSA", "size": 384},
                "issuerRef": {"name": f"{_AUTHORITY}-root", "kind": "ClusterIssuer", "group": "cert-manager.io"},
            },
        },
        _issuer(ISSUER, {"ca": {"secretName": _AUTHORITY}}, ownership),
    ]


def gateway_certificate(
    certificates: str | Acme, ownership: Ownership, *, cluster: str, domain: str, hostnames: Sequence[str]
) -> dict[str, Any]:
    """The gateway's certificate: for every name below the cluster's domain, or, from an ACME authority, which gives
    no such certificate over HTTP, for each hostname.

    Raises:
        InvalidEnvironment: more hostnames than an ACME authority puts into one certificate, or none.
    """
    names = [f"*.{cluster}.{domain}"]
    if isinstance(certificates, Acme):
        names = sorted(set(hostnames))
        if not 1 <= len(names) <= _ACME_NAMES:
            message = (
                f"certificates by ACME cover 1 to {_ACME_NAMES} models in a cluster, and cluster {cluster} serves "
                f"{len(names)}; take private_ca"
            )
            raise InvalidEnvironment([Problem("platform.yaml", "gateway.certificates", message)])
    return {
        "apiVersion": "cert-manager.io/v1",
        "kind": "Certificate",
        "metadata": {"name": "gateway", "namespace": GATEWAY, "labels": ownership.kubernetes_labels()},
        "spec": {
            "secretName": CERTIFICATE_SECRET,
            "dnsNames": names,
            "privateKey": {"algorithm": "ECDSA", "size": 256, "rotationPolicy": "Always"},
            "issuerRef": {"name": ISSUER, "kind": "ClusterIssuer", "group": "cert-manager.io"},
        },
    }


def _issuer(name: str, spec: dict[str, Any], ownership: Ownership) -> dict[str, Any]:
    return {
        "apiVersion": "cert-manager.io/v1",
        "kind": "ClusterIssuer",
        "metadata": {"name": name, "labels": ownership.kubernetes_labels()},
        "spec": spec,
    }
