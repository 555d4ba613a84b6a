"""How a model at a managed service is called, and how much of its requests each version answers."""

from __future__ import annotations

from ...environment.rollout import Rollout


def version_name(version: int) -> str:
    """``v3``"""
    return f"v{version}"


def endpoint_name(environment: str, model: str) -> str:
    """``<environment>-<model>``: SageMaker takes 63 characters; whoever takes fewer says so."""
    return f"{environment}-{model}"


def shares_of(rollout: Rollout | None, stable: int) -> dict[int, int]:
    """Percent of the requests by version, the stable one first; they make 100.

    Args:
        rollout: as declared; None: the stable version answers everything.
        stable: the version that serves.
    """
    if rollout is None or rollout.canary is None:
        return {stable: 100}
    return {rollout.stable: 100 - rollout.percent, rollout.canary: rollout.percent}
