"""Namespaces: the platform's own, and one for each department."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import Any, Literal

from ...governance.ownership import Ownership
from .mesh import Mesh, namespace_metadata, strict

MONITORING = "monitoring"
GATEWAY = "gateway-system"
CERT_MANAGER = "cert-manager"
KEDA = "keda"
KSERVE = "kserve"
"""KServe's own configuration names it, so that it is no other."""
ARGO_ROLLOUTS = "argo-rollouts"
FLAGGER = "flagger"

OF_CONTROLLER = {"keda": KEDA, "kserve": KSERVE, "argo_rollouts": ARGO_ROLLOUTS, "flagger": FLAGGER}
"""Namespace of each controller that is installed where a model needs it. The pods of all are restricted."""

PodSecurity = Literal["privileged", "baseline", "restricted"]

# node-exporter reads the host; Envoy Gateway and cert-manager need nothing of it.
_PLATFORM: dict[str, PodSecurity] = {MONITORING: "privileged", GATEWAY: "restricted", CERT_MANAGER: "restricted"}


def platform_namespaces(
    ownership: Ownership, *, mesh: Mesh = "none", controllers: Collection[str] = ()
) -> list[dict[str, Any]]:
    """Namespaces of the software that every cluster runs, and of the controllers that are wanted; those whose pods ask
    models are part of the mesh."""
    wanted = dict(_PLATFORM)
    for name, controlled in OF_CONTROLLER.items():
        if name in controllers:
            wanted[controlled] = "restricted"
    made: list[dict[str, Any]] = []
    for name, security in wanted.items():
        marks = namespace_metadata(mesh, serves=False) if name in (GATEWAY, MONITORING) else {}
        made.append(namespace(name, security, ownership, marks.get("labels"), marks.get("annotations")))
    return made


def department_namespace(
    ownership: Ownership, *, mesh: Mesh = "none", baseline_for: str | None = None
) -> list[dict[str, Any]]:
    """A department's namespace, whose pods are restricted, and a policy that lets nothing in or out which no other
    policy names. In a mesh, also what refuses to be asked in clear text.

    ``baseline_for`` says whose pods cannot be restricted: ``baseline`` is enforced then, with that reason beside it,
    and Kubernetes goes on to warn of what is not restricted.
    """
    marks = namespace_metadata(mesh, serves=True)
    labels = {GATEWAY_ACCESS: "true", **marks.get("labels", {})}
    encrypted = strict(mesh, ownership.department, ownership.kubernetes_labels())
    annotations = dict(marks.get("annotations") or {})
    if baseline_for is not None:
        labels["pod-security.kubernetes.io/enforce"] = "baseline"
        annotations[BASELINE_FOR] = baseline_for
    return [
        namespace(ownership.department, "restricted", ownership, labels, annotations),
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
        *([] if encrypted is None else [encrypted]),
    ]


BASELINE_FOR = "modelyard.dev/baseline-for"
"""Annotation of a department's namespace that enforces ``baseline``: whose pods cannot be restricted."""
GATEWAY_ACCESS = "modelyard.dev/gateway-access"
"""Label of namespaces whose routes the gateway accepts."""


def namespace(
    name: str,
    security: PodSecurity,
    ownership: Ownership,
    labels: Mapping[str, str] | None = None,
    annotations: Mapping[str, str] | None = None,
) -> dict[str, Any]:
    """A namespace with its Pod Security Standard enforced, warned about and audited."""
    levels = {f"pod-security.kubernetes.io/{mode}": security for mode in ("enforce", "warn", "audit")}
    metadata: dict[str, Any] = {"name": name, "labels": {**ownership.kubernetes_labels(), **levels, **(labels or {})}}
    if annotations:
        metadata["annotations"] = dict(annotations)
    return {"apiVersion": "v1", "kind": "Namespace", "metadata": metadata}
