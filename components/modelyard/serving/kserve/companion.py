"""Transformer and explainer of an InferenceService: containers of one's own, in pods of their own."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from ...environment.kserve import Companion
from ...governance.pod_security import RESTRICTED, restricted_pod
from ..workload.pod_disruption_budget import pod_disruption_budget
from ..workload.quantities import cpu, gibibytes
from .autoscaling import processor_time

if TYPE_CHECKING:
    from .inference_service import InferenceService

HTTP_PORT = 8080
"""Port that KServe tells the container by ``--http_port``."""


def companion(service: InferenceService, kind: str, declared: Companion) -> dict[str, Any]:
    """``spec.transformer`` or ``spec.explainer``. Its pods prove nothing to a cloud and run on any node without a GPU.

    ``kind`` is ``transformer`` or ``explainer``.
    """
    workload = service.workload
    memory = gibibytes(declared.memory_gib)
    container: dict[str, Any] = {
        "name": "kserve-container",
        "image": declared.image,
        **({"command": list(declared.command)} if declared.command else {}),
        "args": [*declared.args, "--model_name", workload.model],
        "env": [*({"name": name, "value": value} for name, value in declared.env.items()), _home()],
        "ports": [_port(service)],
        "resources": {"requests": {"cpu": cpu(declared.cpu), "memory": memory}, "limits": {"memory": memory}},
        "readinessProbe": _answers(failures=3),
        "livenessProbe": _answers(failures=12),
        "securityContext": RESTRICTED,
        "volumeMounts": [{"name": "scratch", "mountPath": "/tmp"}],
    }
    return {
        "automountServiceAccountToken": False,
        "enableServiceLinks": False,
        "securityContext": restricted_pod(declared.user),
        "containers": [container],
        "volumes": [{"name": "scratch", "emptyDir": {}}],
        "labels": {**workload.labels, **selector(service, kind)},
        "annotations": _annotations(service),
        "timeout": workload.request_timeout_seconds,
        **_scaling(service, declared),
    }


def companion_budget(service: InferenceService, kind: str) -> dict[str, Any]:
    """One of these pods at a time, as of the predictor's."""
    made = pod_disruption_budget(service.workload)
    made["metadata"] = service.workload.metadata(f"{service.name}-{kind}")
    made["spec"]["selector"] = {"matchLabels": selector(service, kind)}
    return made


def companion_autoscaler(service: InferenceService, kind: str, declared: Companion) -> dict[str, Any]:
    """By processor time, where the predictor has an autoscaler of ours: the class is the whole InferenceService's, and
    KServe leaves such a Deployment at one replica.

    It is not called as its Deployment, or KServe would overwrite it.
    """
    return {
        "apiVersion": "autoscaling/v2",
        "kind": "HorizontalPodAutoscaler",
        "metadata": service.workload.metadata(f"{service.name}-{kind}-replicas"),
        "spec": {
            "scaleTargetRef": {"apiVersion": "apps/v1", "kind": "Deployment", "name": f"{service.name}-{kind}"},
            "minReplicas": declared.scaling.min_replicas,
            "maxReplicas": declared.scaling.max_replicas,
            "metrics": [processor_time()],
        },
    }


def selector(service: InferenceService, kind: str) -> dict[str, str]:
    """Labels that these pods alone are found by; they differ from the predictor's."""
    return {"app.kubernetes.io/name": kind, "app.kubernetes.io/instance": f"{service.name}-{kind}"}


def _annotations(service: InferenceService) -> dict[str, str]:
    """These pods are bound to no pool; what one of no pool costs is said, or known where the predictor is one."""
    placement = service.workload.placement
    basis = service.companion_price_basis or (placement.price_basis if placement.pool is None else None)
    return {
        "modelyard.dev/cluster": placement.cluster,
        **({} if basis is None else {"modelyard.dev/price-basis": basis}),
    }


def _scaling(service: InferenceService, declared: Companion) -> dict[str, Any]:
    scaling = declared.scaling
    replicas = {"minReplicas": scaling.min_replicas, "maxReplicas": scaling.max_replicas}
    if service.mode == "knative":
        return replicas
    if service.autoscaler in ("external", "none"):
        # The class is the whole InferenceService's: KServe scales nothing.
        return replicas
    return {**replicas, "autoScaling": {"metrics": [processor_time()]}}


def _port(service: InferenceService) -> dict[str, Any]:
    name = "http1" if service.mode == "knative" else "http"
    return {"name": name, "containerPort": HTTP_PORT, "protocol": "TCP"}


def _answers(failures: int) -> dict[str, Any]:
    """The port alone: a transformer that asked its predictor for health would be restarted with it."""
    return {"tcpSocket": {"port": HTTP_PORT}, "periodSeconds": 5, "timeoutSeconds": 5, "failureThreshold": failures}


def _home() -> dict[str, str]:
    return {"name": "HOME", "value": "/tmp"}
