"""Cron expressions as EC2 Auto Scaling takes them, and when two of them meet."""

from __future__ import annotations

import pytest
from modelyard.environment.recurrence import check_timezone, parse_recurrence


@pytest.mark.parametrize("text", ["0 20 * * 1-5", "*/15 8-18 * * MON-FRI", "0 0 1,15 JAN *", "30 6 * * 7", "0 0 * * 0"])
def test_valid(text: str) -> None:
    parse_recurrence(text)


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        (
            "0 20 * *",
            "'0 20 * *' must have five fields (minute hour day-of-month month day-of-week), such as '0 20 * * "
            "1-5'; it has 4",
        ),
        ("0 24 * * *", "the hour '24' of '0 24 * * *' must be 0 to 23, *, a range, a list or a step of these"),
        ("0 0 0 * *", "the day of month '0' of '0 0 0 * *' must be 1 to 31, *, a range, a list or a step of these"),
        ("0 0 * * ?", "the day of week '?' of '0 0 * * ?' must be 0 to 7, *, a range, a list or a step of these"),
        ("0 5-2 * * *", "the hour '5-2' of '0 5-2 * * *' must be 0 to 23, *, a range, a list or a step of these"),
        ("*/0 0 * * *", "the minute '*/0' of '*/0 0 * * *' must be 0 to 59, *, a range, a list or a step of these"),
    ],
)
def test_invalid(text: str, sentence: str) -> None:
    with pytest.raises(ValueError) as raised:
        parse_recurrence(text)
    assert str(raised.value) == sentence


@pytest.mark.parametrize(
    ("one", "other", "meet"),
    [
        ("0 20 * * 1-5", "0 20 * * 5", True),
        ("0 20 * * 1-5", "0 20 * * 6,7", False),
        ("0 20 * * 7", "0 20 * * 0", True),
        ("0 20 * * *", "1 20 * * *", False),
        ("*/10 20 * * *", "30 20 * * *", True),
        ("0 20 1 * *", "0 20 2 * *", False),
        ("0 20 1 * *", "0 20 * * 1", True),
        ("0 20 * 1 *", "0 20 * 2 *", False),
    ],
)
def test_meeting(one: str, other: str, meet: bool) -> None:
    assert parse_recurrence(one).meets(parse_recurrence(other)) is meet
    assert parse_recurrence(other).meets(parse_recurrence(one)) is meet


def test_time_zones() -> None:
    assert check_timezone("Europe/London") == "Europe/London"
    for wrong in ("Mars/Olympus", "../etc/passwd", ""):
        with pytest.raises(ValueError, match="is not an IANA time zone"):
            check_timezone(wrong)
