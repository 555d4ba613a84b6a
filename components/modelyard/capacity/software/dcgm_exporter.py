"""NVIDIA's DCGM exporter, which measures GPUs for Prometheus: values of its chart."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Any

from ...catalog import images
from ...environment.target import Cloud
from .device_plugin import GPU_TOLERATIONS, gpu_affinity

_GKE_DRIVER = "/home/kubernetes/bin/nvidia"
"""Where GKE installs the driver (GKE documentation, "Run GPUs in GKE Standard node pools")."""


def dcgm_exporter_values(
    *,
    scrape_interval_seconds: int,
    cloud: Cloud = "aws",
    mig: bool = False,
    shared: bool = False,
    pod_labels: Sequence[str] = (),
    beside_operator: bool = False,
    claims: bool = False,
) -> dict[str, Any]:
    """Follows the chart's values.yaml at the pinned version. Needs prometheus-operator's ServiceMonitor.

    Namespace, pod and container are found by the kubelet's list of devices. A MIG instance is matched by its UUID,
    which the exporter looks up itself; releases before 4.5 did not (NVIDIA/dcgm-exporter issue 577). The image is newer
    than the chart: release 4.8.3 is the first that takes over labels of pods on MIG instances (pull request 660), and
    that reads ``resource.k8s.io/v1`` (654), without which it waits for ever for a version that Kubernetes 1.34 does not
    serve. GKE's device plugin names devices and not UUIDs, and its driver has to be handed in.

    Args:
        scrape_interval_seconds: how often GPUs are measured.
        cloud: whose nodes they are.
        mig: whether any GPU is cut into instances.
        shared: whether pods share any GPU or instance; every one of them is then named.
        pod_labels: keys of labels that metrics take over from the pods.
        beside_operator: whether the GPU Operator measures the nodes that it looks after.
        claims: whether pods get GPUs by ResourceClaims on any node.
    """
    environment: list[dict[str, str]] = []
    repository, _, tag = images.get("dcgm-exporter").reference.rpartition(":")
    values: dict[str, Any] = {
        "image": {"repository": repository, "tag": tag},
        "affinity": gpu_affinity(left_alone=True) if beside_operator else gpu_affinity(),
        "tolerations": GPU_TOLERATIONS,
        "serviceMonitor": {
            "enabled": True,
            "interval": f"{scrape_interval_seconds}s",
            "scrapeTimeout": f"{min(10, scrape_interval_seconds)}s",
            # Keeps the exporter's labels namespace, pod and container: those of the pod that uses the GPU.
            "honorLabels": True,
        },
        "resources": {"requests": {"cpu": "50m", "memory": "256Mi"}, "limits": {"memory": "512Mi"}},
    }
    if mig:
        environment.append({"name": "NVIDIA_MIG_MONITOR_DEVICES", "value": "all"})
    if shared:
        environment.append({"name": "KUBERNETES_VIRTUAL_GPUS", "value": "true"})
    if cloud == "gcp":
        environment += [
            {"name": "DCGM_EXPORTER_KUBERNETES_GPU_ID_TYPE", "value": "device-name"},
            {"name": "LD_LIBRARY_PATH", "value": "/usr/local/nvidia/lib64"},
        ]
        values |= _on_gke()
    if claims:
        values["kubernetesDRA"] = {"enabled": True}
    if environment:
        values["extraEnv"] = environment
    if pod_labels:
        values["kubernetes"] = {"enablePodLabels": True, "podLabelAllowlistRegex": label_patterns(pod_labels)}
    return values


def label_patterns(keys: Sequence[str]) -> list[str]:
    """Each matches one key and no other."""
    return [f"^{re.escape(key)}$" for key in keys]


def _on_gke() -> dict[str, Any]:
    """The node's driver, and the right to use devices that no device plugin has handed to this pod. The chart's own
    mount of the list of metrics is repeated: Helm replaces lists."""
    counters = "/etc/dcgm-exporter/default-counters.csv"
    return {
        "extraHostVolumes": [{"name": "nvidia-driver", "hostPath": _GKE_DRIVER}],
        "extraVolumeMounts": [
            {"name": "exporter-metrics-volume", "mountPath": counters, "subPath": "default-counters.csv"},
            {"name": "nvidia-driver", "mountPath": "/usr/local/nvidia"},
        ],
        # A privileged container is refused where it says that it may not escalate, as the chart does.
        "securityContext": {"privileged": True, "allowPrivilegeEscalation": True},
    }
