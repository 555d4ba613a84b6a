"""Scaling and the hours of its schedules: what they mean, and what is refused."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from modelyard.environment.scaling import Scaling
from modelyard.environment.schedule_window import ScheduleWindow
from pydantic import ValidationError

from .folder import TOYS, lines, write


def window(**changes: Any) -> dict[str, Any]:
    return {"days": "mon-fri", "start": "08:00", "end": "20:00", "min_replicas": 2, **changes}


def refusals(**declared: Any) -> str:
    with pytest.raises(ValidationError) as refused:
        Scaling(**declared)
    return "\n".join(error["msg"].removeprefix("Value error, ") for error in refused.value.errors())


def test_the_keys_of_before_mean_what_they_meant() -> None:
    scaling = Scaling(min_replicas=2, max_replicas=6, target_queue_ms=7.5)
    assert (scaling.highest_floor, scaling.average_floor) == (2, 2)
    assert Scaling().model_dump() == {
        "min_replicas": 1,
        "max_replicas": 1,
        "target_queue_ms": None,
        "target_concurrency": None,
        "target_requests_per_second": None,
        "target_gpu_utilization_percent": None,
        "scale_down_minutes": 10,
        "schedules": [],
    }


def test_a_declaration_survives_being_written_down() -> None:
    scaling = Scaling.model_validate({"min_replicas": 0, "max_replicas": 3, "schedules": [window()]})
    assert Scaling.model_validate(scaling.model_dump()) == scaling


def test_a_warm_floor_by_day_and_none_at_night() -> None:
    scaling = Scaling.model_validate(
        {"min_replicas": 0, "max_replicas": 4, "schedules": [window(), window(days="sat,sun", min_replicas=1)]}
    )
    assert scaling.highest_floor == 2
    assert scaling.average_floor == (5 * 12 * 2 + 2 * 12 * 1) / (7 * 24)


CRONS = [
    ("mon-fri", "08:00", "20:00", "0 8 * * 1,2,3,4,5", "0 20 * * 1,2,3,4,5"),
    ("mon-sun", "06:30", "07:45", "30 6 * * *", "45 7 * * *"),
    ("fri-mon", "00:00", "24:00", "0 0 * * 5,6,0,1", "0 0 * * 6,0,1,2"),
    ("mon,wed", "22:00", "06:00", "0 22 * * 1,3", "0 6 * * 2,4"),
    ("sun", "20:00", "24:00", "0 20 * * 0", "0 0 * * 1"),
]


@pytest.mark.parametrize(("days", "start", "end", "begins", "ends"), CRONS)
def test_windows_as_cron(days: str, start: str, end: str, begins: str, ends: str) -> None:
    made = ScheduleWindow(days=days, start=start, end=end, min_replicas=2).cron()
    assert [set_of_days(each) for each in made] == [set_of_days(begins), set_of_days(ends)]


def set_of_days(cron: str) -> tuple[str, frozenset[str]]:
    at, _, days = cron.rpartition(" ")
    return at, frozenset(days.split(","))


REFUSED = [
    (
        {"min_replicas": 3},
        "min_replicas 3 exceeds max_replicas 1; raise max_replicas or lower min_replicas",
    ),
    (
        {"min_replicas": 1, "max_replicas": 2, "schedules": [window(min_replicas=3)]},
        "schedules[0] (mon-fri 08:00-20:00 Etc/UTC) asks for min_replicas 3, more than max_replicas 2; raise "
        "max_replicas or lower it",
    ),
    (
        {"min_replicas": 2, "max_replicas": 4, "schedules": [window(days="sat,sun", min_replicas=1)]},
        "schedules[0] (sat,sun 08:00-20:00 Etc/UTC) asks for min_replicas 1, no more than the 2 of every hour: a "
        "window only raises the floor. Write the lowest number as min_replicas, and windows for the hours that need "
        "more",
    ),
    (
        {"max_replicas": 4, "schedules": [window(), window(days="wed", start="19:00", end="21:00", min_replicas=3)]},
        "schedules[0] (mon-fri 08:00-20:00 Etc/UTC) and schedules[1] (wed 19:00-21:00 Etc/UTC) overlap on wed 19:00 to "
        "20:00; end one where the other starts, or merge them",
    ),
    (
        {"max_replicas": 4, "schedules": [window(days="sun", start="22:00", end="02:00"), window(start="01:00")]},
        "schedules[0] (sun 22:00-02:00 Etc/UTC) and schedules[1] (mon-fri 01:00-20:00 Etc/UTC) overlap on mon 01:00 to "
        "02:00; end one where the other starts, or merge them",
    ),
    (
        {"max_replicas": 4, "schedules": [window(timezone="Europe/Berln")]},
        "'Europe/Berln' is not an IANA time zone; did you mean 'Europe/Berlin'? Allowed: names such as Europe/London "
        "or Etc/UTC",
    ),
    (
        {"max_replicas": 4, "schedules": [window(days="mon-fr")]},
        "'mon-fr' must be days such as mon-fri or sat,sun, and 'fr' is none; did you mean 'fri'?",
    ),
    (
        {"max_replicas": 4, "schedules": [window(start="8:00")]},
        '\'8:00\' must be a time in quotes from "00:00" to "24:00", such as "08:30"',
    ),
    (
        {"max_replicas": 4, "schedules": [window(end="08:00")]},
        'start and end are both "08:00"; for whole days write "00:00" and "24:00"',
    ),
    (
        {"max_replicas": 4, "schedules": [window(days="tue-mon", start="00:00", end="24:00")]},
        "covers every hour of the week; write its min_replicas above the schedules instead",
    ),
    (
        {"max_replicas": 4, "schedules": [window(start="24:00")]},
        'start "24:00" is the next day\'s "00:00"; write that, with the next day',
    ),
]


@pytest.mark.parametrize(("declared", "sentence"), REFUSED)
def test_mistakes_are_refused_by_name(declared: dict[str, Any], sentence: str) -> None:
    assert refusals(**declared) == sentence


APART = [
    ("end meets start", window(), window(start="20:00", end="24:00"), None),
    ("other days", window(), window(days="sat-sun"), None),
    ("London ends when Berlin's hour is one further", window(timezone="Europe/London"),
     window(start="21:00", end="22:00", timezone="Europe/Berlin"), None),
    ("the same hours of two zones an hour apart", window(timezone="Europe/London"),
     window(start="20:30", end="22:00", timezone="Europe/Berlin"), "mon 19:30 to 20:00 (week of 05 January 2026)"),
    # From 8 to 29 March 2026 New York has changed its clocks and Berlin has not.
    ("three weeks of the year", window(end="19:00", timezone="Europe/Berlin"),
     window(start="13:00", end="14:00", timezone="America/New_York"), "mon 18:00 to 19:00 (week of 09 March 2026)"),
]  # fmt: skip


@pytest.mark.parametrize(("one", "other", "when"), [case[1:] for case in APART], ids=[case[0] for case in APART])
def test_windows_overlap_when_their_hours_do(one: dict[str, Any], other: dict[str, Any], when: str | None) -> None:
    declared = {"max_replicas": 4, "schedules": [one, other]}
    if when is None:
        assert len(Scaling.model_validate(declared).schedules) == 2
    else:
        assert f"overlap on {when}; end one" in refusals(**declared)


def test_an_hour_may_be_written_without_quotes(tmp_path: Path) -> None:
    scaling = (
        "    scaling: {min_replicas: 0, max_replicas: 3, schedules: [{start: 08:00, end: 20:00, min_replicas: 1}]}\n"
    )
    assert told(tmp_path, scaling) == []


IN_SCHEDULE = "prod/departments/toys.yaml:11: models[0].scaling.schedules[0]"
FILES = [
    (
        "    scaling: {max_replicas: 3, schedules: [{start: 8, end: 20:00, min_replicas: 2}]}\n",
        [f"{IN_SCHEDULE}.start: must be text, not 8; put it in quotes: \"8\" (model 'tagging')"],
    ),
    (
        "    scaling: {max_replicas: 3, schedules: [{begin: 08:00, end: 20:00, min_replicas: 2}]}\n",
        [
            f"{IN_SCHEDULE}.begin: 'begin' is not a known key; allowed: days, start, end, timezone, min_replicas "
            "(model 'tagging')",
            f"{IN_SCHEDULE}.start: is missing and has no default; add it (model 'tagging')",
        ],
    ),
    (
        "    scaling: {min_replicas: 5, max_replicas: 3}\n",
        [
            "prod/departments/toys.yaml:11: models[0].scaling: min_replicas 5 exceeds max_replicas 3; raise "
            "max_replicas or lower min_replicas (model 'tagging')"
        ],
    ),
]


@pytest.mark.parametrize(("scaling", "sentences"), FILES)
def test_mistakes_in_a_file_are_told_with_their_line(tmp_path: Path, scaling: str, sentences: list[str]) -> None:
    assert told(tmp_path, scaling) == sentences


def told(folder: Path, scaling: str) -> list[str]:
    return lines(write(folder, departments={"toys.yaml": TOYS + scaling}))
