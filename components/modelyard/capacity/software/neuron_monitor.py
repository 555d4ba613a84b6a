"""AWS Neuron's monitor, which measures Inferentia and Trainium for Prometheus.

Follows "Neuron Monitor User Guide" and its DaemonSet (AWS Neuron documentation, aws-neuron/aws-neuron-sdk
src/k8/k8s-neuron-monitor-daemonset.yml). Metrics name the node and the core, and not the pod that uses it.
"""

from __future__ import annotations

from typing import Any

from ...catalog import accelerators
from ...catalog.metrics import metric
from ...environment.device import NEURON
from ...governance.ownership import Ownership
from .device_plugin import GPU_TOLERATIONS

NAME = "neuron-monitor"
_NAMESPACE = "kube-system"
_PORT = 8000
_SELECTOR = {"app.kubernetes.io/name": NAME}
_UNCORRECTED = ("mem_ecc_uncorrected", "sram_ecc_uncorrected")


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


def neuron_rule(ownership: Ownership) -> dict[str, Any]:
    """The PrometheusRule: as of GPUs, what a device reports that no server can answer for. How full its memory is says
    nothing: a compiled model takes what it needs when it is loaded."""
    from ...monitoring.alert import Alert, prometheus_rule

    events = f'{metric("neuron_ecc")}{{event_type=~"{"|".join(_UNCORRECTED)}"}}'
    alert = Alert(
        "NeuronMemoryError",
        f"increase({events}[15m]) > 0",
        "critical",
        "Neuron device {{ $labels.neuron_device_index }} of {{ $labels.node }} reported {{ $labels.event_type }}",
        0,
    )
    return prometheus_rule(
        "neuron", _NAMESPACE, ownership.kubernetes_labels(), [alert], {"department": ownership.department}
    )


def _on_neuron_nodes() -> dict[str, Any]:
    names = [name for name in accelerators.names() if accelerators.get(name).resource == NEURON]
    expression = {"key": "modelyard.dev/accelerator", "operator": "In", "values": names}
    terms = {"nodeSelectorTerms": [{"matchExpressions": [expression]}]}
    return {"nodeAffinity": {"requiredDuringSchedulingIgnoredDuringExecution": terms}}
