"""What a cluster stands on in its cloud: a provider, a network and, on Azure, a resource group."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

import pulumi

from ..resolve.resolved_pool import ResolvedCpuPool, ResolvedGpuPool


def _nothing(pool: ResolvedGpuPool | ResolvedCpuPool) -> Mapping[str, Any]:
    return {}


@dataclass(frozen=True, slots=True)
class ClusterGround:
    """The same of the three clouds, for the components of capacity."""

    provider: pulumi.ProviderResource
    """Of the cluster's region."""
    cluster: Mapping[str, Any] = field(default_factory=dict)
    """Arguments of ServingCluster that only this cloud has."""
    pool: Callable[[ResolvedGpuPool | ResolvedCpuPool], Mapping[str, Any]] = _nothing
    """The same of GpuNodePool and CpuNodePool."""
