"""Flagger, which moves the traffic of canaries: values of its chart."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from .priority_class import SERVING
from .prometheus_stack import PROMETHEUS_URL


def flagger_values(*, system_nodes: Mapping[str, str], scrape_interval_seconds: int) -> dict[str, Any]:
    """Follows the chart's values.yaml at the pinned version.

    Two controllers, of which one works while the other waits. Pods are told apart by ``app.kubernetes.io/instance``,
    which is a model's name: by Flagger's default, two models of one runtime would be taken for one. Its custom
    resource definitions stay when the chart goes, and the Canaries with them.
    """
    return {
        "meshProvider": "gatewayapi:v1",
        "metricsServer": f"{PROMETHEUS_URL}:9090",
        "selectorLabels": "app.kubernetes.io/instance",
        "noCrossNamespaceRefs": True,
        "leaderElection": {"enabled": True, "replicaCount": 2},
        "podDisruptionBudget": {"enabled": True, "minAvailable": 1},
        "podMonitor": {"enabled": True, "interval": f"{scrape_interval_seconds}s"},
        "podPriorityClassName": SERVING,
        # The chart asks Linkerd for its proxy, which a namespace that is restricted may not have.
        "podAnnotations": {"linkerd.io/inject": "disabled"},
        "securityContext": {
            "enabled": True,
            "context": {
                "allowPrivilegeEscalation": False,
                "capabilities": {"drop": ["ALL"]},
                "readOnlyRootFilesystem": True,
                "runAsNonRoot": True,
                "runAsUser": 10001,
                "seccompProfile": {"type": "RuntimeDefault"},
            },
        },
        "resources": {"requests": {"cpu": "50m", "memory": "64Mi"}, "limits": {"cpu": "1", "memory": "512Mi"}},
        "nodeSelector": dict(system_nodes),
    }
