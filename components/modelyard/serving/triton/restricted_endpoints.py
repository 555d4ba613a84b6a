"""Endpoints of Triton that change or reveal the server, closed by a key that nobody is told.

Follows "Limit Endpoint Access" of Triton's inference protocol documentation. A request needs the key as a header;
the key is the pod's UID, so that every pod has its own and no Secret has to be kept.
"""

from __future__ import annotations

KEY_VARIABLE = "RESTRICTED_KEY"
"""Environment variable of the container that holds the key."""

ENDPOINTS = ("model-repository", "shared-memory", "trace", "logging")
"""Loading and unloading of models can run code; shared memory reads other requests; trace and logging write
files."""

HEADER = "modelyard-key"
"""Over HTTP this header; over gRPC the metadata ``triton-grpc-protocol-modelyard-key``."""


def arguments() -> list[str]:
    """Arguments of tritonserver; Kubernetes expands ``$(...)`` from the container's environment."""
    names = ",".join(ENDPOINTS)
    return [
        f"--http-restricted-api={names}:{HEADER}=$({KEY_VARIABLE})",
        f"--grpc-restricted-protocol={names}:{HEADER}=$({KEY_VARIABLE})",
    ]
