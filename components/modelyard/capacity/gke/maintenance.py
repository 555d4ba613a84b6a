"""When GKE may upgrade a cluster and exchange its nodes by itself.

Follows "MaintenancePolicy" of the GKE API reference and "Maintenance windows and exclusions" of the GKE documentation.
"""

from __future__ import annotations

from datetime import date, datetime, timedelta
from typing import Any

from ...environment.gke import Gke, MaintenanceExclusion

_DAILY_HOURS = 4
"""Of a daily window, which has no other length."""
_LONG_AGO = "2026-01-01"
"""A recurring window needs a first day."""


def maintenance_policy(gke: Gke) -> dict[str, Any]:
    """As ``maintenance_policy`` of a cluster."""
    policy: dict[str, Any] = {}
    if gke.maintenance_days or gke.maintenance_hours != _DAILY_HOURS:
        policy["recurring_window"] = _recurring(gke)
    else:
        policy["daily_maintenance_window"] = {"start_time": gke.maintenance_start}
    if gke.maintenance_exclusions:
        policy["maintenance_exclusions"] = [_exclusion(each) for each in gke.maintenance_exclusions]
    return policy


def _recurring(gke: Gke) -> dict[str, str]:
    start = datetime.fromisoformat(f"{_LONG_AGO}T{gke.maintenance_start}:00")
    days = ",".join(day[:2].upper() for day in dict.fromkeys(gke.maintenance_days))
    return {
        "start_time": f"{start.isoformat()}Z",
        "end_time": f"{(start + timedelta(hours=gke.maintenance_hours)).isoformat()}Z",
        "recurrence": f"FREQ=WEEKLY;BYDAY={days}" if days else "FREQ=DAILY",
    }


def _exclusion(declared: MaintenanceExclusion) -> dict[str, Any]:
    after = date.fromisoformat(declared.last_day) + timedelta(days=1)
    return {
        "exclusion_name": declared.name,
        "start_time": f"{declared.first_day}T00:00:00Z",
        "end_time": f"{after.isoformat()}T00:00:00Z",
        "exclusion_options": {"scope": declared.scope.upper()},
    }
