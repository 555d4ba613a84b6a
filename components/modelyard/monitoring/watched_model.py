"""How a resolved model is watched: its entry among the arguments of
:class:`~modelyard.monitoring.monitoring.Monitoring`."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from .monitoring import thresholds

if TYPE_CHECKING:
    from ..resolve.resolved import ResolvedModel


def watched_model(model: ResolvedModel) -> dict[str, Any]:
    """By the thresholds that its department declares, whoever serves it. Beside a rollout no model sleeps."""
    declared = model.declared
    rollout = declared.rollout
    entry = thresholds(
        declared.name,
        declared.alerts,
        max_replicas=model.max_replicas,
        p99_ms=declared.objective.p99_ms if declared.objective else None,
        sleeps=declared.scaling.min_replicas == 0 and rollout is None,
    )
    entry["runtime"] = declared.runtime
    if declared.kserve is not None:
        told = declared.kserve
        entry |= {"server": told.server, "knative": told.mode == "knative", "transformer": told.transformer is not None}
        if told.autoscaler is not None:
            entry["autoscaler"] = told.autoscaler
    if declared.seldon is not None:
        entry["server"] = declared.seldon.server
        if declared.seldon.shared_server is not None:
            entry["shared_server"] = declared.seldon.shared_server
    if rollout is not None:
        entry |= {"stable": rollout.stable, "rollout_by": rollout.by}
        if rollout.canary is not None:
            entry["canary"] = rollout.canary
    return entry
