"""Kubernetes objects of a workload around its Deployment and autoscaler."""

from __future__ import annotations

from typing import Any

from ..autoscaling.wake_up import let_sleep
from .gpu_claim import claim_template
from .http_route import http_route
from .identity import account_annotations
from .model_download import files_config_map
from .network_policy import network_policy
from .pod_disruption_budget import pod_disruption_budget
from .service import service
from .settings_files import settings_config_map
from .streamed_weights import stream_objects
from .traffic_policy import backend_traffic_policy
from .workload import Workload


def service_account(workload: Workload) -> dict[str, Any]:
    """Who the pods are to the cloud of their model store; the server needs no token of the cluster's own."""
    return {
        "apiVersion": "v1",
        "kind": "ServiceAccount",
        "metadata": workload.metadata(annotations=account_annotations(workload.identity)),
        "automountServiceAccountToken": False,
    }


def before_pods(workload: Workload) -> list[dict[str, Any]]:
    """What must be there when the first pod starts."""
    held = [files_config_map(workload), settings_config_map(workload), claim_template(workload)]
    return [
        service_account(workload),
        *(manifest for manifest in held if manifest is not None),
        *stream_objects(workload),
        network_policy(workload, mesh=workload.mesh),
        service(workload),
        pod_disruption_budget(workload),
    ]


def of_route(workload: Workload) -> list[dict[str, Any]]:
    """What reaches the pods; nothing without a hostname."""
    route, policy = http_route(workload), backend_traffic_policy(workload)
    return [] if route is None or policy is None else [route, let_sleep(policy, workload.scaling)]
