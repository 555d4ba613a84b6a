"""What the manifests of one served model are made of: plain, complete, checked."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from ...governance.ownership import Ownership
from .identity import NO_IDENTITY, Identity
from .server_options import NO_OPTIONS, ServerOptions
from .stored_model import StoredModel

HTTP_PORT = 8000
GRPC_PORT = 8001
METRICS_PORT = 8002


@dataclass(frozen=True, slots=True)
class Placement:
    """On which nodes the pods may run."""

    cluster: str
    pool: str | None = None
    """Pool of the guaranteed replicas; None: any node without a GPU."""
    overflow_pool: str | None = None
    price_basis: str | None = None
    """``aws/<region>/<instance type>/<on_demand|spot>`` of the pool's first instance type."""
    taints: tuple[tuple[str, str, str], ...] = ()
    """Taints of the pools to tolerate: key, value, effect."""


@dataclass(frozen=True, slots=True)
class ServerShare:
    """What one replica asks of its node."""

    gpus: int
    cpu: float
    memory_gib: float
    shared_memory_mib: int
    mig_profile: str | None = None
    """``gpus`` are slices of this profile, for example ``1g.10gb``; None: whole GPUs."""


@dataclass(frozen=True, slots=True)
class Gateway:
    """The Gateway API gateway that sends requests here."""

    name: str
    namespace: str


@dataclass(frozen=True, slots=True)
class ServedModel:
    """One model of one department on one cluster. ``image`` may be a Pulumi output."""

    name: str
    ownership: Ownership
    image: Any
    versions: tuple[int, ...]
    """Versions of the named model that are served, side by side."""
    stored: StoredModel
    placement: Placement
    share: ServerShare
    min_replicas: int
    max_replicas: int
    target_queue_ms: float
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
    options: ServerOptions = NO_OPTIONS

    @property
    def namespace(self) -> str:
        return self.ownership.department

    @property
    def labels(self) -> dict[str, str]:
        return {**self.selector, **self.ownership.kubernetes_labels()}

    @property
    def selector(self) -> dict[str, str]:
        """Labels that pods are found by; they never change, since a Deployment's selector cannot."""
        return {"app.kubernetes.io/name": "triton", "app.kubernetes.io/instance": self.name}

    def metadata(self, name: str | None = None, annotations: Mapping[str, str] | None = None) -> dict[str, Any]:
        """``metadata`` of an object of this model."""
        metadata: dict[str, Any] = {
            "name": name or self.name,
            "namespace": self.namespace,
            "labels": self.labels,
        }
        if annotations:
            metadata["annotations"] = dict(annotations)
        return metadata
