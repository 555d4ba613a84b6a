"""Where to run a model: the same comparison in a terminal, on a page, in a comment and as JSON."""

from __future__ import annotations

import io
import json

import pytest
from modelyard.review.choices import span_text
from modelyard.review.html.figures import figures
from modelyard.review.html.page import parts
from modelyard.review.markdown import to_markdown
from modelyard.review.plan_json import lines, to_json
from modelyard.review.terminal.page import print_plan

from ..sizing.choosing.served import machine
from .compared import compared
from .retailer import HOSTILE, retailer

WHY = (
    "serverless, SageMaker 2048 MiB in us-east-1 is the cheapest that keeps 200 ms: $6.26 a month; next comes always "
    "on, SageMaker ml.x in us-east-1 at $73.00"
)


def terminal(document, monkeypatch: pytest.MonkeyPatch, *, full: bool = False, width: int = 160) -> str:
    monkeypatch.setenv("COLUMNS", str(width))
    file = io.StringIO()
    print_plan(document, file, full=full)
    return file.getvalue()


def test_a_terminal_shows_options_the_reason_and_what_decides(monkeypatch: pytest.MonkeyPatch) -> None:
    text = terminal(retailer(choices=(compared(),)), monkeypatch)
    assert "Where to run  1 model compared by its traffic" in text
    assert "support/sentiment within 200 ms, 7,821,429 requests a month" in text
    row = next(line for line in text.splitlines() if line.startswith("serverless ") and "chosen" in line)
    assert row.split() == [
        "serverless", "SageMaker", "2048", "MiB", "in", "us-east-1", "0-50", "20", "ms",
        *row.split()[9:-2], "$6.26", "chosen",
    ]  # fmt: skip
    assert "unpriced" in text
    assert WHY in " ".join(text.replace("\n    ", " ").split())
    assert "SageMaker developer guide" not in text
    assert "cores/GiB" in terminal(retailer(choices=(compared(),)), monkeypatch, full=True)


def test_a_narrow_terminal_loses_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    text = terminal(retailer(choices=(compared(),)), monkeypatch, width=60)
    assert "$6.26" in text
    assert max(map(len, text.splitlines())) <= 80


def test_a_page_has_a_chart_of_dollars_beside_the_table() -> None:
    document = retailer(choices=(compared(),))
    page = "".join(parts(document))
    assert '<section id="choices"><h2>Where to run</h2>' in page
    assert '<a href="#choices">Where to run</a>' in page
    assert 'id="chart-choice-0"' in page
    assert "<strong>chosen</strong>" in page
    bars = {
        name: usd
        for trace in figures(document)["chart-choice-0"]["data"]
        for name, usd in zip(trace["y"], trace["x"], strict=True)
    }
    options = to_json(document)["choices"][0]["options"]
    assert sorted(bars.values()) == sorted(each["monthly_usd"] for each in options if each["monthly_usd"] is not None)
    assert [trace["name"] for trace in figures(document)["chart-choice-0"]["data"]] == ["chosen", "meets"]


def test_without_a_price_there_is_a_table_and_no_chart() -> None:
    document = retailer(choices=(compared(machine(None)),))
    assert "chart-choice-0" not in figures(document)
    assert "unpriced" in "".join(parts(document))


def test_a_comment_has_the_table() -> None:
    text = to_markdown(retailer(choices=(compared(),)))
    assert "### Where to run" in text
    assert "| serverless | SageMaker 2048 MiB in us-east-1 | 0\\-50 |" in text.replace("0-50", "0\\-50")
    assert "| $6.26 | chosen |" in text


def test_json_says_how_each_figure_comes_about() -> None:
    document = retailer(choices=(compared(),))
    (found,) = json.loads("".join(lines(document)))["choices"]
    assert found["model"] == "sentiment"
    assert found["taken"] is True
    first = found["options"][0]
    assert {key: first[key] for key in ("kind", "target", "where", "machine", "chosen", "verdict", "monthly_usd")} == {
        "kind": "serverless",
        "target": "sagemaker",
        "where": "us-east-1",
        "machine": "2048 MiB",
        "chosen": True,
        "verdict": "meets",
        "monthly_usd": 6.26,
    }
    assert first["calculation"] == "7,821,429 x 0.02 s x 0.00004 USD/s"
    assert first["source"] == "a list of prices"
    assert sum(each["chosen"] for each in found["options"]) == 1


def test_a_declared_target_stays_and_is_told_what_is_cheaper() -> None:
    text = to_markdown(retailer(choices=(compared(taken=False),)))
    assert "its target is declared, so it stays" in text


def test_a_plan_without_traffic_says_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    document = retailer()
    assert "Where to run" not in terminal(document, monkeypatch)
    assert "Where to run" not in to_markdown(document)
    assert "choices" not in "".join(parts(document)).split("<script", 1)[0]
    assert to_json(document)["choices"] == []


def test_no_name_breaks_out_of_the_page() -> None:
    page = "".join(parts(retailer(choices=(compared(machine("0.10", name=HOSTILE), model=HOSTILE),))))
    assert HOSTILE not in page


def test_a_choice_that_holds_says_so() -> None:
    text = to_markdown(retailer(choices=(compared(machine("0.10")),)))
    assert "no assumption changes the choice within its range" in text


@pytest.mark.parametrize(
    ("low_ms", "high_ms", "text"),
    [
        (20, 20, "20 ms"),
        (27.27, 60_017, "27.3 ms to 60 s"),
        (1_500, 480_000, "1.5 s to 8 min"),
        (20, float("inf"), "20 ms to refused"),
    ],
)
def test_latencies_as_people_read_them(low_ms: float, high_ms: float, text: str) -> None:
    assert span_text(low_ms, high_ms) == text
