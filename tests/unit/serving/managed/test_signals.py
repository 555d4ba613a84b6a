"""Every service watches the same five signals, and what one of them watches otherwise is a line of the plan."""

from __future__ import annotations

import re
from datetime import date
from pathlib import Path
from typing import Any

import modelyard
import pytest
from modelyard.catalog.managed_signals import managed_signal
from modelyard.catalog.table import rows
from modelyard.environment.model import Model
from modelyard.environment.target import MANAGED, ManagedTarget
from modelyard.serving.managed.signals import signal_shortfalls

PACKAGE = Path(modelyard.__file__).parent
DOCS = Path(__file__).resolve().parents[4] / "docs"
KINDS = [
    *[("sagemaker", kind) for kind in ("real_time", "multi_model", "serverless", "async", "inference_components")],
    *[("vertex", kind) for kind in ("dedicated", "peered")],
    ("azureml", "managed"),
]
PEERED = {"endpoint": "peered", "network": "projects/1/global/networks/main"}
FIVE = (("rate",), ("errors",), ("latency",), ("queue", "concurrency", "saturation", "overhead"), ("memory", "gpu"))


@pytest.mark.parametrize(("target", "kind"), KINDS)
@pytest.mark.parametrize("signals", FIVE, ids=[each[0] for each in FIVE])
def test_every_kind_of_endpoint_has_the_five_signals(target: str, kind: str, signals: tuple[str, ...]) -> None:
    assert any(_known(target, kind, signal) for signal in signals)


def test_every_row_has_a_source_and_a_date() -> None:
    for each in rows("managed_signals.csv"):
        assert each["target"] in MANAGED
        assert each["metric"] and each["namespace"] and each["unit"] and each["statistic"] and each["source"]
        assert date.fromisoformat(each["source_date"]).year >= 2024


def test_a_metric_that_is_alarmed_on_is_named_in_the_table_alone() -> None:
    names = {each["metric"] for each in rows("managed_signals.csv")}
    for file in ("sagemaker/alarms.py", "vertex/alert_policies.py", "azureml/alerts.py"):
        text = (PACKAGE / "serving" / file).read_text()
        assert [name for name in names if re.search(rf"[\"']{re.escape(name)}[\"']", text)] == []


def test_the_guide_has_every_row() -> None:
    text = (DOCS / "signals.md").read_text()
    for each in rows("managed_signals.csv"):
        metric = each["metric"].removeprefix("aiplatform.googleapis.com/")
        row = rf"\| {each['target']} \| {each['kind']} \| {each['signal']} \| `{re.escape(metric)}` \| "
        assert re.search(row, text), f"docs/signals.md lacks {each['target']} {each['kind']} {each['signal']}"


@pytest.mark.parametrize(
    ("target", "declared", "asked"),
    [
        ("sagemaker", {"alerts": {"queue_ms": 5}}, []),
        ("sagemaker", {"alerts": {"queue_ms": 5}, "sagemaker": {"kind": "serverless"}}, ["alerts.queue_ms: 5"]),
        ("vertex", {"alerts": {"queue_ms": 5}}, []),
        (
            "vertex",
            {
                "alerts": {"queue_ms": 5},
                "vertex": {
                    "endpoint": "peered",
                    "machine_type": "n1-standard-2",
                    "network": "projects/1/global/networks/a",
                },
            },
            ["alerts.queue_ms: 5"],
        ),
        ("azureml", {}, ["alerts.error_rate: 0.01 as a share of the requests"]),
        (
            "azureml",
            {"alerts": {"queue_ms": 5, "error_rate": 0.05}, "azureml": {"arc": "edge"}},
            [
                "alerts.error_rate: 0.05 as a share of the requests",
                "alerts.queue_ms: 5",
                "alarms on processors, GPUs and memory",
            ],
        ),
    ],
)
def test_what_is_watched_otherwise(target: ManagedTarget, declared: dict[str, Any], asked: list[str]) -> None:
    model = Model.model_validate(
        {"name": "m", "task": "ranking", "source": "../models/m", "target": target, **declared}
    )
    assert [each.asked for each in signal_shortfalls(model, target)] == asked


def test_the_line_of_the_plan() -> None:
    model = Model.model_validate({"name": "m", "task": "ranking", "source": "../models/m", "target": "azureml"})
    (found,) = signal_shortfalls(model, "azureml")
    assert found.sentence("m") == (
        "model 'm': Azure ML does not do alerts.error_rate: 0.01 as a share of the requests; the nearest it can: a "
        "count of failures in a minute: the allowed share of the objective's rate, and at least one"
    )


def _known(target: str, kind: str, signal: str) -> bool:
    try:
        return bool(managed_signal(target, signal, kind))
    except KeyError:
        return False
