"""Regions of Vertex AI, and the GPUs that it serves on in each (``data/vertex_regions.csv``,
``data/vertex_accelerators.csv``, ``data/vertex_accelerator_regions.csv``)."""

from __future__ import annotations

from functools import cache

from .table import UnknownName, rows


def names() -> tuple[str, ...]:
    """Regions that Vertex AI has an address in."""
    return tuple(row["region"] for row in rows("vertex_regions.csv"))


def continent(region: str) -> str:
    """``us``, ``europe`` or ``asia``: where the registry of Vertex AI's containers is nearest.

    Raises:
        UnknownName: Vertex AI has no such region.
    """
    found = {row["region"]: row["continent"] for row in rows("vertex_regions.csv")}
    if region not in found:
        raise UnknownName("region of Vertex AI", region, found)
    return found[region]


def accelerators(region: str) -> tuple[str, ...]:
    """GPUs that are known to be had there; empty where no source at hand lists them."""
    return _by_region().get(region, ())


def regions_with(accelerator: str) -> tuple[str, ...]:
    """Regions where that GPU is known to be had."""
    return tuple(region for region, known in _by_region().items() if accelerator in known)


def accelerator_type(accelerator: str) -> str | None:
    """Name of the GPU in the API, for example NVIDIA_L4; None: Vertex AI serves on no such GPU."""
    found = (row["type"] for row in rows("vertex_accelerators.csv") if row["accelerator"] == accelerator)
    return next(found, None)


@cache
def _by_region() -> dict[str, tuple[str, ...]]:
    found: dict[str, list[str]] = {}
    for row in rows("vertex_accelerator_regions.csv"):
        found.setdefault(row["region"], []).append(row["accelerator"])
    return {region: tuple(known) for region, known in found.items()}
