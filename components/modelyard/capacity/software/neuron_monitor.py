"""AWS Neuron's monitor, which measures Inferentia and Trainium for Prometheus.

Follows "Neuron Monitor User Guide" and its DaemonSet (AWS Neuron documentation, aws-neuron/aws-neuron-sdk
src/k8/k8s-neuron-monitor-daemonset.yml). Metrics name the node and the core, and not the pod that uses it.
"""

from __future__ import annotations

from typing import Any

from ...catalog import accelerators
from ...environment.device import NEURON
from ...governance.ownership import Ownership
from .device_plugin import GPU_TOLERATIONS

NAME = "neuron-monitor"
_NAMESPACE = "kube-system"
_PORT = 8000
_SELECTOR = {"app.kubernetes.io/name": NAME}


def neuron_monitor(ownership: Ownership, image: Any) -> dict[str, Any]:
    """The DaemonSet, on the nodes of pools with Neuron devices. It reads the devices of the whole node, for which it
    has to be privileged."""
    labels = {**ownership.kubernetes_labels(), **_SELECTOR}
    return {
        "apiVersion": "apps/v1",
        "kind": "DaemonSet",
        "metadata": {"name": NAME, "namespace": _NAMESPACE, "labels": labels},
        "spec": {
            "selector": {"matchLabels": _SELECTOR},
            "template": {
                "metadata": {"labels": labels},
                "spec": {
                    "affinity": _on_neuron_nodes(),
                    "tolerations": GPU_TOLERATIONS,
                    "automountServiceAccountToken": False,
                    "enableServiceLinks": False,
                    "containers": [
                        {
                            "name": NAME,
                            "image": image,
                            "command": ["/opt/bin/entrypoint.sh"],
                            "args": ["--port", str(_PORT)],
                            "env": [{"name": "GOMEMLIMIT", "value": "160MiB"}],
                            "ports": [{"name": "metrics", "containerPort": _PORT, "protocol": "TCP"}],
                            "resources": {
                                "requests": {"cpu": "100m", "memory": "128Mi"},
                                "limits": {"memory": "256Mi"},
                            },
                            "securityContext": {"privileged": True},
                        }
                    ],
                },
            },
        },
    }


def neuron_pod_monitor(ownership: Ownership, *, scrape_interval_seconds: int) -> dict[str, Any]:
    """The PodMonitor; what is measured gets the node's name."""
    return {
        "apiVersion": "monitoring.coreos.com/v1",
        "kind": "PodMonitor",
        "metadata": {"name": NAME, "namespace": _NAMESPACE, "labels": ownership.kubernetes_labels()},
        "spec": {
            "selector": {"matchLabels": _SELECTOR},
            "podMetricsEndpoints": [
                {
                    "port": "metrics",
                    "path": "/",
                    "interval": f"{scrape_interval_seconds}s",
                    "relabelings": [{"sourceLabels": ["__meta_kubernetes_pod_node_name"], "targetLabel": "node"}],
                }
            ],
        },
    }


def _on_neuron_nodes() -> dict[str, Any]:
    names = [name for name in accelerators.names() if accelerators.get(name).resource == NEURON]
    expression = {"key": "modelyard.dev/accelerator", "operator": "In", "values": names}
    terms = {"nodeSelectorTerms": [{"matchExpressions": [expression]}]}
    return {"nodeAffinity": {"requiredDuringSchedulingIgnoredDuringExecution": terms}}
