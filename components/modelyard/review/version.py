"""Which Modelyard made a document."""

from __future__ import annotations


def version() -> str:
    """The installed version; ``unknown`` where the package runs from its sources without being installed."""
    from importlib.metadata import PackageNotFoundError
    from importlib.metadata import version as installed

    try:
        return installed("modelyard")
    except PackageNotFoundError:
        return "unknown"
