"""The ServingRuntime (``serving.kserve.io/v1alpha1``) of one InferenceService."""

from __future__ import annotations

from typing import Any

from .inference_service import InferenceService, runtime_container


def serving_runtime(service: InferenceService) -> dict[str, Any]:
    """Namespaced and for this service alone, by its name.

    A runtime that services share rolls all of their pods when it changes, and the ones that KServe ships have images
    that are years old. Nothing is selected automatically: the InferenceService names it. The protocol in use is the
    first: an InferenceGraph asks a service in the first one that its runtime lists.
    """
    serves, workload = service.serves, service.workload
    protocols = [service.protocol, *(each for each in serves.protocols if each != service.protocol)]
    annotations = {"prometheus.kserve.io/port": str(metrics_port(service)), "prometheus.kserve.io/path": "/metrics"}
    annotations["prometheus.kserve.io/path"] = workload.server.metrics_path
    return {
        "apiVersion": "serving.kserve.io/v1alpha1",
        "kind": "ServingRuntime",
        "metadata": service.workload.metadata(),
        "spec": {
            "annotations": annotations,
            "supportedModelFormats": [
                {"name": serves.kserve_format, "version": serves.kserve_version, "autoSelect": False}
            ],
            "multiModel": False,
            "protocolVersions": protocols,
            "containers": [runtime_container(service)],
        },
    }


def metrics_port(service: InferenceService) -> int:
    """The port that Prometheus scrapes: one of its own, or the one of HTTP requests."""
    ports = service.workload.server.ports
    return next((port.number for port in ports if port.name == "metrics"), ports[0].number)
