"""An online deployment: one version of a model on instances of its own, as Azure's REST API takes it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from ...environment.azureml import DataCollection, ModelType, Probe, RequestSettings
from ...environment.cloud_secret import KeyVaultSecret
from ...environment.model import ServerResources
from ...environment.scaling import Scaling

UTILIZATION_PERCENT = 70
"""Of the processors (Azure's machines), or of the requests that may be in flight (Kubernetes)."""


QUEUED_BY_TRITON = 64
"""Requests of an instance that Triton may hold: enough to fill batches, few enough to be answered in time."""


@dataclass(frozen=True, slots=True)
class Deployment:
    """What every version of one endpoint has in common."""

    instance_type: str | None
    """VM size; of an Arc cluster's compute one of its instance types, None: its own default."""
    scaling: Scaling
    resources: ServerResources
    request: RequestSettings
    startup: Probe | None
    liveness: Probe
    readiness: Probe
    data_collection: DataCollection | None
    app_insights: bool
    egress_public_access: bool | None
    model_type: ModelType
    arc: bool


def deployment_properties(
    deployment: Deployment, *, model_id: Any, environment_id: Any | None, env: Mapping[str, Any]
) -> dict[str, Any]:
    """``properties`` of an OnlineDeployment.

    Args:
        deployment: of the endpoint.
        model_id: resource id of the model's version; may be a Pulumi output.
        environment_id: of the environment's version; None: Azure's own for the model's type.
        env: environment variables; values may be Pulumi outputs.
    """
    properties: dict[str, Any] = {
        "endpointComputeType": "Kubernetes" if deployment.arc else "Managed",
        "model": model_id,
        "appInsightsEnabled": deployment.app_insights,
        "requestSettings": request_settings(deployment.request, deployment.model_type),
        "livenessProbe": probe_settings(deployment.liveness),
        "readinessProbe": probe_settings(deployment.readiness),
        "scaleSettings": scale_settings(deployment.scaling) if deployment.arc else {"scaleType": "Default"},
    }
    if environment_id is not None:
        properties["environmentId"] = environment_id
    if deployment.startup is not None:
        properties["startupProbe"] = probe_settings(deployment.startup)
    if env:
        properties["environmentVariables"] = dict(env)
    if deployment.instance_type is not None:
        properties["instanceType"] = deployment.instance_type
    if deployment.egress_public_access is not None:
        properties["egressPublicNetworkAccess"] = "Enabled" if deployment.egress_public_access else "Disabled"
    if deployment.data_collection is not None:
        properties["dataCollector"] = data_collector(deployment.data_collection)
    if deployment.arc and deployment.instance_type is None:
        properties["containerResourceRequirements"] = container_resources(deployment.resources)
    return properties


def environment_variables(env: Mapping[str, Any], secrets: Mapping[str, KeyVaultSecret]) -> dict[str, Any]:
    """``environmentVariables``: of a secret the reference that Azure replaces by its value in the container alone
    ("Access secrets from online deployment using secret injection")."""
    return {**env, **{name: f"${{{{keyvault:{secret.url}}}}}" for name, secret in secrets.items()}}


def request_settings(request: RequestSettings, model_type: ModelType) -> dict[str, Any]:
    """``requestSettings``; times are ISO 8601 durations."""
    usual = QUEUED_BY_TRITON if model_type == "triton_model" else 1
    settings: dict[str, Any] = {
        "maxConcurrentRequestsPerInstance": request.max_concurrent_requests or usual,
        "requestTimeout": duration(request.timeout_seconds),
    }
    if request.max_queue_wait_ms is not None:
        settings["maxQueueWait"] = duration(request.max_queue_wait_ms / 1000)
    return settings


def probe_settings(probe: Probe) -> dict[str, Any]:
    """``startupProbe``, ``livenessProbe`` or ``readinessProbe``."""
    return {
        "initialDelay": duration(probe.initial_delay_seconds),
        "period": duration(probe.period_seconds),
        "timeout": duration(probe.timeout_seconds),
        "successThreshold": probe.success_threshold,
        "failureThreshold": probe.failure_threshold,
    }


def data_collector(collection: DataCollection) -> dict[str, Any]:
    """``dataCollector``; Azure makes a data asset for each collection itself."""
    collected = {"dataCollectionMode": "Enabled", "samplingRate": collection.sampling_percent / 100}
    made: dict[str, Any] = {
        "collections": {name: dict(collected) for name in collection.collections},
        "rollingRate": collection.rolling_rate.capitalize(),
    }
    if collection.capture_headers:
        made["requestLogging"] = {"captureHeaders": list(collection.capture_headers)}
    return made


def scale_settings(scaling: Scaling) -> dict[str, Any]:
    """``scaleSettings`` of a Kubernetes deployment, which its router scales by the share of requests in flight."""
    return {
        "scaleType": "TargetUtilization",
        "minInstances": scaling.min_replicas,
        "maxInstances": scaling.max_replicas,
        "targetUtilizationPercentage": UTILIZATION_PERCENT,
        "pollingInterval": "PT1S",
    }


def container_resources(resources: ServerResources) -> dict[str, Any]:
    """``containerResourceRequirements``: requests and limits are the same, so that nobody takes a neighbour's."""
    asked = {"cpu": f"{resources.cpu:g}", "memory": f"{resources.memory_gib:g}Gi"}
    if resources.gpus:
        asked["gpu"] = str(resources.gpus)
    return {"containerResourceRequests": asked, "containerResourceLimits": dict(asked)}


def duration(seconds: float) -> str:
    """ISO 8601, as ``PT5S`` or ``PT0.5S``."""
    return f"PT{seconds:g}S"
