"""A model on a cluster, before rooms and sizes are known."""

from __future__ import annotations

from dataclasses import dataclass

from ..environment.department import Department
from ..environment.model import Model
from .image import ServerImage
from .repository import ModelRepository
from .resolved import ResolvedCluster, ResolvedGpuPool
from .source import Source


@dataclass(frozen=True, slots=True)
class PlacedModel:
    """What serves one model on one cluster."""

    department: Department
    position: int
    """Among the department's models, from 0."""
    model: Model
    cluster: ResolvedCluster
    pool: ResolvedGpuPool | None
    """None: the cluster's system nodes."""
    overflow: ResolvedGpuPool | None
    image: ServerImage
    source: Source
    repository: ModelRepository
