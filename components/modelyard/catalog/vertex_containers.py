"""Vertex AI's own serving containers (``data/vertex_prebuilt_containers.csv``)."""

from __future__ import annotations

from . import vertex_regions
from .table import rows


def container_names() -> tuple[str, ...]:
    """``sklearn-cpu.1-6`` and the like: framework, processor and version of the framework."""
    return tuple(row["name"] for row in rows("vertex_prebuilt_containers.csv"))


def container_image(name: str, region: str) -> str:
    """Reference of the image on the region's continent.

    Vertex AI takes these images by the tag ``latest`` alone, and copies the image when a model is uploaded ("Prebuilt
    containers for inference and explanation").

    Raises:
        UnknownName: Vertex AI has no such region.
    """
    return f"{vertex_regions.continent(region)}-docker.pkg.dev/vertex-ai/prediction/{name}:latest"
