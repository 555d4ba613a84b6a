"""The Deployment of a served model (Kubernetes ``apps/v1``)."""

from __future__ import annotations

from typing import Any

from .container import container
from .identity import pod_identity_labels
from .model_download import download_container, files_name, repository_size_limit
from .probes import MIN_READY_SECONDS, pod_start_seconds, termination_grace_seconds
from .served_model import ServedModel

TRITON_USER = 1000
"""uid of ``triton-server``, the user that NVIDIA's images create for running without root."""


def deployment(model: ServedModel, secret_name: Any = None) -> dict[str, Any]:
    """The whole object.

    It has no ``spec.replicas``: that field belongs to the HorizontalPodAutoscaler.
    ``secret_name`` names the Secret behind ``model.secret_env``; it may be a Pulumi output.
    """
    starts_within = pod_start_seconds(model)
    return {
        "apiVersion": "apps/v1",
        "kind": "Deployment",
        "metadata": model.metadata(
            # Pulumi waits for the rollout, which brings one pod after another where nothing may surge.
            annotations={"pulumi.com/timeoutSeconds": str(starts_within * (model.min_replicas + 1))}
        ),
        "spec": {
            "revisionHistoryLimit": 5,
            "progressDeadlineSeconds": starts_within,
            "minReadySeconds": MIN_READY_SECONDS,
            "selector": {"matchLabels": model.selector},
            "strategy": {
                "type": "RollingUpdate",
                "rollingUpdate": {"maxSurge": model.max_surge, "maxUnavailable": model.max_unavailable},
            },
            "template": {
                "metadata": {"labels": pod_labels(model), "annotations": pod_annotations(model)},
                "spec": _pod(model, secret_name),
            },
        },
    }


def pod_labels(model: ServedModel) -> dict[str, str]:
    """Those of every object of the model, and how its pods prove who they are."""
    return {**model.labels, **pod_identity_labels(model.identity)}


def pod_annotations(model: ServedModel) -> dict[str, str]:
    """Where the pod is meant to run and at which price, for placement and costs, and the digest of the model,
    which rolls the pods when the model changes."""
    placement = model.placement
    annotations = {"modelyard.dev/cluster": placement.cluster, "modelyard.dev/artefact-digest": model.stored.digest}
    if placement.pool is not None:
        annotations["modelyard.dev/pool"] = placement.pool
    if placement.price_basis is not None:
        annotations["modelyard.dev/price-basis"] = placement.price_basis
    return annotations


def _pod(model: ServedModel, secret_name: Any) -> dict[str, Any]:
    pod: dict[str, Any] = {
        "serviceAccountName": model.name,
        "automountServiceAccountToken": False,
        "enableServiceLinks": False,
        "terminationGracePeriodSeconds": termination_grace_seconds(model),
        "securityContext": {
            "runAsNonRoot": True,
            "runAsUser": TRITON_USER,
            "runAsGroup": TRITON_USER,
            "fsGroup": TRITON_USER,
            "seccompProfile": {"type": "RuntimeDefault"},
        },
        **_nodes(model),
        "tolerations": _tolerations(model),
        "topologySpreadConstraints": [
            _spread(model, "topology.kubernetes.io/zone"),
            _spread(model, "kubernetes.io/hostname"),
        ],
        "initContainers": [download_container(model)],
        "containers": [container(model, secret_name)],
        "volumes": _volumes(model),
    }
    if model.priority_class is not None:
        pod["priorityClassName"] = model.priority_class
    return pod


def _nodes(model: ServedModel) -> dict[str, Any]:
    pool, overflow = model.placement.pool, model.placement.overflow_pool
    if pool is None:
        return {}
    if overflow is None:
        return {"nodeSelector": {"modelyard.dev/pool": pool}}
    return {
        "affinity": {
            "nodeAffinity": {
                "requiredDuringSchedulingIgnoredDuringExecution": {
                    "nodeSelectorTerms": [{"matchExpressions": [_in_pools(pool, overflow)]}]
                },
                "preferredDuringSchedulingIgnoredDuringExecution": [
                    {"weight": 100, "preference": {"matchExpressions": [_in_pools(pool)]}}
                ],
            }
        }
    }


def _in_pools(*pools: str) -> dict[str, Any]:
    return {"key": "modelyard.dev/pool", "operator": "In", "values": list(pools)}


def _tolerations(model: ServedModel) -> list[dict[str, str]]:
    tolerated = [{"key": "nvidia.com/gpu", "operator": "Exists", "effect": "NoSchedule"}] if model.share.gpus else []
    return tolerated + [
        {"key": key, "operator": "Equal", "value": value, "effect": effect}
        for key, value, effect in model.placement.taints
        if key != "nvidia.com/gpu"
    ]


def _spread(model: ServedModel, topology: str) -> dict[str, Any]:
    """Apart where there is room: a pool with few nodes must still take every replica."""
    return {
        "maxSkew": 1,
        "topologyKey": topology,
        "whenUnsatisfiable": "ScheduleAnyway",
        "labelSelector": {"matchLabels": model.selector},
    }


def _volumes(model: ServedModel) -> list[dict[str, Any]]:
    # No ephemeral-storage request goes with these: cluster-autoscaler believes that a node group of no nodes has
    # none, and would never bring the first one.
    limit = repository_size_limit(model)
    volumes: list[dict[str, Any]] = [
        {"name": "models", "emptyDir": {"sizeLimit": limit} if limit else {}},
        {"name": "shared-memory", "emptyDir": {"medium": "Memory", "sizeLimit": f"{model.share.shared_memory_mib}Mi"}},
        {"name": "scratch", "emptyDir": {}},
    ]
    if (files := files_name(model)) is not None:
        volumes.append({"name": "files", "configMap": {"name": files}})
    return volumes
