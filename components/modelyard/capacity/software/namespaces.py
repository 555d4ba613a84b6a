"""Namespaces: the platform's own, and one for each department."""

from __future__ import annotations

from typing import Any, Literal

from ...governance.ownership import Ownership

MONITORING = "monitoring"
GATEWAY = "gateway-system"
CERT_MANAGER = "cert-manager"

PodSecurity = Literal["privileged", "baseline", "restricted"]

# node-exporter reads the host; Envoy Gateway and cert-manager need nothing of it.
_PLATFORM: dict[str, PodSecurity] = {MONITORING: "privileged", GATEWAY: "restricted", CERT_MANAGER: "restricted"}


def platform_namespaces(ownership: Ownership) -> list[dict[str, Any]]:
    """Namespaces of the software that every cluster runs."""
    return [namespace(name, security, ownership) for name, security in _PLATFORM.items()]


def department_namespace(ownership: Ownership) -> list[dict[str, Any]]:
    """A department's namespace, whose pods are restricted, and a policy that lets nothing in or out which no other
    policy names."""
    return [
        namespace(ownership.department, "restricted", ownership, {GATEWAY_ACCESS: "true"}),
        {
            "apiVersion": "networking.k8s.io/v1",
            "kind": "NetworkPolicy",
            "metadata": {
                "name": "default-deny",
                "namespace": ownership.department,
                "labels": ownership.kubernetes_labels(),
            },
            "spec": {"podSelector": {}, "policyTypes": ["Ingress", "Egress"]},
        },
    ]


GATEWAY_ACCESS = "modelyard.dev/gateway-access"
"""Label of namespaces whose routes the gateway accepts."""


def namespace(
    name: str, security: PodSecurity, ownership: Ownership, labels: dict[str, str] | None = None
) -> dict[str, Any]:
    """A namespace with its Pod Security Standard enforced, warned about and audited."""
    levels = {f"pod-security.kubernetes.io/{mode}": security for mode in ("enforce", "warn", "audit")}
    return {
        "apiVersion": "v1",
        "kind": "Namespace",
        "metadata": {"name": name, "labels": {**ownership.kubernetes_labels(), **levels, **(labels or {})}},
    }
