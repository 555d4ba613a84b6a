"""Argo Rollouts, which moves the traffic of canaries: values of its chart, with its plugin for Gateway API."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ...catalog import chart_plugins
from .priority_class import SERVING

PLUGIN = "argoproj-labs/gatewayAPI"
"""Name by which Rollouts ask for the plugin."""
_OTHER_PROVIDERS = (
    "istio",
    "smi",
    "ambassador",
    "awsLoadBalancerController",
    "awsAppMesh",
    "traefik",
    "apisix",
    "contour",
    "glooPlatform",
)
_KUBERNETES_ARCHITECTURE = {"x86_64": "amd64", "arm64": "arm64"}


def argo_rollouts_values(
    *, system_nodes: Mapping[str, str], architecture: chart_plugins.Architecture
) -> dict[str, Any]:
    """Follows the chart's values.yaml at the pinned version.

    The controller fetches the plugin when it starts, refuses a file with another checksum, and runs it as a process of
    its own; so its nodes need a way to the plugin's address. It may change routes of Gateway API and of no other kind.

    Args:
        system_nodes: labels of the nodes that it runs on.
        architecture: of those nodes, which the plugin is built for.
    """
    plugin = chart_plugins.get(PLUGIN, architecture)
    return {
        "controller": {
            "replicas": 2,
            "nodeSelector": {**system_nodes, "kubernetes.io/arch": _KUBERNETES_ARCHITECTURE[architecture]},
            "priorityClassName": SERVING,
            "resources": {"requests": {"cpu": "50m", "memory": "128Mi"}, "limits": {"memory": "512Mi"}},
            "metrics": {"enabled": True, "serviceMonitor": {"enabled": True}},
            "pdb": {"enabled": True, "maxUnavailable": 1},
            "trafficRouterPlugins": [{"name": PLUGIN, "location": plugin.location, "sha256": plugin.sha256}],
        },
        "providerRBAC": {
            "enabled": True,
            "providers": {**{name: False for name in _OTHER_PROVIDERS}, "gatewayAPI": True},
        },
    }
