"""What only a cluster of GKE has."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, timedelta
from itertools import groupby
from typing import Annotated, Literal

from pydantic import AfterValidator, Field, StringConstraints, model_validator

from .credential import shown
from .declaration import Declaration
from .known_name import refusal
from .patterns import (
    DAY_PATTERN,
    GOOGLE_KEY_PATTERN,
    GOOGLE_PROJECT_PATTERN,
    GOOGLE_TOPIC_PATTERN,
    NAME_PATTERN,
    TIME_OF_DAY_PATTERN,
)

_MOST_DAYS_WITHOUT_UPGRADES = 90
"""GKE wants 48 hours for maintenance in every 92 days, in pieces of four hours and more ("Configure maintenance windows
and exclusions" of the GKE documentation)."""
_MOST_EXCLUSIONS = 20
_MOST_WITHOUT_UPGRADES = 3


_SPAN_DAYS, _LEAST_HOURS, _LEAST_PIECE = 92, 48, 4
_WEEK = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")


def _days(first: str, last: str) -> Iterator[date]:
    start = date.fromisoformat(first)
    for number in range((date.fromisoformat(last) - start).days + 1):
        yield start + timedelta(days=number)


def _is_day(text: str) -> bool:
    try:
        date.fromisoformat(text)
    except ValueError:
        return False
    return True


def _day(text: str) -> str:
    if not _is_day(text):
        raise refusal(f"{shown(text)} is no day of the calendar; write one such as 2026-11-27")
    return text


Day = Annotated[str, StringConstraints(pattern=DAY_PATTERN), AfterValidator(_day)]


class MaintenanceExclusion(Declaration):
    """Days on which GKE leaves the cluster as it is ("Maintenance windows and exclusions" of the GKE documentation)."""

    name: Annotated[str, StringConstraints(pattern=NAME_PATTERN, max_length=63)]
    first_day: Day
    """The day begins at midnight in UTC."""
    last_day: Day
    """It is left alone too."""
    scope: Literal["no_upgrades", "no_minor_upgrades", "no_minor_or_node_upgrades"] = "no_upgrades"
    """no_upgrades: at most 90 days. no_minor_upgrades: patches still come. no_minor_or_node_upgrades: to the control
    plane alone."""

    @property
    def is_dated(self) -> bool:
        """Whether both are days; a mistake in one is told by itself."""
        return _is_day(self.first_day) and _is_day(self.last_day)

    @model_validator(mode="after")
    def _ordered(self) -> MaintenanceExclusion:
        if not self.is_dated:
            return self
        days = (date.fromisoformat(self.last_day) - date.fromisoformat(self.first_day)).days + 1
        if days < 1:
            raise ValueError(f"last_day {self.last_day} is before first_day {self.first_day}; exchange them")
        if self.scope == "no_upgrades" and days > _MOST_DAYS_WITHOUT_UPGRADES:
            raise ValueError(
                f"no_upgrades for {days} days, and GKE wants 48 hours in every 92 days; make it "
                f"{_MOST_DAYS_WITHOUT_UPGRADES} days at most, or set scope to no_minor_or_node_upgrades"
            )
        return self


class Gke(Declaration):
    """Settings of Google Kubernetes Engine."""

    project: Annotated[str, StringConstraints(pattern=GOOGLE_PROJECT_PATTERN)] | None = None
    """Id of the project. Default: managed.gcp.project."""
    release_channel: Literal["rapid", "regular", "stable", "extended"] = "regular"
    """How soon GKE upgrades control plane and nodes by itself."""
    maintenance_start: Annotated[str, StringConstraints(pattern=TIME_OF_DAY_PATTERN)] = "03:00"
    """When it may, in UTC."""
    maintenance_hours: Annotated[int, Field(ge=4, le=24)] = 4
    """For how long from then on."""
    maintenance_days: list[Literal["monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday"]] = []
    """Days on which it may; empty: every day."""
    maintenance_exclusions: Annotated[list[MaintenanceExclusion], Field(max_length=_MOST_EXCLUSIONS)] = []
    """Days on which it may not, at most three of them with scope no_upgrades."""
    notification_topic: Annotated[str, StringConstraints(pattern=GOOGLE_TOPIC_PATTERN)] | None = None
    """Pub/Sub topic that is told of upgrades and security bulletins. Default: none."""
    kms_key: Annotated[str, StringConstraints(pattern=GOOGLE_KEY_PATTERN)] | None = None
    """Cloud KMS key of the cluster's secrets, in its region. Default: a key of the cluster's own, rotated every 90
    days."""
    encrypt_disks: bool = False
    """Whether that key encrypts the boot disks of nodes and new volumes of the platform, too; otherwise Google's own
    does. Another value makes every node pool anew."""
    dns_endpoint: bool = True
    """Whether the API has a name that Google's IAM guards, beside the addresses in api_access."""
    binary_authorization: bool = False
    """Whether the project's policy of Binary Authorization decides which images run."""
    image_streaming: bool = True
    """Whether containers start while their images still load; images have to be in Artifact Registry."""
    cost_allocation: bool = True
    """Whether the billing export has the cost of each namespace."""
    managed_prometheus: bool = False
    """Whether Google's collectors run beside the cluster's own Prometheus; each sample is then paid for twice."""

    @model_validator(mode="after")
    def _may_be_left_alone(self) -> Gke:
        found = []
        frozen = [each.name for each in self.maintenance_exclusions if each.scope == "no_upgrades"]
        if len(frozen) > _MOST_WITHOUT_UPGRADES:
            found.append(
                f"maintenance_exclusions has {len(frozen)} with scope no_upgrades, and GKE allows "
                f"{_MOST_WITHOUT_UPGRADES}: {', '.join(frozen)}; delete some, or set another scope"
            )
        names = [each.name for each in self.maintenance_exclusions]
        twice = next((name for name in names if names.count(name) > 1), None)
        if twice is not None:
            found.append(f"two maintenance_exclusions are named {twice!r}; rename one")
        if not found and (short := self._too_little_time()) is not None:
            hours, day = short
            found.append(
                f"maintenance_exclusions leave {hours} hours of maintenance windows in the {_SPAN_DAYS} days from "
                f"{day}, and GKE wants {_LEAST_HOURS}; shorten them, or widen maintenance_hours and maintenance_days"
            )
        if found:
            raise ValueError("; and ".join(found))
        return self

    def _too_little_time(self) -> tuple[int, date] | None:
        """The hours of windows in the first span of days that has too few of them, and its first day."""
        frozen = [each for each in self.maintenance_exclusions if each.scope == "no_upgrades" and each.is_dated]
        closed = {day for each in frozen for day in _days(each.first_day, each.last_day)}
        # Of all spans, one of those that end with an exclusion has the fewest.
        for last in sorted(date.fromisoformat(each.last_day) for each in frozen):
            start = last - timedelta(days=_SPAN_DAYS - 1)
            if (hours := self._open_hours(start, closed)) < _LEAST_HOURS:
                return hours, start
        return None

    def _open_hours(self, start: date, closed: set[date]) -> int:
        """Hours of windows in the span, without pieces that are too short to count."""
        first_hour, opened = int(self.maintenance_start[:2]), [False] * (_SPAN_DAYS * 24)
        for number in range(-1, _SPAN_DAYS):
            day = start + timedelta(days=number)
            if not self.maintenance_days or _WEEK[day.weekday()] in self.maintenance_days:
                begin = number * 24 + first_hour
                for hour in range(max(begin, 0), min(begin + self.maintenance_hours, len(opened))):
                    opened[hour] = start + timedelta(days=hour // 24) not in closed
        pieces = (len(list(hours)) for is_open, hours in groupby(opened) if is_open)
        return sum(piece for piece in pieces if piece >= _LEAST_PIECE)
