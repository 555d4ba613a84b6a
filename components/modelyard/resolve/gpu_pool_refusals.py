"""Combinations that a cloud refuses, known before anything is asked of it."""

from __future__ import annotations

from ..catalog import InstanceType
from ..environment.cpu_pool import CpuPool
from ..environment.gpu_pool import GpuPool
from ..environment.target import Cloud
from .finding import Finding


def refused_combinations(
    pool: GpuPool, cloud: Cloud, types: tuple[InstanceType, ...], zones: tuple[str, ...]
) -> list[Finding]:
    """What the cloud would say no to.

    Args:
        pool: as declared.
        cloud: whose pool it is.
        types: its machines; empty where they could not be decided.
        zones: of the cluster; empty where they are not known.
    """
    return []


def refused_for_nodes(pool: GpuPool | CpuPool, cloud: Cloud, zones: tuple[str, ...]) -> list[Finding]:
    """What any pool of nodes may not ask of the cloud."""
    return []
