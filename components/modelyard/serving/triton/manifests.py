"""Every Kubernetes object of a served model."""

from __future__ import annotations

from typing import Any

from .autoscaling import horizontal_pod_autoscaler, pod_disruption_budget
from .deployment import deployment
from .identity import account_annotations
from .model_download import files_config_map
from .network import http_route, network_policy, service
from .served_model import ServedModel
from .traffic_policy import backend_traffic_policy


def service_account(model: ServedModel) -> dict[str, Any]:
    """Who the pods are to the cloud of their model store; the server needs no token of the cluster's own."""
    return {
        "apiVersion": "v1",
        "kind": "ServiceAccount",
        "metadata": model.metadata(annotations=account_annotations(model.identity)),
        "automountServiceAccountToken": False,
    }


def before_pods(model: ServedModel) -> list[dict[str, Any]]:
    """What must be there when the first pod starts."""
    files = files_config_map(model)
    return [
        service_account(model),
        *([] if files is None else [files]),
        network_policy(model),
        service(model),
        pod_disruption_budget(model),
    ]


def after_pods(model: ServedModel) -> list[dict[str, Any]]:
    """What scales and reaches the pods."""
    of_route = [http_route(model), backend_traffic_policy(model)]
    return [horizontal_pod_autoscaler(model), *(manifest for manifest in of_route if manifest is not None)]


def manifests(model: ServedModel, secret_name: Any = None) -> list[dict[str, Any]]:
    """All of them, in the order in which they can be applied. The Secret of ``model.secret_env`` is not among them:
    its values are never written to files."""
    return [*before_pods(model), deployment(model, secret_name), *after_pods(model)]
