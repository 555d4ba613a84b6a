"""What GKE may do to a cluster by itself, and when: GKE wants 48 hours for it in every 92 days."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from modelyard.environment.cluster import ApiAccess
from modelyard.environment.gke import Gke
from pydantic import ValidationError

from .folder import PLATFORM, lines, write


def left_alone(*days: tuple[str, str], **settings: Any) -> str | None:
    """What is wrong with these days without upgrades; None: nothing."""
    exclusions = [
        {"name": f"sale-{number}", "first_day": first, "last_day": last} for number, (first, last) in enumerate(days)
    ]
    try:
        Gke.model_validate({**settings, "maintenance_exclusions": exclusions})
    except ValidationError as refused:
        return refused.errors()[0]["msg"].removeprefix("Value error, ")
    return None


@pytest.mark.parametrize(
    ("days", "settings"),
    [
        ([], {"maintenance_days": ["saturday"]}),
        ([("2026-11-20", "2026-11-30")], {"maintenance_days": ["saturday", "sunday"], "maintenance_hours": 6}),
        # Twelve windows of four hours are left.
        ([("2027-01-01", "2027-03-21")], {}),
        ([("2027-01-01", "2027-03-31")], {"maintenance_hours": 24}),
    ],
)
def test_enough_time_is_left(days: list[tuple[str, str]], settings: dict[str, Any]) -> None:
    assert left_alone(*days, **settings) is None


@pytest.mark.parametrize(
    ("days", "settings", "hours", "start"),
    [
        ([("2027-01-01", "2027-03-22")], {}, 44, "2026-12-21"),
        ([("2027-01-01", "2027-03-31")], {}, 8, "2026-12-30"),
        ([("2026-11-20", "2026-11-30")], {"maintenance_days": ["saturday"]}, 44, "2026-08-31"),
        # Each is short enough, and a day between them is not.
        ([("2027-01-01", "2027-03-31"), ("2027-04-02", "2027-05-20")], {"maintenance_hours": 24}, 24, "2027-02-18"),
    ],
)
def test_too_little_time_is_told(days: list[tuple[str, str]], settings: dict[str, Any], hours: int, start: str) -> None:
    assert left_alone(*days, **settings) == (
        f"maintenance_exclusions leave {hours} hours of maintenance windows in the 92 days from {start}, and GKE wants "
        "48; shorten them, or widen maintenance_hours and maintenance_days"
    )


def test_a_day_that_no_calendar_has_is_told_by_itself(tmp_path: Path) -> None:
    gke = "gke: {project: acme-ml, maintenance_exclusions: [{name: a, first_day: 2027-02-30, last_day: 2027-03-01}]}"
    told = lines(write(tmp_path, PLATFORM.replace("region: us-east-1\n", f"region: us-east-1\n    {gke}\n", 1)))
    assert [line for line in told if "maintenance" in line or "range" in line] == [
        "prod/platform.yaml:12: clusters[0].gke.maintenance_exclusions[0].first_day: '2027-02-30' is no day of the "
        "calendar; write one such as 2026-11-27 (cluster 'east')"
    ]


def test_an_admin_is_named_once() -> None:
    with pytest.raises(ValidationError, match=r"admins name 'group:ml@example\.com' more than once; delete one"):
        ApiAccess(admins=["group:ml@example.com", "user:a@example.com", "group:ml@example.com"])
