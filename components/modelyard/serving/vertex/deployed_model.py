"""A version on its machines: the inputs of ``VertexDeployedModel`` (REST v1, ``DeployedModel``,
``DedicatedResources``)."""

from __future__ import annotations

from typing import Any

from ...catalog.vertex_regions import accelerator_type
from ..managed.endpoint import version_name
from .endpoint_declaration import VertexEndpointDeclaration

CPU_METRIC = "aiplatform.googleapis.com/prediction/online/cpu/utilization"
GPU_METRIC = "aiplatform.googleapis.com/prediction/online/accelerator/duty_cycle"
REQUEST_METRIC = "aiplatform.googleapis.com/prediction/online/request_count"
"""Counts a minute."""
_RESERVATION_KEY = "compute.googleapis.com/reservation-name"
_RESERVATIONS = {"none": "NO_RESERVATION", "any": "ANY_RESERVATION", "specific": "SPECIFIC_RESERVATION"}


def deployed_model_inputs(declared: VertexEndpointDeclaration, version: int) -> dict[str, Any]:
    """All but ``location``, ``endpoint``, ``model`` and ``serviceAccount``."""
    least = declared.least_replicas(version)
    inputs: dict[str, Any] = {
        "displayName": f"{declared.model}-{version_name(version)}",
        "machineSpec": machine_spec(declared),
        "minReplicaCount": least,
        "maxReplicaCount": max(least, declared.scaling.max_replicas),
        "enableAccessLogging": declared.access_log,
        "disableContainerLogging": not declared.container_log,
    }
    if declared.required_replicas is not None:
        inputs["requiredReplicaCount"] = min(declared.required_replicas, least)
    targets = autoscaling_metrics(declared)
    if targets:
        inputs["autoscalingMetricSpecs"] = targets
    if declared.spot:
        inputs["spot"] = True
    if declared.fast_tryout:
        inputs["fasterDeploymentConfig"] = {"fastTryoutEnabled": True}
    return inputs


def machine_spec(declared: VertexEndpointDeclaration) -> dict[str, Any]:
    """``MachineSpec``."""
    spec: dict[str, Any] = {"machineType": declared.machine_type}
    if declared.gpus is not None:
        name, count = declared.gpus
        spec |= {"acceleratorType": accelerator_type(name), "acceleratorCount": count}
    if declared.reservation is not None:
        affinity: dict[str, Any] = {"reservationAffinityType": _RESERVATIONS[declared.reservation.kind]}
        if declared.reservation.names:
            affinity |= {"key": _RESERVATION_KEY, "values": list(declared.reservation.names)}
        spec["reservationAffinity"] = affinity
    return spec


def autoscaling_metrics(declared: VertexEndpointDeclaration) -> list[dict[str, Any]]:
    """``AutoscalingMetricSpec`` of each target; the metric that asks for most replicas decides."""
    scaling = declared.scaling
    requests = scaling.target_requests_per_second
    targets = [
        (CPU_METRIC, declared.target_cpu_percent),
        (GPU_METRIC, scaling.target_gpu_utilization_percent),
        (REQUEST_METRIC, None if requests is None else requests * 60),
    ]
    return [{"metricName": metric, "target": max(1, round(target))} for metric, target in targets if target is not None]
