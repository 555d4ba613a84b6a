"""What is scaled, and how its metrics are found."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class ScaleTarget:
    """A Deployment of ours, or one that a controller made, with the labels that Prometheus gives its series."""

    name: str
    """Of the Deployment and of its autoscaler."""
    namespace: str
    runtime: str
    """As ``catalog/data/runtime_metrics.csv`` names it; hyphens count as underscores."""
    labels: Mapping[str, str] = field(default_factory=dict)
    """Of the autoscaler."""
    api_version: str = "apps/v1"
    kind: str = "Deployment"
    pods: Mapping[str, str] | None = None
    """Labels of the server's series. None: ``namespace``, and ``service`` with the target's name, as a ServiceMonitor
    sets them."""
    gateway_clusters: str | None = None
    """Regular expression of the names under which the gateway counts inference
    (:func:`modelyard.serving.workload.http_route.inference_clusters`). None: no route, and so nothing that could wake
    the target from zero."""
    adapter_metric: str | None = None
    """Metric of a pod's queue time in milliseconds that prometheus-adapter serves; None: only KEDA can ask."""
    gpus: int = 0
    """Of one replica."""
    start_seconds: int = 0
    """Longest time in which a new pod becomes ready."""

    @property
    def catalogue_runtime(self) -> str:
        return self.runtime.replace("-", "_")

    @property
    def selector(self) -> str:
        """Of the server's series, without braces."""
        pods = {"namespace": self.namespace, "service": self.name} if self.pods is None else self.pods
        return ",".join(f'{label}="{value}"' for label, value in pods.items())

    @property
    def gpu_selector(self) -> str:
        """Of the GPUs' series: the pods of this Deployment and of no other whose name begins alike."""
        return f'namespace="{self.namespace}",pod=~"{re.escape(self.name)}-[a-z0-9]+-[a-z0-9]+"'
