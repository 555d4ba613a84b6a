"""The InferenceService (``serving.kserve.io/v1beta1``) of one track of a model."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Any

from ...catalog.runtime_formats import RuntimeFormat
from ...environment.kserve import Autoscaler, Companion, DeploymentMode, ModelCache
from ..workload.deployment import deployment
from ..workload.object_store import ObjectStore
from ..workload.probes import pod_start_seconds
from ..workload.server import Port
from ..workload.streamed_weights import OF_WEIGHTS, claim_name, claimed_volumes, is_streamed
from ..workload.workload import Workload
from .autoscaling import autoscaler_annotations, predictor_scaling
from .companion import companion

READY = "condition=Ready"
CONTAINER = "kserve-container"
"""Name that KServe asks of the container that serves."""
STORAGE_CONTAINER = "modelyard"
"""ClusterStorageContainer whose initializer is allowed in restricted namespaces."""
CLAIMED = "kserve-pvc-source"
"""Volume that KServe mounts of a ``pvc://`` URL. It mounts none where the container mounts one of this name
(``pkg/utils/storage.go`` of 0.20), so that ours is mounted where the server looks, folder by folder, and read-only."""
HTTP_SERVICE_PORT = 80
"""Port that KServe gives the first port of the container in its Service; the others keep their numbers."""


@dataclass(frozen=True, slots=True)
class InferenceService:
    """What an InferenceService and the objects around it are made of."""

    workload: Workload
    serves: RuntimeFormat
    protocol: str
    mode: DeploymentMode = "standard"
    autoscaler: Autoscaler = "external"
    is_canary: bool = False
    """Whether it stands beside a stable service and gets a share of its requests."""
    by_storage_uri: bool = False
    """Whether KServe's initializer or its cache brings the model; else our own init container, which checks it."""
    canary_traffic_percent: int | None = None
    """Of the newest Knative revision; None: everything. Never in mode standard, where KServe ignores it."""
    transformer: Companion | None = None
    explainer: Companion | None = None
    model_cache: ModelCache | None = None
    companion_price_basis: str | None = None
    """Of the nodes that take transformer and explainer; None: the workload's own where it has no pool."""
    in_graphs: tuple[str, ...] = ()
    """InferenceGraphs whose routers ask this service."""

    @property
    def name(self) -> str:
        return self.workload.name

    @property
    def companions(self) -> tuple[str, ...]:
        """Which of transformer and explainer there are."""
        found = {"transformer": self.transformer, "explainer": self.explainer}
        return tuple(kind for kind, declared in found.items() if declared is not None)


def inference_service(service: InferenceService, secret_name: Any = None) -> dict[str, Any]:
    """The whole object. Pulumi waits until it is Ready, so that what follows it, as a route, finds its pods.

    KServe copies its labels and annotations to the pods: whatever changes in them replaces every pod, so that nothing
    of a rollout or of the replicas is among them.

    ``secret_name`` names the Secret behind ``workload.secret_env``; it may be a Pulumi output.
    """
    workload = service.workload
    annotations = {
        "serving.kserve.io/deploymentMode": service.mode.capitalize(),
        **autoscaler_annotations(service),
        "pulumi.com/waitFor": _ready_with_pods(service),
        "pulumi.com/timeoutSeconds": str(2 * pod_start_seconds(workload)),
    }
    if service.model_cache is not None:
        annotations["serving.kserve.io/nodegroup"] = service.model_cache.node_groups[0]
    metadata = workload.metadata(annotations=annotations)
    # Nothing but our own route and our own gateway leads to a model, whatever KServe's ingress is set to.
    metadata["labels"] = {**workload.labels, **visibility(service.mode)}
    spec: dict[str, Any] = {"predictor": _predictor(service, secret_name)}
    for name, declared in (("transformer", service.transformer), ("explainer", service.explainer)):
        if declared is not None:
            spec[name] = companion(service, name, declared)
    return {
        "apiVersion": "serving.kserve.io/v1beta1",
        "kind": "InferenceService",
        "metadata": metadata,
        "spec": spec,
    }


def visibility(mode: str) -> dict[str, str]:
    """Labels that keep KServe from exposing a service; each mode has its own."""
    if mode == "knative":
        return {"networking.knative.dev/visibility": "cluster-local"}
    return {"networking.kserve.io/visibility": "cluster-local"}


def runtime_container(service: InferenceService) -> dict[str, Any]:
    """What the ServingRuntime holds of the container: all that the server is, apart from what one model needs."""
    made = pod_template(service)["spec"]["containers"][0]
    kept = ("image", "command", "args", "ports", "startupProbe", "livenessProbe", "readinessProbe", "lifecycle")
    container = {"name": CONTAINER, **{key: made[key] for key in (*kept, "securityContext") if key in made}}
    # KServe makes every port of the container a port of the Service.
    closed = [port.number for port in service.workload.server.ports if port.open_to == "nobody"]
    container["ports"] = [port for port in container["ports"] if port["containerPort"] not in closed]
    if service.mode == "knative":
        # Knative takes one port, and no lifecycle: it drains by itself.
        container.pop("lifecycle", None)
        container["ports"] = [_knative_port(service)]
    return container


