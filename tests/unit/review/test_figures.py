"""The charts say what the JSON document says."""

from __future__ import annotations

from collections import defaultdict

from modelyard.review.html.figures import figures
from modelyard.review.plan_json import to_json

from .retailer import retailer


def test_bars_add_up_to_what_each_department_pays() -> None:
    traces = figures(retailer())["chart-costs"]["data"]
    added: dict[str, float] = defaultdict(float)
    for trace in traces:
        if trace["type"] == "bar":
            for name, usd in zip(trace["y"], trace["x"], strict=True):
                added[name] += usd
    lines = to_json(retailer())["costs"]["lines"]
    labels = {"shared": "shared by all", "idle": "idle capacity"}
    paid: dict[str, float] = defaultdict(float)
    for line in lines:
        paid[labels.get(line["kind"]) or line["department"]] += line["usd"]
    assert {name: round(usd, 2) for name, usd in added.items() if usd} == {
        name: round(usd, 2) for name, usd in paid.items()
    }


def test_the_figure_beside_a_bar_is_the_bar() -> None:
    traces = figures(retailer())["chart-costs"]["data"]
    (figure,) = [trace for trace in traces if trace.get("mode") == "text"]
    for name, x, text in zip(figure["y"], figure["x"], figure["text"], strict=True):
        bar = sum(t["x"][t["y"].index(name)] for t in traces if t["type"] == "bar")
        assert round(bar, 2) == round(x, 2) == float(text.strip(" $").replace(",", ""))


def test_every_budget_of_a_department_is_marked() -> None:
    (marks,) = [trace for trace in figures(retailer())["chart-costs"]["data"] if trace.get("name") == "budget"]
    assert dict(zip(marks["y"], marks["x"], strict=True)) == {"merchandising": 4000.0, "supply-chain": 900.0}


def test_the_parts_of_a_cold_start_add_up_to_the_longest_and_the_mark_is_the_shortest() -> None:
    traces = figures(retailer())["chart-cold-starts"]["data"]
    (place,) = [place for place in to_json(retailer())["models"][0]["places"] if place["cold_start"]]
    longest = sum(trace["x"][0] for trace in traces if trace["type"] == "bar")
    (mark,) = [trace["x"][0] for trace in traces if trace["type"] == "scatter"]
    assert round(longest * 60) == round(place["cold_start"]["high_seconds"])
    assert round(mark * 60) == round(place["cold_start"]["low_seconds"])


def test_a_plan_without_cold_starts_has_no_chart_of_them() -> None:
    assert "chart-cold-starts" not in figures(retailer(models=()))


def test_shares_add_up_to_the_lines() -> None:
    (shares,) = figures(retailer())["chart-shares"]["data"]
    lines = to_json(retailer())["costs"]["lines"]
    assert round(sum(shares["values"]), 2) == round(sum(line["usd"] for line in lines), 2)


def test_pools_without_a_running_node_are_no_empty_rows() -> None:
    drawn = figures(retailer())
    assert set(drawn) >= {"chart-costs", "chart-shares"}
    for trace in drawn.get("chart-placement", {"data": []})["data"]:
        for position in range(len(trace["y"])):
            assert any(each["x"][position] for each in drawn["chart-placement"]["data"])
