"""A trial's result: its exit code and sentence, in the terminal and as JSON."""

from __future__ import annotations

import io
import json
from dataclasses import fields, replace
from typing import Any

import pytest
from modelyard.trial.golden import GoldenResult, Mismatch
from modelyard.trial.html.page import parts as page
from modelyard.trial.measured import Measured
from modelyard.trial.result import Outcome, TrialResult
from modelyard.trial.result_json import document, parts
from modelyard.trial.smoke import Smoke, SmokeCheck
from modelyard.trial.terminal import print_result

from .tried import measured, result, without_load

BROKEN = Smoke((SmokeCheck("HTTP: 1 row is answered", False, "HTTP 500: broken"),))
WRONG = GoldenResult(2, (Mismatch("case 1", "y", (0,), "1.0", "2.0"),))


@pytest.mark.parametrize(
    ("changed", "code", "said"),
    [
        pytest.param(
            {},
            0,
            "fraud works on Triton 2.51.0; its objective is not judged: a substitute ran classifier (p99 12 ms at "
            "199.8/s here)",
            id="works",
        ),
        pytest.param({"outcome": None}, 0, "fraud works on Triton 2.51.0; it has no objective", id="no objective"),
        pytest.param(
            {"outcome": Outcome("missed", "p99 is 75 ms")}, 3, "fraud works on Triton 2.51.0; p99 is 75 ms", id="missed"
        ),
        pytest.param(
            {"smoke": BROKEN},
            3,
            "fraud does not answer as declared on Triton 2.51.0: HTTP: 1 row is answered: HTTP 500: broken",
            id="broken",
        ),
        pytest.param(
            {"golden": WRONG}, 3, f"fraud answers wrongly on Triton 2.51.0: {WRONG.mismatches[0]}", id="wrong answers"
        ),
    ],
)
def test_exit_code_and_conclusion(changed: dict[str, Any], code: int, said: str) -> None:
    found = replace(result(), **changed)
    assert (found.exit_code, found.conclusion) == (code, said)


def shown(found: TrialResult) -> str:
    file = io.StringIO()
    print_result(found, file)
    return " ".join(file.getvalue().split())


def test_the_terminal_names_both_releases_and_the_substitute() -> None:
    text = shown(result())
    assert "deployed on Triton release 26.07; tried on 2.51.0 (release 24.10)" in text
    assert "xgboost 3.2.0 in a Python backend instead of fil of release 26.07; its timings size nothing" in text


def test_the_terminal_shows_measured_beside_predicted_and_promised() -> None:
    text = shown(result())
    assert "p99 ms 12 (10.5 to 14) 13 50" in text
    assert "answers per second 199.8 200 200" in text
    assert "classifier 1.11 / 1.1 0.25 / 0.3 1.1 / 1 22% / 20% 900" in text
    assert "Predicted from: modelyard try --profile of fraud, 2026-11-22" in text


def test_the_terminal_without_a_prediction_says_why() -> None:
    text = shown(replace(result(), predicted=None, unpredicted="there is no profile.json"))
    assert "No prediction: there is no profile.json" in text
    assert "p99 ms 12 (10.5 to 14) 50" in text


def test_failures_and_a_late_generator_are_told() -> None:
    seen = measured(failures={"HTTP 500: broken": 3}, invalid="the generator was late")
    text = shown(replace(result(), measured=seen))
    assert "requests, failed 1,000, 3" in text
    assert "3 requests: HTTP 500: broken" in text
    assert "These figures say nothing of the server: the generator was late" in text


def test_text_of_a_server_cannot_steer_the_terminal() -> None:
    hostile = Smoke((SmokeCheck("HTTP", False, "\x1b[2Jgone\u202e"),))
    assert "\x1b" not in shown(replace(result(), smoke=hostile))


@pytest.mark.parametrize("found", [result(), without_load()], ids=["with a load", "without"])
def test_json_is_whole(found: TrialResult) -> None:
    read = json.loads("".join(parts(found)))
    assert read == document(found)
    assert list(read) == [
        "schema", "model", "environment", "started_at", "release", "digest", "conclusion", "exit_code", "seconds",
        "server", "models", "stages", "substitutes", "moved_to_cpu", "smoke", "golden", "objective", "load",
        "predicted", "unpredicted", "profile", "notices",
    ]  # fmt: skip


def test_json_of_a_load() -> None:
    read = document(result())
    assert set(read["load"]) == {"rate", *(field.name for field in fields(Measured))}
    assert read["load"]["stages"][1]["batches"] == {"1": 800, "2": 100}
    assert read["objective"] == {
        "p99_ms": 50, "requests_per_second": 200, "replicas": 2, "verdict": "not judged",
        "why": "its objective is not judged: a substitute ran classifier (p99 12 ms at 199.8/s here)",
    }  # fmt: skip
    assert read["substitutes"] == [
        {"model": "classifier", "backend": "fil", "release": "26.07", "engine": "xgboost", "version": "3.2.0"}
    ]


def test_the_page_escapes_what_a_server_says() -> None:
    hostile = Smoke((SmokeCheck("<script>alert(1)</script>", False, "</script><img src=x>"),))
    text = "".join(page(replace(result(), smoke=hostile)))
    assert "<script>alert" not in text
    assert "<img" not in text.replace("<img src='", "")


def test_the_page_without_a_load_has_no_chart() -> None:
    assert 'class="chart"' not in "".join(page(without_load()))
