"""What a plan says of a model and of the option that it is are the same figures, in each of its forms."""

from __future__ import annotations

import io
import json
import shutil
from pathlib import Path
from typing import Any

import pytest
import yaml
from modelyard.review.build import plan
from modelyard.review.choices import span_text
from modelyard.review.html.page import parts
from modelyard.review.markdown import escaped, to_markdown
from modelyard.review.model_text import p99, replicas
from modelyard.review.plan import PlanDocument
from modelyard.review.plan_json import lines
from modelyard.review.terminal.page import print_plan

EXAMPLES = Path(__file__).resolve().parents[2] / "examples"
SPIKY = ("quiet-nights", "sold-out", "now-and-then")
POINTS = [{"accelerator": "cpu", "batch_size": size, "latency_ms": ms} for size, ms in ((1, 4), (8, 9), (32, 28))]
STEADY = {"otherwise": 600}
RUSHES = {
    "windows": [{"days": "mon-fri", "start": "10:00", "end": "12:00", "requests_per_second": 1500}],
    "otherwise": 5,
}
SELDOM = {"windows": [{"days": "mon-fri", "start": "10:00", "end": "12:00", "requests_per_second": 3}]}
PRICES = (
    ("gcp/europe-west4/Vertex AI prediction/n1-standard-2", "hour", "0.11"),
    ("aws/us-east-1/SageMaker real-time inference/ml.m5.large", "hour", "0.115"),
    ("azure/westeurope/Standard_DS3_v2/on_demand", "hour", "0.27"),
    ("aws/us-east-1/SageMaker Serverless Inference/provisioned concurrency, memory 1024 MB", "second", "0.00001"),
)
FOLLOWING = {"min_replicas": 1, "max_replicas": 4, "target_requests_per_second": 400}
SERVERLESS = {"kind": "serverless", "serverless": {"memory_mib": 1024, "max_concurrency": 30}}
WARM = {"kind": "serverless", "serverless": {"memory_mib": 1024, "max_concurrency": 30, "provisioned_concurrency": 1}}
KINDS: tuple[tuple[str, str, dict[str, Any], dict[str, Any]], ...] = (
    ("sagemaker", "always_on", {"traffic": STEADY, "scaling": {"min_replicas": 1, "max_replicas": 1}}, {}),
    ("sagemaker", "autoscaled", {"traffic": RUSHES, "scaling": FOLLOWING}, {}),
    ("sagemaker", "serverless", {"traffic": SELDOM, "sagemaker": SERVERLESS}, {"scaling": 1}),
    ("sagemaker", "serverless_with_warm_floor", {"traffic": SELDOM, "sagemaker": WARM}, {"scaling": 1}),
    ("vertex", "always_on", {"traffic": STEADY, "scaling": {"min_replicas": 1, "max_replicas": 1}}, {}),
    ("vertex", "autoscaled", {"traffic": RUSHES, "scaling": {"min_replicas": 1, "max_replicas": 4}}, {}),
    ("azureml", "always_on", {"traffic": STEADY, "scaling": {"min_replicas": 1, "max_replicas": 1}}, {}),
    ("azureml", "autoscaled", {"traffic": RUSHES, "scaling": {"min_replicas": 1, "max_replicas": 4}}, {}),
    ("kubernetes", "always_on", {"traffic": STEADY, "scaling": {"min_replicas": 1, "max_replicas": 1}}, {}),
    ("kubernetes", "autoscaled", {"traffic": RUSHES, "scaling": {"min_replicas": 1, "max_replicas": 4}}, {}),
)


@pytest.mark.parametrize("environment", SPIKY)
def test_of_a_model_that_takes_what_is_cheapest(environment: str, monkeypatch: pytest.MonkeyPatch) -> None:
    document = plan(EXAMPLES / "spiky-traffic" / "stacks" / environment, EXAMPLES / "spiky-traffic" / "stacks")
    (choice,) = document.choices
    assert choice.choice.chosen is not None
    agree(document, choice.choice.chosen, monkeypatch)


@pytest.mark.parametrize(
    ("target", "kind", "declared", "dropped"), KINDS, ids=[f"{each[0]} {each[1]}" for each in KINDS]
)
def test_of_a_model_that_names_its_target(
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    target: str,
    kind: str,
    declared: dict[str, Any],
    dropped: dict[str, Any],
) -> None:
    document = planned(tmp_path, target, declared, dropped)
    (choice,) = document.choices
    (model,) = document.models
    (found,) = [
        each
        for each in choice.choice.options
        if each.kind == kind and each.place.target == target and own_machine(each.place.machine, model.places[0])
    ]
    agree(document, found, monkeypatch)


def own_machine(machine: str, place: Any) -> bool:
    return machine in (place.instance_type, "1024 MiB", "system")


def planned(tmp_path: Path, target: str, declared: dict[str, Any], dropped: dict[str, Any]) -> PlanDocument:
    copy = tmp_path / "example"
    shutil.copytree(EXAMPLES / "sentiment-api", copy)
    stacks = copy / "stacks"
    department = stacks / target / "departments" / "support.yaml"
    data = yaml.safe_load(department.read_text())
    (model,) = data["models"]
    for key in dropped:
        del model[key]
    model |= {
        "objective": {"p99_ms": 200, "requests_per_second": 50},
        "profile": {"source": "an estimate for planning", "points": POINTS},
        **declared,
    }
    department.write_text(yaml.safe_dump(data))
    platform = stacks / target / "platform.yaml"
    data = yaml.safe_load(platform.read_text())
    data.setdefault("costs", {})["hours_per_month"] = 744
    data["costs"]["price_overrides"] = [
        {"match": match, "unit": unit, "usd": float(usd), "reason": "a quote of the cloud"}
        for match, unit, usd in PRICES
    ]
    platform.write_text(yaml.safe_dump(data))
    return plan(stacks / target, stacks)


def agree(document: PlanDocument, option: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    (model,) = document.models
    (place,) = model.places
    prediction, latency = place.prediction, option.latency
    assert prediction is not None and latency is not None
    assert prediction.basis == "traffic"
    assert (place.min_replicas, place.max_replicas) >= (option.least, option.most)
    data = json.loads("".join(lines(document)))
    (of_option,) = [
        each
        for each in data["choices"][0]["options"]
        if (each["kind"], each["target"], each["where"], each["machine"]) == option.key
    ]
    (of_place,) = data["models"][0]["places"]
    assert of_place["predicted_p99_ms"] == of_place["prediction"]["p99_ms"] == of_option["p99_high_ms"]
    assert of_place["prediction"]["p99_low_ms"] == of_option["p99_low_ms"]
    if place.target != "kubernetes":
        assert of_option["monthly_usd"] is not None
        assert of_place["serving_usd"] == of_option["monthly_usd"]
    assert data["models"][0]["usd_per_million"] == pytest.approx(
        data["models"][0]["monthly_usd"] / data["choices"][0]["requests_per_month"] * 1e6, rel=1e-3
    )
    for text in (terminal(document, monkeypatch), to_markdown(document), "".join(parts(document))):
        shown = span_text(latency.low_ms, latency.high_ms)
        assert shown in text or escaped(shown) in text
        assert p99(model, place) in text or escaped(p99(model, place)) in text
        assert replicas(place) in text


def terminal(document: PlanDocument, monkeypatch: pytest.MonkeyPatch) -> str:
    monkeypatch.setenv("COLUMNS", "240")
    file = io.StringIO()
    print_plan(document, file, full=True)
    return file.getvalue()
