"""Kubernetes objects of a model that KServe serves, around its InferenceServices, in the order of their making."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from ...environment.rollout import Rollout
from ..workload.gpu_claim import claim_template
from ..workload.identity import account_annotations
from ..workload.model_download import files_config_map
from ..workload.pod_disruption_budget import pod_disruption_budget
from ..workload.settings_files import settings_config_map
from ..workload.streamed_weights import stream_objects
from ..workload.workload import Workload
from .autoscaling import external_autoscaler
from .companion import companion_autoscaler, companion_budget
from .http_route import routing
from .inference_service import InferenceService
from .model_cache import model_cache
from .network_policy import network_policies
from .serving_runtime import serving_runtime


@dataclass(frozen=True, slots=True)
class Tracks:
    """One model: its stable InferenceService, and the canary's where there is one."""

    workload: Workload
    """Of the model, with its hostname."""
    stable: InferenceService
    canary: InferenceService | None = None
    """None in mode knative too, where the canary is a revision."""
    rollout: Rollout | None = None


def before_pods(service: InferenceService) -> list[dict[str, Any]]:
    """What must be there when the first pod of a track starts."""
    workload = service.workload
    held = [settings_config_map(workload), model_cache(service), claim_template(workload)]
    if not service.by_storage_uri:
        held.insert(0, files_config_map(workload))
    return [
        service_account(service),
        *(manifest for manifest in held if manifest is not None),
        *stream_objects(workload, claimed=True),
        *network_policies(service),
        pod_disruption_budget(workload),
        *(companion_budget(service, kind) for kind in service.companions),
        serving_runtime(service),
    ]


def service_account(service: InferenceService) -> dict[str, Any]:
    """Who the predictor's pods are to the cloud of their model store."""
    return {
        "apiVersion": "v1",
        "kind": "ServiceAccount",
        "metadata": service.workload.metadata(annotations=account_annotations(service.workload.identity)),
        "automountServiceAccountToken": False,
    }


def after_pods(service: InferenceService) -> list[dict[str, Any]]:
    """What scales a track's Deployments once KServe has made them."""
    made = external_autoscaler(service)
    if made is None:
        return []
    declared = (("transformer", service.transformer), ("explainer", service.explainer))
    return [made, *(companion_autoscaler(service, kind, each) for kind, each in declared if each is not None)]


def after_tracks(tracks: Tracks) -> tuple[dict[str, Any], dict[str, Any]] | None:
    """What leads to the pods, applied when both tracks are Ready: HTTPRoute and BackendTrafficPolicy."""
    return routing(tracks.workload, tracks.stable, tracks.canary, tracks.rollout)
