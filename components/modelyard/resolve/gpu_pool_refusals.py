"""Combinations that a cloud refuses, known before anything is asked of it."""

from __future__ import annotations

from ..catalog import InstanceType
from ..environment.gpu_pool import GpuPool
from ..environment.target import Cloud
from .finding import Finding
from .gpu_capacity_refusals import refused_capacity
from .gpu_sharing_refusals import refused_sharing, refused_software
from .image_start import refused_image_start
from .node_refusals import refused_for_nodes


def refused_combinations(
    pool: GpuPool, cloud: Cloud, types: tuple[InstanceType, ...], zones: tuple[str, ...]
) -> list[Finding]:
    """What the cloud would say no to, each with its sentence of the reviewed table.

    Args:
        pool: as declared.
        cloud: whose pool it is.
        types: its machines; empty where they could not be decided.
        zones: of the cluster; empty where they are not known.
    """
    return [
        *refused_for_nodes(pool, cloud),
        *refused_capacity(pool, cloud, types, zones),
        *refused_sharing(pool, cloud),
        *refused_image_start(pool, cloud),
        *refused_software(pool, cloud, types),
    ]
