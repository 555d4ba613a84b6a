"""Whether NetworkPolicies let traffic through, as cyclonus sees it: an evaluator that is not ours.

The API server stores NetworkPolicies and enforces nothing; a network plug-in would. cyclonus follows the semantics of
networking.k8s.io/v1 and is what the Kubernetes project's own conformance work on policies started from.
"""

from __future__ import annotations

import json
import re
import subprocess
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

from .api import Object

_VERDICT = re.compile(r"\|\s*IS ALLOWED\s*\|\s*(true|false)", re.IGNORECASE)


@dataclass(frozen=True)
class Peer:
    """A pod, or with an empty namespace an address outside the cluster."""

    namespace: str = ""
    labels: dict[str, str] = field(default_factory=dict)
    namespace_labels: dict[str, str] = field(default_factory=dict)
    address: str = "10.40.1.5"

    def traffic(self) -> Object:
        inside = {
            "PodLabels": self.labels,
            "NamespaceLabels": {"kubernetes.io/metadata.name": self.namespace, **self.namespace_labels},
            "Namespace": self.namespace,
        }
        return {"Internal": inside if self.namespace else None, "IP": self.address}


@dataclass(frozen=True)
class Attempt:
    """Somebody opens a connection to a port."""

    source: Peer
    destination: Peer
    port: int
    protocol: str = "TCP"
