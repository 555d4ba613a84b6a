"""The alphabets and lengths of names that people and other systems type."""

from __future__ import annotations

from typing import Annotated

from pydantic import AfterValidator, StringConstraints, WithJsonSchema

from ..catalog import accelerators
from .known_name import refusal, unknown
from .patterns import NAME_PATTERN

__all__ = [
    "CPU",
    "NAME_PATTERN",
    "AcceleratorName",
    "ClusterName",
    "DepartmentName",
    "EnvironmentName",
    "ModelName",
    "PoolName",
    "reserved_department",
]

EnvironmentName = Annotated[str, StringConstraints(pattern=NAME_PATTERN, max_length=20)]
"""Lower-case letters, digits and hyphens, at most 20: it prefixes cluster, bucket and role names."""

ClusterName = Annotated[str, StringConstraints(pattern=NAME_PATTERN, max_length=20)]
"""With the environment's name before it the EKS cluster name, which tags and role names repeat."""

PoolName = Annotated[str, StringConstraints(pattern=NAME_PATTERN, max_length=24)]
"""A node group is named <environment>-<cluster>-<pool>; AWS allows 63 characters."""

DepartmentName = Annotated[str, StringConstraints(pattern=NAME_PATTERN, max_length=40)]
"""Also the Kubernetes namespace and the stack's suffix."""

ModelName = Annotated[str, StringConstraints(pattern=NAME_PATTERN, max_length=40)]
"""Also the name of Deployment, Service and HTTPRoute; Kubernetes allows 63 with their suffixes."""

_RESERVED_DEPARTMENTS = frozenset(
    (
        "all", "cert-manager", "default", "envoy-gateway-system", "foundation", "gateway-system", "idle", "kube",
        "modelyard", "monitoring", "platform", "shared", "unallocated",
    )
)  # fmt: skip


def reserved_department(name: str) -> bool:
    """Whether the name is a layer's, a namespace's that the platform or Kubernetes owns, or a cost line's."""
    return name in _RESERVED_DEPARTMENTS or name.startswith(("kube-", "modelyard-standby-"))


def _known_accelerator(name: str) -> str:
    if name not in accelerators.names():
        raise refusal(unknown("a known accelerator", name, accelerators.names()))
    return name


AcceleratorName = Annotated[
    str,
    AfterValidator(_known_accelerator),
    WithJsonSchema({"type": "string", "enum": list(accelerators.names())}),
]
"""An accelerator of the catalogue: T4, L4, A10G, ..."""

CPU = "cpu"
"""Where a model executes that uses no accelerator."""


def _known_processor(name: str) -> str:
    if name != CPU and name not in accelerators.names():
        raise refusal(unknown("a known accelerator or cpu", name, (*accelerators.names(), CPU)))
    return name


ProcessorName = Annotated[
    str,
    AfterValidator(_known_processor),
    WithJsonSchema({"type": "string", "enum": [*accelerators.names(), CPU]}),
]
"""An accelerator of the catalogue, or ``cpu``."""
