"""Every Kubernetes object of a served model."""

from __future__ import annotations

from typing import Any

from .autoscaling import horizontal_pod_autoscaler, pod_disruption_budget
from .deployment import deployment
from .model_download import checksums_config_map
from .network import http_route, network_policy, service
from .served_model import ServedModel


def service_account(model: ServedModel) -> dict[str, Any]:
    """An identity for S3 through EKS Pod Identity; the server needs no token of the cluster's own."""
    return {
        "apiVersion": "v1",
        "kind": "ServiceAccount",
        "metadata": model.metadata(),
        "automountServiceAccountToken": False,
    }


def before_pods(model: ServedModel) -> list[dict[str, Any]]:
    """What must be there when the first pod starts."""
    checksums = checksums_config_map(model)
    return [
        service_account(model),
        *([] if checksums is None else [checksums]),
        network_policy(model),
        service(model),
        pod_disruption_budget(model),
    ]


def after_pods(model: ServedModel) -> list[dict[str, Any]]:
    """What scales and reaches the pods."""
    route = http_route(model)
    return [horizontal_pod_autoscaler(model), *([] if route is None else [route])]


def manifests(model: ServedModel, secret_name: Any = None) -> list[dict[str, Any]]:
    """All of them, in the order in which they can be applied. The Secret of ``model.secret_env`` is not among them:
    its values are never written to files."""
    return [*before_pods(model), deployment(model, secret_name), *after_pods(model)]
