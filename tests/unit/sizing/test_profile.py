"""profile.json: what is written is read again, and what is wrong with one is said."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from modelyard.sizing.profile import InvalidProfile, RequestOverhead, read_profile
from pydantic import ValidationError

from .queues import point, profile, stage

MEASURED = profile(
    stage("clean", point(1, 2.0, cpu_ms=1.5), point(8, 6.0)),
    stage("classify", point(1, 3.0), substitute="xgboost 3.2 in a Python backend"),
    stage("classify", point(1, 0.5), accelerator="L4"),
    overhead=RequestOverhead(mean_ms=0.4, cpu_ms=0.1),
)


def test_what_is_written_is_read_again(tmp_path: Path) -> None:
    file = tmp_path / "profile.json"
    file.write_text(MEASURED.text())
    assert read_profile(file) == MEASURED
    assert json.loads(file.read_text())["schema"] == 1


def test_stages_by_model_and_accelerator() -> None:
    assert MEASURED.stage("classify") is MEASURED.stages[1]
    assert MEASURED.stage("classify", "L4") is MEASURED.stages[2]
    assert MEASURED.stage("classify", "H100") is None
    assert MEASURED.substitutes == ("classify",)


@pytest.mark.parametrize(
    ("path", "value", "problem"),
    [
        (("schema",), 2, "profile.json: schema: 2 is not allowed; 1 is, which modelyard try --profile writes"),
        (
            ("served",),
            "2.51",
            "profile.json: served: 'served' is not a known key; did you mean 'server'? Allowed: schema, source, "
            "server, processor, cores, stages, request_overhead",
        ),
        (
            ("stages", 0, "points", 0, "row"),
            1,
            "profile.json: stages[0].points[0].row: 'row' is not a known key; allowed: batch_size, requests, "
            "instances, executions, mean_ms, p50_ms, p90_ms, p99_ms, cpu_ms, gap_ms",
        ),
        (
            ("stages", 0, "points", 0, "mean_ms"),
            0,
            "profile.json: stages[0].points[0].mean_ms: must be more than 0, not 0",
        ),
        (
            ("stages", 0, "points", 0, "p90_ms"),
            1.0,
            "profile.json: stages[0].points[0]: p50_ms 2, p90_ms 1 and p99_ms 2 of batch size 1 do not rise; measure "
            "the profile again",
        ),
        (
            ("stages", 0, "points", 0, "requests"),
            2,
            "profile.json: stages[0].points[0]: batch size 1 cannot be made of 2 requests",
        ),
        (("stages", 1, "model"), "", "profile.json: stages[1].model: is empty; write it"),
        (("stages", 1, "accelerator"), "L4", "profile.json: stage 'classify' is there twice for L4"),
        (("stages",), [], "profile.json: stages: is an empty list; at least 1 is needed"),
    ],
)
def test_mistakes(tmp_path: Path, path: tuple[str | int, ...], value: object, problem: str) -> None:
    content = json.loads(MEASURED.text())
    place: Any = content
    for step in path[:-1]:
        place = place[step]
    place[path[-1]] = value
    file = tmp_path / "profile.json"
    file.write_text(json.dumps(content))
    with pytest.raises(InvalidProfile) as caught:
        read_profile(file, shown="profile.json")
    assert str(caught.value) == problem


def test_all_mistakes_at_once(tmp_path: Path) -> None:
    content = json.loads(MEASURED.text())
    del content["server"]
    content["stages"][0]["points"][1]["executions"] = 0
    file = tmp_path / "profile.json"
    file.write_text(json.dumps(content))
    with pytest.raises(InvalidProfile) as caught:
        read_profile(file, shown="profile.json")
    assert [str(each) for each in caught.value.problems] == [
        "profile.json: server: is missing and has no default; add it",
        "profile.json: stages[0].points[1].executions: must be at least 1, not 0",
    ]


def test_no_json(tmp_path: Path) -> None:
    file = tmp_path / "profile.json"
    file.write_text("{")
    with pytest.raises(InvalidProfile) as caught:
        read_profile(file, shown="profile.json")
    assert str(caught.value) == (
        "profile.json: is no JSON (EOF while parsing an object at line 1 column 1); measure it again with modelyard "
        "try --profile"
    )


def test_a_profile_does_not_change() -> None:
    with pytest.raises(ValidationError):
        MEASURED.server = "2.52.0"
