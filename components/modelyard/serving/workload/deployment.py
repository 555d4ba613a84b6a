"""The Deployment of a workload (Kubernetes ``apps/v1``)."""

from __future__ import annotations

from typing import Any

from ...environment.device import TAINT_OF
from ...governance.pod_security import restricted_pod
from .container import container
from .gpu_claim import pod_claims
from .identity import pod_identity_labels
from .model_download import download_container, files_name, repository_size_limit
from .probes import MIN_READY_SECONDS, pod_start_seconds, termination_grace_seconds
from .settings_files import settings_name
from .streamed_weights import is_streamed, pod_volumes, stream_annotations
from .workload import Workload


def deployment(workload: Workload, secret_name: Any = None) -> dict[str, Any]:
    """The whole object.

    It has no ``spec.replicas``: that field belongs to the HorizontalPodAutoscaler.
    ``secret_name`` names the Secret behind ``workload.secret_env``; it may be a Pulumi output.
    """
    starts_within = pod_start_seconds(workload)
    return {
        "apiVersion": "apps/v1",
        "kind": "Deployment",
        "metadata": workload.metadata(
            # Pulumi waits for the rollout, which brings one pod after another where nothing may surge.
            annotations={"pulumi.com/timeoutSeconds": str(starts_within * (workload.first_replicas + 1))}
        ),
        "spec": {
            "revisionHistoryLimit": 5,
            "progressDeadlineSeconds": starts_within,
            "minReadySeconds": MIN_READY_SECONDS,
            "selector": {"matchLabels": workload.selector},
            "strategy": {
                "type": "RollingUpdate",
                "rollingUpdate": {"maxSurge": workload.max_surge, "maxUnavailable": workload.max_unavailable},
            },
            "template": {
                "metadata": {"labels": pod_labels(workload), "annotations": pod_annotations(workload)},
                "spec": _pod(workload, secret_name),
            },
        },
    }


def pod_labels(workload: Workload) -> dict[str, str]:
    """Those of every object of the model, and how its pods prove who they are."""
    return {**workload.labels, **pod_identity_labels(workload.identity)}


def pod_annotations(workload: Workload) -> dict[str, str]:
    """Where the pod is meant to run and at which price, for placement and costs, and the digest of the model,
    which rolls the pods when the model changes."""
    placement = workload.placement
    annotations = {"modelyard.dev/cluster": placement.cluster, "modelyard.dev/artefact-digest": workload.stored.digest}
    if placement.pool is not None:
        annotations["modelyard.dev/pool"] = placement.pool
    if placement.price_basis is not None:
        annotations["modelyard.dev/price-basis"] = placement.price_basis
    if workload.share.gpus and workload.share.gpu_memory_mib is not None:
        annotations["modelyard.dev/gpu-memory-mib"] = str(workload.share.gpu_memory_mib)
    return {**annotations, **stream_annotations(workload)}


def _pod(workload: Workload, secret_name: Any) -> dict[str, Any]:
    pod: dict[str, Any] = {
        "serviceAccountName": workload.name,
        "automountServiceAccountToken": False,
        "enableServiceLinks": False,
        "terminationGracePeriodSeconds": termination_grace_seconds(workload),
        "securityContext": restricted_pod(workload.server.user, owns_volumes=True),
        **_nodes(workload),
        "tolerations": _tolerations(workload),
        "topologySpreadConstraints": [
            _spread(workload, "topology.kubernetes.io/zone"),
            _spread(workload, "kubernetes.io/hostname"),
        ],
        **({} if is_streamed(workload) else {"initContainers": [download_container(workload)]}),
        "containers": [container(workload, secret_name)],
        "volumes": _volumes(workload),
    }
    if claimed := pod_claims(workload):
        pod["resourceClaims"] = claimed
    if workload.priority_class is not None:
        pod["priorityClassName"] = workload.priority_class
    return pod


def _nodes(workload: Workload) -> dict[str, Any]:
    pool, overflow = workload.placement.pool, workload.placement.overflow_pool
    labels = dict(workload.placement.node_labels)
    if pool is None:
        return {}
    if overflow is None:
        return {"nodeSelector": {"modelyard.dev/pool": pool, **_compute_class(workload), **labels}}
    return {
        **({"nodeSelector": labels} if labels else {}),
        "affinity": {
            "nodeAffinity": {
                "requiredDuringSchedulingIgnoredDuringExecution": {
                    "nodeSelectorTerms": [{"matchExpressions": [_in_pools(pool, overflow)]}]
                },
                "preferredDuringSchedulingIgnoredDuringExecution": [
                    {"weight": 100, "preference": {"matchExpressions": [_in_pools(pool)]}}
                ],
            }
        },
    }


def _compute_class(workload: Workload) -> dict[str, str]:
    """GKE starts nodes of a ComputeClass for pods that ask for it by this label alone; its taint has the same name."""
    return {key: value for key, value, _ in workload.placement.taints if key == "cloud.google.com/compute-class"}


def _in_pools(*pools: str) -> dict[str, Any]:
    return {"key": "modelyard.dev/pool", "operator": "In", "values": list(pools)}


def _tolerations(workload: Workload) -> list[dict[str, str]]:
    own = TAINT_OF[workload.share.device]
    tolerated = [{"key": own, "operator": "Exists", "effect": "NoSchedule"}] if workload.share.gpus else []
    return tolerated + [
        {"key": key, "operator": "Equal", "value": value, "effect": effect}
        for key, value, effect in workload.placement.taints
        if key != own
    ]


def _spread(workload: Workload, topology: str) -> dict[str, Any]:
    """Apart where there is room: a pool with few nodes must still take every replica."""
    return {
        "maxSkew": 1,
        "topologyKey": topology,
        "whenUnsatisfiable": "ScheduleAnyway",
        "labelSelector": {"matchLabels": workload.selector},
    }


def _volumes(workload: Workload) -> list[dict[str, Any]]:
    # No ephemeral-storage request goes with these: cluster-autoscaler believes that a node group of no nodes has
    # none, and would never bring the first one.
    limit = repository_size_limit(workload)
    copied = {"name": "models", "emptyDir": {"sizeLimit": limit} if limit else {}}
    volumes: list[dict[str, Any]] = [
        *(pod_volumes(workload) if is_streamed(workload) else [copied]),
        {
            "name": "shared-memory",
            "emptyDir": {"medium": "Memory", "sizeLimit": f"{workload.share.shared_memory_mib}Mi"},
        },
        {"name": "scratch", "emptyDir": {}},
    ]
    if (files := files_name(workload)) is not None:
        volumes.append({"name": "files", "configMap": {"name": files}})
    if (settings := settings_name(workload)) is not None:
        volumes.append({"name": "settings", "configMap": {"name": settings}})
    return volumes
