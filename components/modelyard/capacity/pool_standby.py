"""Limits of a pool that change by the clock where its cloud has no schedules: pods that keep nodes, and CronJobs that
say how many.

Everything is in a namespace of the pool's own, so that a pool brings what it needs to any cluster, and the account of
the CronJobs may scale that one Deployment and nothing else.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any

import pulumi

from ..catalog import images
from ..governance.ownership import Ownership
from ..governance.pod_security import RESTRICTED, restricted_pod
from ..resolve.pool_standby import PoolStandby, StandbyTime
from .software.kubernetes_object import declare
from .software.namespaces import namespace

STANDBY = "modelyard.dev/standby"
"""Label of the Deployment, its pods and its CronJobs, with the pool's name."""
NODES = "modelyard.dev/standby-nodes"
"""Annotation of a CronJob: how many pods stand by from its time on. The placement proof and the estimate read both."""
_SCALER = "scaler"
_DEPLOYMENT = "standby"
_PRIORITY = -10
"""The lowest for which node autoscalers bring and keep nodes; every pod without a class is above it."""
_DEADLINE_SECONDS = 600
"""A schedule that could not start for so long, or whose job has not ended by then, is left out: the next one counts."""
_USER = 65532
_CONTAINER: dict[str, Any] = {
    "imagePullPolicy": "IfNotPresent",
    "securityContext": RESTRICTED,
}
_POD: dict[str, Any] = {
    "enableServiceLinks": False,
    "securityContext": restricted_pod(_USER),
}


def declare_standby(
    name: str,
    standby: PoolStandby,
    ownership: Ownership,
    *,
    after: Sequence[pulumi.Resource],
    parent: pulumi.Resource,
) -> None:
    """Through the Kubernetes provider of the component, once its nodes can come.

    Args:
        name: of the component; the beginning of every resource's name.
        standby: what is decided.
        ownership: who pays for the nodes.
        after: what brings the nodes.
        parent: the component.
    """
    first, *rest = standby_manifests(standby, ownership)
    place = declare(f"{name}-standby", first, pulumi.ResourceOptions(parent=parent))
    # What the CronJobs need goes after them, so that none starts that cannot do its work.
    made: list[pulumi.Resource] = [place]
    for manifest in rest:
        kind = manifest["kind"]
        # The number of pods is the schedules' from then on (docs/field-owners.md).
        owned_by_schedules = ["spec.replicas"] if kind == "Deployment" else None
        opts = pulumi.ResourceOptions(
            parent=parent,
            depends_on=[*made, *(after if kind == "Deployment" else ())],
            ignore_changes=owned_by_schedules,
        )
        suffix = manifest["metadata"]["name"] if kind in ("CronJob", "NetworkPolicy") else "standby"
        resource = declare(f"{name}-{suffix}", manifest, opts)
        if kind != "CronJob":
            made.append(resource)


def standby_manifests(standby: PoolStandby, ownership: Ownership) -> list[dict[str, Any]]:
    """The namespace first, the CronJobs last."""
    labels = ownership.kubernetes_labels()
    return [
        namespace(standby.namespace, "restricted", ownership),
        *_network_policies(standby, labels),
        {
            "apiVersion": "scheduling.k8s.io/v1",
            "kind": "PriorityClass",
            "metadata": {"name": standby.namespace, "labels": labels},
            "value": _PRIORITY,
            "globalDefault": False,
            "preemptionPolicy": "Never",
            "description": f"Pods that keep nodes of pool {standby.pool} by the clock and make room for all others",
        },
        _deployment(standby, labels),
        *_rights(standby, labels),
        *(_cron_job(standby, time, labels) for time in standby.times),
    ]


def _network_policies(standby: PoolStandby, labels: dict[str, str]) -> list[dict[str, Any]]:
    """Nothing goes in or out but what asks the API server, whose address no policy can name."""

    def policy(name: str, spec: dict[str, Any]) -> dict[str, Any]:
        return {
            "apiVersion": "networking.k8s.io/v1",
            "kind": "NetworkPolicy",
            "metadata": {"name": name, "namespace": standby.namespace, "labels": labels},
            "spec": spec,
        }

    ports = [{"protocol": "TCP", "port": port} for port in (443, 6443)]
    return [
        policy("default-deny", {"podSelector": {}, "policyTypes": ["Ingress", "Egress"]}),
        policy(
            _SCALER,
            {
                "podSelector": {"matchLabels": {"app.kubernetes.io/name": _SCALER}},
                "policyTypes": ["Egress"],
                "egress": [{"ports": ports}],
            },
        ),
    ]