def pod_template(service: InferenceService, secret_name: Any = None) -> dict[str, Any]:
    """``metadata`` and ``spec`` of the pods, as a Deployment of ours would have them."""
    return deployment(service.workload, secret_name)["spec"]["template"]


def storage_uri(store: ObjectStore, prefix: str) -> Any:
    """``s3://``, ``gs://`` or ``https://<account>.blob.core.windows.net/`` URL of the folder that holds the model's
    folder; a Pulumi output where a part is one."""
    parts = (*store.url_start(), store.bucket, *((f"/{prefix}",) if prefix else ()))
    if all(isinstance(part, str) for part in parts):
        return "".join(parts)
    from pulumi import Output

    return Output.concat(*parts)


def _predictor(service: InferenceService, secret_name: Any) -> dict[str, Any]:
    template, workload = pod_template(service, secret_name), service.workload
    pod = {key: value for key, value in template["spec"].items() if key not in ("containers", "initContainers")}
    if service.mode == "knative":
        pod.pop("terminationGracePeriodSeconds")
    mounts = template["spec"]["containers"][0]["volumeMounts"]
    model: dict[str, Any] = {
        "modelFormat": {"name": service.serves.kserve_format, "version": service.serves.kserve_version},
        "runtime": workload.name,
        "protocolVersion": service.protocol,
        "env": template["spec"]["containers"][0]["env"],
        "resources": template["spec"]["containers"][0]["resources"],
        "volumeMounts": mounts,
    }
    # A service without a URL is one of many models to KServe, which gives its pods an agent that would fetch them.
    model["storageUri"] = storage_uri(workload.stored.store, workload.stored.prefix)
    if is_streamed(workload):
        # KServe brings nothing where the URL is a claim's: it has no initializer for it.
        model["storageUri"] = f"pvc://{claim_name(workload)}"
        model["volumeMounts"] = [{**each, "name": CLAIMED} if each["name"] in OF_WEIGHTS else each for each in mounts]
        kept = [volume for volume in pod["volumes"] if volume["name"] not in OF_WEIGHTS]
        pod["volumes"] = [*claimed_volumes(workload, CLAIMED), *kept]
    elif service.by_storage_uri:
        model["volumeMounts"] = [mount for mount in mounts if mount["name"] != "models"]
        pod["volumes"] = [volume for volume in pod["volumes"] if volume["name"] not in ("models", "files")]
        pod["storageContainerName"] = STORAGE_CONTAINER
    else:
        # KServe's own initializer stays away where there is a container of its name.
        (download,) = template["spec"]["initContainers"]
        pod["initContainers"] = [{**download, "name": "storage-initializer"}]
    predictor: dict[str, Any] = {
        **pod,
        "labels": template["metadata"]["labels"],
        "annotations": template["metadata"]["annotations"],
        "model": model,
        "timeout": workload.request_timeout_seconds,
        **predictor_scaling(service),
    }
    if service.mode == "standard":
        predictor["deploymentStrategy"] = {"type": "RollingUpdate", "rollingUpdate": _rolling(service)}
    elif service.canary_traffic_percent is not None:
        predictor["canaryTrafficPercent"] = service.canary_traffic_percent
    return predictor


def _ready_with_pods(service: InferenceService) -> str:
    """What Pulumi waits for: Ready, and that KServe has counted a ready pod, which it writes down when there is one.

    KServe calls a service Ready when its Deployment is available: with one replica, of which one may be missing, that
    is at once. Where no pod may be the right number, Ready has to do.
    """
    if service.mode == "knative" or service.workload.scaling.min_replicas == 0:
        return READY
    return json.dumps([READY, "jsonpath={.status.modelStatus.copies.totalCopies}"])


def _rolling(service: InferenceService) -> dict[str, int]:
    """As declared; but of a single replica, and of a canary's, none is ever missing: KServe calls a service Ready when
    its Deployment is available, and where its only pod may be missing that is before there is one."""
    workload = service.workload
    if service.is_canary or workload.first_replicas == 1:
        return {"maxSurge": max(workload.max_surge, 1), "maxUnavailable": 0}
    return {"maxSurge": workload.max_surge, "maxUnavailable": workload.max_unavailable}


def _knative_port(service: InferenceService) -> dict[str, Any]:
    """Knative's names for protocols: ``http1``, and ``h2c`` for gRPC."""
    grpc = service.protocol.startswith("grpc")
    wanted: Port = next(port for port in service.workload.server.ports if (port.name == "grpc") == grpc)
    return {"name": "h2c" if grpc else "http1", "containerPort": wanted.number, "protocol": "TCP"}
