"""KServe, which serves InferenceServices and graphs of them: values of its chart, and what scrapes its controller."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ...governance.ownership import Ownership
from .namespaces import KSERVE


def kserve_values(*, system_nodes: Mapping[str, str]) -> dict[str, Any]:
    """Follows values.yaml of the chart ``kserve-resources`` at the pinned version; ``kserve-crd`` takes none.

    Services are Deployments unless they say otherwise, and KServe makes neither routes nor Istio's virtual services:
    our own routes lead to its Services, which are cluster-local. The chart runs one controller, which elects itself
    leader, and has no setting for more, nor for a priority class: while it moves, what serves goes on serving.
    """
    share = {"requests": {"cpu": "100m", "memory": "300Mi"}, "limits": {"cpu": "1", "memory": "1Gi"}}
    return {
        "kserve": {
            "controller": {
                "deploymentMode": "Standard",
                "gateway": {"disableIstioVirtualHost": True},
                "nodeSelector": dict(system_nodes),
                "imagePullPolicy": "IfNotPresent",
                "resources": share,
            },
            "storage": {
                "resources": {
                    "requests": {"cpu": "100m", "memory": "1Gi"},
                    "limits": {"cpu": "1", "memory": "1Gi"},
                },
                "containerSecurityContext": {"seccompProfile": {"type": "RuntimeDefault"}},
            },
        }
    }


def kserve_monitor(ownership: Ownership, *, scrape_interval_seconds: int) -> dict[str, Any]:
    """Scrapes the controller, which asks the API server whether the caller may read metrics. Its certificate is its
    own."""
    return {
        "apiVersion": "monitoring.coreos.com/v1",
        "kind": "ServiceMonitor",
        "metadata": {"name": "kserve-controller", "namespace": KSERVE, "labels": ownership.kubernetes_labels()},
        "spec": {
            "selector": {"matchLabels": {"control-plane": "kserve-controller-manager"}},
            "endpoints": [
                {
                    "port": "https",
                    "scheme": "https",
                    "interval": f"{scrape_interval_seconds}s",
                    "bearerTokenFile": "/var/run/secrets/kubernetes.io/serviceaccount/token",
                    "tlsConfig": {"insecureSkipVerify": True},
                }
            ],
        },
    }
