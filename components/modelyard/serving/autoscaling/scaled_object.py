"""A ScaledObject of KEDA (``keda.sh/v1alpha1``)."""

from __future__ import annotations

from typing import Any

from ...capacity.software.prometheus_stack import PROMETHEUS_URL
from ...environment.scaling import Scaling
from .horizontal_pod_autoscaler import CPU_PERCENT
from .pace import pace
from .scale_target import ScaleTarget
from .signals import Target, query, targets
from .wake_up import demand_trigger

PROMETHEUS_ADDRESS = f"{PROMETHEUS_URL}:9090"
POLLING_SECONDS = 15
"""How often KEDA asks while there is no replica; with replicas Kubernetes asks in its own rhythm, every 15 s."""

_PROCESSORS: dict[str, Any] = {
    "type": "cpu",
    "name": "processors",
    "metricType": "Utilization",
    "metadata": {"value": str(CPU_PERCENT)},
}


def scaled_object(target: ScaleTarget, scaling: Scaling) -> dict[str, Any]:
    """Replicas from what Prometheus answers and from the hours of the week; what asks for most decides.

    KEDA makes a HorizontalPodAutoscaler from it, under the target's name: alerts find it there, and a plain one of an
    earlier deployment is taken over (``transfer-hpa-ownership``), since two would fight. Between zero and one replica
    KEDA decides itself: up when a trigger is active, down when none was for the quiet time, and never sooner than a
    pod may take to start, or a model would fall asleep again before it has woken.

    While there are replicas, a query without an answer holds their number: metrics that are lost look like no load.
    """
    sleeps = scaling.min_replicas == 0
    spec: dict[str, Any] = {
        "scaleTargetRef": {"apiVersion": target.api_version, "kind": target.kind, "name": target.name},
        "minReplicaCount": scaling.min_replicas,
        "maxReplicaCount": scaling.max_replicas,
        "pollingInterval": POLLING_SECONDS,
        "advanced": {"horizontalPodAutoscalerConfig": {"name": target.name, "behavior": pace(scaling)}},
        "triggers": triggers(target, scaling),
    }
    if sleeps:
        quiet_seconds = max(scaling.scale_down_minutes * 60, target.start_seconds)
        spec |= {"cooldownPeriod": quiet_seconds, "initialCooldownPeriod": quiet_seconds}
    return {
        "apiVersion": "keda.sh/v1alpha1",
        "kind": "ScaledObject",
        "metadata": {
            "name": target.name,
            "namespace": target.namespace,
            "labels": dict(target.labels),
            "annotations": {"scaledobject.keda.sh/transfer-hpa-ownership": "true"},
        },
        "spec": spec,
    }


def triggers(target: ScaleTarget, scaling: Scaling) -> list[dict[str, Any]]:
    """Of each target (processor time where there is none), each window of the week, and of the gateway where the
    model may sleep."""
    sleeps = scaling.min_replicas == 0
    wanted = targets(scaling, target)
    found = [_prometheus_trigger(target, each, sleeps=sleeps) for each in wanted] if wanted else [_PROCESSORS]
    if sleeps and target.gateway_clusters is not None:
        found.append(demand_trigger(target.gateway_clusters, PROMETHEUS_ADDRESS))
    for number, window in enumerate(scaling.schedules):
        start, end = window.cron()
        found.append(
            {
                "type": "cron",
                "name": f"window-{number}",
                "metadata": {
                    "timezone": window.timezone,
                    "start": start,
                    "end": end,
                    "desiredReplicas": str(window.min_replicas),
                },
            }
        )
    return found


def _prometheus_trigger(target: ScaleTarget, wanted: Target, *, sleeps: bool) -> dict[str, Any]:
    return {
        "type": "prometheus",
        "name": wanted.signal.replace("_", "-"),
        # A sum is divided by the replicas before it is compared; an average is compared as it is.
        "metricType": "AverageValue" if wanted.per_replica else "Value",
        "metadata": {
            "serverAddress": PROMETHEUS_ADDRESS,
            "query": query(target, wanted.signal),
            "threshold": f"{wanted.value:.10g}",
            # A model that sleeps has no server that could answer; that is no error.
            "ignoreNullValues": "true" if sleeps else "false",
        },
    }
