"""What values and lines a file gives."""

from __future__ import annotations

from typing import Any

import pytest
from modelyard.environment.yaml_document import parse


@pytest.mark.parametrize(
    ("written", "value"),
    [
        ("12", 12),
        ("-3", -3),
        ("0042", 42),
        ("1.50", 1.5),
        ("1e3", 1000.0),
        ("true", True),
        ("False", False),
        ("~", None),
        ("null", None),
        ("yes", "yes"),
        ("no", "no"),
        ("on", "on"),
        ("1_000", "1_000"),
        ("1:30", "1:30"),
        ("2026-01-01", "2026-01-01"),
        ("1.2.3", "1.2.3"),
        ("'12'", "12"),
        ("!!str 12", "12"),
        ("- ", [None]),
    ],
)
def test_scalar(written: str, value: Any) -> None:
    assert parse(f"a:\n  {written}").data == {"a": value}


def test_keys_are_text_whatever_they_look_like() -> None:
    assert parse("{1: a, true: b, ~: c}").data == {"1": "a", "true": "b", "~": "c"}


def test_explicit_keys_win_over_merged_ones_wherever_they_stand() -> None:
    text = "base: &base {a: 1, b: 1}\nover: {a: 2, <<: *base}\nlist: {<<: [{a: 3}, *base]}\n"
    data = parse(text).data
    assert (data["over"], data["list"]) == ({"a": 2, "b": 1}, {"a": 3, "b": 1})


def test_lines_of_keys_and_items() -> None:
    document = parse("a: 1\nb:\n  - c: 1.30\n    d: x\n  - e\n", lines=True)
    assert document.lines == {
        (): 1,
        ("a",): 1,
        ("b",): 2,
        ("b", 0): 3,
        ("b", 0, "c"): 3,
        ("b", 0, "d"): 4,
        ("b", 1): 5,
    }
    assert document.spelled["b", 0, "c"] == "1.30"


def test_first_of_repeated_keys_is_kept_and_the_second_is_told() -> None:
    document = parse("a:\n  b: 1\n  b: 2\n", lines=True)
    assert document.data == {"a": {"b": 1}}
    assert document.repeated == [
        (("a", "b"), 3, "the key 'b' appears twice in one mapping (first on line 2); keep one")
    ]
