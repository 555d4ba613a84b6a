"""How GKE exchanges the nodes of a node pool.

Follows "UpgradeSettings" of the GKE API reference and "Node upgrade strategies" of the GKE documentation.
"""

from __future__ import annotations

from typing import Any

from ...environment.pool_update import PoolUpdate

_MINUTE_SECONDS = 60


def upgrade_settings(update: PoolUpdate) -> dict[str, Any]:
    """Surge upgrades node by node, or a whole new set first."""
    if update.strategy == "rolling":
        return {
            "strategy": "SURGE",
            "max_surge": update.max_surge or 0,
            "max_unavailable": update.max_unavailable or 0,
        }
    batch: dict[str, Any] = {"batch_node_count": update.max_unavailable or update.max_surge or 1}
    settings: dict[str, Any] = {"standard_rollout_policy": batch}
    if update.soak_minutes is not None:
        settings["node_pool_soak_duration"] = f"{update.soak_minutes * _MINUTE_SECONDS}s"
    return {"strategy": "BLUE_GREEN", "blue_green_settings": settings}


def drain(update: PoolUpdate) -> list[dict[str, Any]] | None:
    """How long pods and their disruption budgets may hold a node; None: GKE's hour."""
    if update.drain_timeout_minutes is None:
        return None
    seconds = f"{update.drain_timeout_minutes * _MINUTE_SECONDS}s"
    return [
        {
            "grace_termination_duration": seconds,
            "pdb_timeout_duration": seconds,
            "respect_pdb_during_node_pool_deletion": True,
        }
    ]
