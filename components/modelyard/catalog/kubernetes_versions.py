"""Kubernetes versions that each cloud is known to offer (``data/{eks,gke,aks}_versions.csv``)."""

from __future__ import annotations

from functools import cache

from .table import rows

_TABLES = {"aws": "eks_versions.csv", "gcp": "gke_versions.csv", "azure": "aks_versions.csv"}


@cache
def names(cloud: str) -> tuple[str, ...]:
    """Of one cloud (``aws``, ``gcp``, ``azure``), newest first."""
    return tuple(row["version"] for row in rows(_TABLES[cloud]))
