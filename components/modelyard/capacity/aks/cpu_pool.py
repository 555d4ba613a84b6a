"""A pool of nodes without GPUs on AKS."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pulumi

from ...governance.ownership import Ownership
from ...resolve.resolved_pool import ResolvedCpuPool
from ..made_pool import MadePool
from .agent_pool import agent_pool


def aks_cpu_pool(
    name: str, pool: ResolvedCpuPool, args: Mapping[str, Any], *, ownership: Ownership, parent: pulumi.Resource
) -> MadePool:
    """One agent pool. Arguments as of :func:`~modelyard.capacity.aks.agent_pool.agent_pool`."""
    return agent_pool(name, "CpuNodePool", pool, args, {"os_disk_type": "Managed"}, ownership=ownership, parent=parent)
