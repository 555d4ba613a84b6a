"""Containers that a cluster's admission puts beside those of a pod, which no manifest shows."""

from __future__ import annotations

from collections.abc import Mapping

from modelyard.placement.quantity import mebibytes, millicores
from modelyard.placement.requests import Requests

_FUSE = "gke-gcsfuse/"
_FUSE_CPU, _FUSE_MEMORY = "250m", "256Mi"
"""What Cloud Storage FUSE asks for beside a pod that says nothing (gcs-fuse-csi-driver, ``pkg/webhook/config.go``)."""


def injected_requests(annotations: Mapping[str, str]) -> Requests:
    """What containers ask for that the pod's annotations call in; nothing where they call none."""
    if annotations.get(f"{_FUSE}volumes") != "true":
        return Requests()
    cpu = millicores(annotations.get(f"{_FUSE}cpu-request", _FUSE_CPU))
    memory = mebibytes(annotations.get(f"{_FUSE}memory-request", _FUSE_MEMORY))
    return Requests(cpu or 0, memory or 0)