def _deployment(standby: PoolStandby, labels: dict[str, str]) -> dict[str, Any]:
    selector = {STANDBY: standby.pool}
    return {
        "apiVersion": "apps/v1",
        "kind": "Deployment",
        "metadata": {
            "name": _DEPLOYMENT,
            "namespace": standby.namespace,
            "labels": {**labels, **selector},
            # Pods wait for nodes, and spot nodes may not come at all.
            "annotations": {"pulumi.com/skipAwait": "true"},
        },
        "spec": {
            "replicas": standby.first_nodes,
            "revisionHistoryLimit": 2,
            # Beside old pods new ones would bring as many nodes again.
            "strategy": {"type": "Recreate"},
            "selector": {"matchLabels": selector},
            "template": {
                "metadata": {
                    "labels": {**labels, **selector, "app.kubernetes.io/name": _DEPLOYMENT},
                    "annotations": {
                        "modelyard.dev/cluster": standby.cluster,
                        "modelyard.dev/pool": standby.pool,
                    },
                },
                "spec": {
                    **_POD,
                    "nodeSelector": dict(standby.node_selector),
                    "tolerations": [_toleration(*taint) for taint in standby.taints],
                    "affinity": {
                        "podAntiAffinity": {
                            "requiredDuringSchedulingIgnoredDuringExecution": [
                                {"labelSelector": {"matchLabels": selector}, "topologyKey": "kubernetes.io/hostname"}
                            ]
                        }
                    },
                    "priorityClassName": standby.namespace,
                    "automountServiceAccountToken": False,
                    "terminationGracePeriodSeconds": 1,
                    "containers": [
                        {
                            "name": "rest",
                            "image": images.get("pause").pinned,
                            "resources": {"requests": {"cpu": "1m", "memory": "8Mi"}, "limits": {"memory": "16Mi"}},
                            **_CONTAINER,
                        }
                    ],
                },
            },
        },
    }


def _toleration(key: str, value: str, effect: str) -> dict[str, str]:
    return {"key": key, "operator": "Equal", "value": value, "effect": effect}


def _rights(standby: PoolStandby, labels: dict[str, str]) -> list[dict[str, Any]]:
    """To read and set the number of those pods."""
    metadata = {"name": _SCALER, "namespace": standby.namespace, "labels": labels}
    group = "rbac.authorization.k8s.io"
    return [
        {"apiVersion": "v1", "kind": "ServiceAccount", "metadata": metadata, "automountServiceAccountToken": False},
        {
            "apiVersion": f"{group}/v1",
            "kind": "Role",
            "metadata": metadata,
            "rules": [
                {
                    "apiGroups": ["apps"],
                    "resources": ["deployments/scale"],
                    "resourceNames": [_DEPLOYMENT],
                    "verbs": ["get", "patch"],
                }
            ],
        },
        {
            "apiVersion": f"{group}/v1",
            "kind": "RoleBinding",
            "metadata": metadata,
            "roleRef": {"apiGroup": group, "kind": "Role", "name": _SCALER},
            "subjects": [{"kind": "ServiceAccount", "name": _SCALER, "namespace": standby.namespace}],
        },
    ]


def _cron_job(standby: PoolStandby, time: StandbyTime, labels: dict[str, str]) -> dict[str, Any]:
    marks = {**labels, "app.kubernetes.io/name": _SCALER}
    return {
        "apiVersion": "batch/v1",
        "kind": "CronJob",
        "metadata": {
            "name": time.name,
            "namespace": standby.namespace,
            "labels": {**labels, STANDBY: standby.pool},
            "annotations": {NODES: str(time.nodes)},
        },
        "spec": {
            "schedule": time.recurrence,
            "timeZone": time.timezone,
            "concurrencyPolicy": "Replace",
            "startingDeadlineSeconds": _DEADLINE_SECONDS,
            "successfulJobsHistoryLimit": 1,
            "failedJobsHistoryLimit": 1,
            "jobTemplate": {
                "metadata": {"labels": marks},
                "spec": {
                    "backoffLimit": 6,
                    "activeDeadlineSeconds": _DEADLINE_SECONDS,
                    "template": {
                        "metadata": {"labels": marks},
                        "spec": {
                            **_POD,
                            "serviceAccountName": _SCALER,
                            "automountServiceAccountToken": True,
                            "restartPolicy": "Never",
                            "nodeSelector": {"kubernetes.io/os": "linux"},
                            # System nodes of AKS may be closed to all but the cluster's own pods.
                            "tolerations": [{"key": "CriticalAddonsOnly", "operator": "Exists"}],
                            "containers": [_scaler(standby, time)],
                        },
                    },
                },
            },
        },
    }


def _scaler(standby: PoolStandby, time: StandbyTime) -> dict[str, Any]:
    return {
        "name": _SCALER,
        "image": images.get("kubectl").pinned,
        "command": ["/bin/kubectl"],
        "args": [
            "patch",
            "deployment",
            _DEPLOYMENT,
            f"--namespace={standby.namespace}",
            "--subresource=scale",
            "--type=merge",
            f"--patch={json.dumps({'spec': {'replicas': time.nodes}})}",
        ],
        "resources": {"requests": {"cpu": "10m", "memory": "64Mi"}, "limits": {"memory": "256Mi"}},
        **_CONTAINER,
    }
