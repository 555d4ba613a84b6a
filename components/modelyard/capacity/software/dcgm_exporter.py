"""NVIDIA's DCGM exporter, which measures GPUs for Prometheus: values of its chart."""

from __future__ import annotations

from typing import Any

from .device_plugin import GPU_AFFINITY, GPU_TOLERATIONS


def dcgm_exporter_values(*, scrape_interval_seconds: int) -> dict[str, Any]:
    """Follows the chart's values.yaml at the pinned version. Needs prometheus-operator's ServiceMonitor."""
    return {
        "affinity": GPU_AFFINITY,
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
