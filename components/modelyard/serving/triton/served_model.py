"""What the manifests of one served model are made of: plain, complete, checked."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from ...governance.ownership import Ownership

HTTP_PORT = 8000
GRPC_PORT = 8001
METRICS_PORT = 8002


@dataclass(frozen=True, slots=True)
class StoredModel:
    """Where the server's model folder lies, and what it must hold.

    ``prefix`` ends without a slash. ``sha256`` maps a path below the prefix to its checksum, for the served
    version only; empty where the files are somebody else's. ``bucket`` may be a Pulumi output.
    """

    bucket: Any
    prefix: str
    region: str
    digest: str
    """Changes when a file changes: rolls the pods."""
    sha256: Mapping[str, str] = field(default_factory=dict)
    size_bytes: int | None = None


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
    version: int
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
    aws_identity: bool = False
    """Whether its pods are given AWS credentials by EKS Pod Identity."""

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
