"""What the manifests of one served model are made of: plain, complete, checked."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from ...capacity.software.mesh import Mesh
from ...environment.access import NO_ACCESS, Access
from ...environment.scaling import Scaling
from ...environment.weights import COPIED, Weights
from ...governance.ownership import Ownership
from .identity import NO_IDENTITY, Identity
from .placement import Gateway, Placement, ServerShare
from .server import Server
from .stored_model import StoredModel


@dataclass(frozen=True, slots=True)
class Workload:
    """One model of one department on one cluster, served by a Deployment of ours."""

    name: str
    """Of every object; beside a stable workload a canary has one of its own."""
    model: str
    """As callers name it."""
    ownership: Ownership
    server: Server
    versions: tuple[int, ...]
    """Versions of the model that are served, side by side."""
    stored: StoredModel
    placement: Placement
    share: ServerShare
    scaling: Scaling
    max_surge: int
    max_unavailable: int
    hostname: str | None
    gateway: Gateway
    request_timeout_seconds: int
    priority_class: str | None = None
    env: Mapping[str, str] = field(default_factory=dict)
    secret_env: tuple[str, ...] = ()
    """Names of environment variables whose values a Secret holds."""
    identity: Identity = NO_IDENTITY
    access: Access = NO_ACCESS
    """Who may ask through the gateway, the gateway's own rules included."""
    mesh: Mesh = "none"
    weights: Weights = COPIED
    """How its files come to the pods."""

    @property
    def first_replicas(self) -> int:
        """Pods that a new Deployment waits for, at the most."""
        return max(self.scaling.highest_floor, 1)

    @property
    def namespace(self) -> str:
        return self.ownership.department

    @property
    def labels(self) -> dict[str, str]:
        return {**self.selector, **self.ownership.kubernetes_labels()}

    @property
    def selector(self) -> dict[str, str]:
        """Labels that pods are found by; they never change, since a Deployment's selector cannot."""
        return {"app.kubernetes.io/name": self.server.runtime, "app.kubernetes.io/instance": self.name}

    def metadata(self, name: str | None = None, annotations: Mapping[str, str] | None = None) -> dict[str, Any]:
        """``metadata`` of an object of this workload."""
        metadata: dict[str, Any] = {
            "name": name or self.name,
            "namespace": self.namespace,
            "labels": self.labels,
        }
        if annotations:
            metadata["annotations"] = dict(annotations)
        return metadata
