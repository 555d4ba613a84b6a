"""When requests come: the rate of every hour of a week, and how unevenly they come within an hour."""

from __future__ import annotations

from typing import Annotated

from pydantic import AfterValidator, Field, model_validator

from .declaration import Declaration
from .recurrence import check_timezone
from .schedule_window import DAYS, parse_days, parse_time

WEEK_HOURS = 7 * 24

Rate = Annotated[float, Field(ge=0, le=10_000_000)]
"""Requests per second, the average of an hour."""


def _days(text: str) -> str:
    parse_days(text)
    return text


def _hour(text: str) -> str:
    if parse_time(text) % 60:
        raise ValueError(f'{text!r} must be a whole hour in quotes from "00:00" to "24:00", such as "08:00"')
    return text


class TrafficWindow(Declaration):
    """Hours of some days of every week with a rate of their own. A window that ends before it starts ends on the day
    after."""

    days: Annotated[str, AfterValidator(_days)] = "mon-sun"
    """Days on which it starts: mon-fri, or mon,wed,sat-sun."""
    start: Annotated[str, AfterValidator(_hour)]
    """A whole hour in quotes, for example "08:00"."""
    end: Annotated[str, AfterValidator(_hour)]
    """First hour after the window, for example "20:00"; "24:00" is midnight."""
    requests_per_second: Rate
    """Average rate in these hours."""

    @model_validator(mode="after")
    def _lasts(self) -> TrafficWindow:
        if self.start == "24:00":
            raise ValueError('start "24:00" is the next day\'s "00:00"; write that, with the next day')
        if self.start == self.end:
            raise ValueError(f'start and end are both "{self.start}"; for whole days write "00:00" and "24:00"')
        return self

    @property
    def text(self) -> str:
        """``mon-fri 08:00-20:00``"""
        return f"{self.days} {self.start}-{self.end}"

    def hours(self) -> tuple[int, ...]:
        """Hours of the week that it covers, counted from Monday 00:00; past Sunday's end they are Monday's."""
        first, last = parse_time(self.start) // 60, parse_time(self.end) // 60
        count = last - first if last > first else last - first + 24
        return tuple((day * 24 + first + hour) % WEEK_HOURS for day in parse_days(self.days) for hour in range(count))


class TrafficProfile(Declaration):
    """Rates over a week, all targets and regions alike: what always-on, autoscaled and serverless are compared by.

    Either ``hourly`` or ``windows`` says when requests come.
    """

    hourly: Annotated[list[Rate], Field(min_length=24, max_length=24)] | None = None
    """24 average rates in requests per second, from midnight to midnight, of every day that ``days`` names."""
    days: Annotated[str, AfterValidator(_days)] = "mon-sun"
    """Days on which ``hourly`` holds: mon-fri, or mon,wed,sat-sun."""
    windows: Annotated[list[TrafficWindow], Field(max_length=50)] = []
    """Instead of ``hourly``: hours with a rate of their own. Windows do not overlap."""
    otherwise: Rate = 0.0
    """Average rate in requests per second in all hours that neither ``hourly`` nor ``windows`` covers."""
    timezone: Annotated[str, AfterValidator(check_timezone)] = "Etc/UTC"
    """IANA time zone of the hours, for example Europe/London."""
    burst_factor: Annotated[float, Field(ge=1, le=1000)] = 1.0
    """How many times the hour's average rate a burst has; 1: there are none."""
    burst_seconds: Annotated[int, Field(ge=1, le=3600)] | None = None
    """How long one burst lasts; needed with burst_factor. There is one in each hour that has requests."""
    idle_share: Annotated[float, Field(ge=0, lt=1)] = 0.0
    """Share of each hour in which nobody asks at all; the requests of the hour come in the rest of it."""

    @model_validator(mode="after")
    def _says_when(self) -> TrafficProfile:
        if self.hourly is not None and self.windows:
            raise ValueError("names both hourly and windows; keep the one that says when requests come")
        if self.hourly is None and not self.windows and not self.otherwise:
            raise ValueError(
                "says nothing of when requests come; give hourly (24 rates), or windows, or otherwise for one rate "
                "all week"
            )
        if self.hourly is None and "days" in self.model_fields_set:
            raise ValueError("days is for hourly, which is not given; write the days into each of the windows")
        if not any((*(self.hourly or ()), *(window.requests_per_second for window in self.windows), self.otherwise)):
            raise ValueError(
                "every rate is 0, so nobody ever asks; give at least one hour a rate above 0, or delete traffic"
            )
        return self

    @model_validator(mode="after")
    def _windows_keep_apart(self) -> TrafficProfile:
        taken: dict[int, int] = {}
        found: dict[tuple[int, int], int] = {}
        for position, window in enumerate(self.windows):
            for hour in window.hours():
                earlier = taken.setdefault(hour, position)
                if earlier != position:
                    found.setdefault((earlier, position), hour)
        if found:
            raise ValueError(
                "; and ".join(
                    f"windows[{earlier}] ({self.windows[earlier].text}) and windows[{later}] "
                    f"({self.windows[later].text}) overlap on {DAYS[hour // 24]} at {hour % 24:02d}:00; end one where "
                    "the other starts, or merge them"
                    for (earlier, later), hour in found.items()
                )
            )
        return self

    @model_validator(mode="after")
    def _bursts(self) -> TrafficProfile:
        if (self.burst_factor > 1) != (self.burst_seconds is not None):
            if self.burst_seconds is None:
                raise ValueError(
                    f"burst_factor is {self.burst_factor:g} and burst_seconds is missing; say how long a burst lasts"
                )
            raise ValueError(
                f"burst_seconds is {self.burst_seconds} and burst_factor is 1, which is no burst; raise burst_factor, "
                "or delete burst_seconds"
            )
        if self.burst_seconds is None:
            return self
        most = 3600 * (1 - self.idle_share)
        if self.burst_factor * self.burst_seconds > 3600 * (1 + 1e-9) or self.burst_seconds > most:
            raise ValueError(
                f"bursts of {self.burst_factor:g} times the average for {self.burst_seconds} seconds hold more "
                "requests than their hour has; burst_factor x burst_seconds is at most 3600, and burst_seconds at most "
                f"{most:g} with idle_share {self.idle_share:g}"
            )
        return self

    def week(self) -> tuple[float, ...]:
        """Average requests per second of each of the 168 hours of a week in :attr:`timezone`, from Monday 00:00."""
        rates = [self.otherwise] * WEEK_HOURS
        if self.hourly is not None:
            for day in parse_days(self.days):
                rates[day * 24 : day * 24 + 24] = self.hourly
        for window in self.windows:
            for hour in window.hours():
                rates[hour] = window.requests_per_second
        return tuple(rates)

    @property
    def peak_requests_per_second(self) -> float:
        """The highest rate that lasts: of a burst in the busiest hour, or of that hour's busy part."""
        busiest = max(self.week())
        return max(busiest * self.burst_factor, busiest / (1 - self.idle_share))
