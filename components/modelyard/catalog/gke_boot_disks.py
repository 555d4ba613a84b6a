"""Which disks the nodes of GKE start from: newer machine series take no persistent disks."""

from __future__ import annotations

from functools import cache

from modelyard.catalog.table import rows

_ELSEWHERE = "pd-balanced"
"""GKE's own default."""


def boot_disk_type(machine_type: str) -> str:
    """``pd-balanced``, or ``hyperdisk-balanced`` where the machine takes no other; of the longest series that fits."""
    fitting = [series for series in _disk_types() if machine_type.startswith(f"{series}-")]
    return _disk_types()[max(fitting, key=len)] if fitting else _ELSEWHERE


@cache
def _disk_types() -> dict[str, str]:
    return {row["machine_series"]: row["disk_type"] for row in rows("gke_boot_disks.csv")}
