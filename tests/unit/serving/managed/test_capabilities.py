"""What a managed service cannot do is one line, with the nearest thing that it can."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest
from modelyard.catalog.table import rows
from modelyard.environment.model import Model
from modelyard.environment.rollout import Rollout
from modelyard.environment.target import MANAGED, ManagedTarget
from modelyard.serving.managed.capabilities import capability, kubernetes_shortfalls, shortfalls
from modelyard.serving.managed.endpoint import shares_of

TABLE = rows("target_capabilities.csv")
NAMES = sorted({row["capability"] for row in TABLE if row["target"] in MANAGED})
ROLLOUT = {"stable": 3, "canary": 4}
BASELINE = {"constraints_url": "s3://b/constraints.json", "statistics_url": "s3://b/statistics.json"}
WATCHED = {"instance_type": "ml.m5.large", "quality": {"data": BASELINE}}


def model(**declared: Any) -> Model:
    return Model(name="m", task="ranking", source="../models/m", **declared)


def test_every_managed_target_answers_for_every_capability() -> None:
    assert len(NAMES) > 15
    for target in MANAGED:
        for name in NAMES:
            found = capability(target, name)
            assert found.supported == "yes" or found.nearest, f"{target} cannot {name}, and nothing is nearest"


def test_every_row_has_a_source_and_a_date() -> None:
    assert len({(row["target"], row["capability"]) for row in TABLE}) == len(TABLE)
    for row in TABLE:
        assert row["source"]
        assert date.fromisoformat(row["source_date"]).year >= 2024
        assert row["supported"] in ("yes", "partly", "no")


@pytest.mark.parametrize(
    ("target", "declared", "asked"),
    [
        ("sagemaker", {}, []),
        ("sagemaker", {"rollout": {**ROLLOUT, "sticky": {"cookie": "side"}}}, ["rollout.sticky"]),
        ("sagemaker", {"rollout": {**ROLLOUT, "mirror_percent": 100}}, []),
        ("sagemaker", {"scaling": {"target_queue_ms": 5.0}}, ["scaling.target_queue_ms"]),
        ("sagemaker", {"scaling": {"min_replicas": 0}}, ["scaling.min_replicas: 0"]),
        ("sagemaker", {"scaling": {"min_replicas": 0}, "sagemaker": {"kind": "serverless"}}, []),
        ("sagemaker", {"resources": {"gpus": 1}, "sagemaker": {"kind": "serverless"}}, ["resources.gpus: 1"]),
        ("vertex", {"rollout": {**ROLLOUT, "mirror_percent": 10}}, ["rollout.mirror_percent: 10"]),
        ("vertex", {"scaling": {"min_replicas": 0}}, ["scaling.min_replicas: 0"]),
        (
            "vertex",
            {"rollout": {**ROLLOUT, "gates": {"p99_ms": 200.0, "error_rate": 0.01}}},
            ["rollout.gates.error_rate", "rollout.gates.p99_ms"],
        ),
        ("azureml", {"rollout": {**ROLLOUT, "mirror_percent": 50}}, []),
        ("sagemaker", {"capture": {"content": "input"}}, []),
        ("sagemaker", {"capture": {}, "sagemaker": {"kind": "serverless"}}, ["capture"]),
        (
            "sagemaker",
            {"capture": {}, "sagemaker": {"instance_type": "ml.m5.large", "capture": {"url": "s3://ours"}}},
            ["capture.retention_days: 90"],
        ),
        ("sagemaker", {"sagemaker": WATCHED}, ["sagemaker.quality"]),
        ("vertex", {"sagemaker": WATCHED}, ["sagemaker.quality"]),
        ("azureml", {"sagemaker": WATCHED}, ["sagemaker.quality"]),
        ("vertex", {"capture": {}}, []),
        ("vertex", {"capture": {"content": "output"}}, ["capture.content: output"]),
        ("azureml", {"capture": {"content": "output", "retention_days": 7}}, []),
        ("azureml", {"capture": {}, "azureml": {"arc": "edge"}}, []),
        ("azureml", {"rollout": {**ROLLOUT, "mirror_percent": 51}}, ["rollout.mirror_percent: 51"]),
    ],
)
def test_what_a_declaration_asks_and_the_target_does_not_do(
    target: ManagedTarget, declared: dict[str, Any], asked: list[str]
) -> None:
    found = shortfalls(model(target=target, **declared), target)
    assert [each.asked for each in found] == asked


def test_the_line_of_the_plan() -> None:
    sticky = model(target="vertex", rollout={**ROLLOUT, "sticky": {"header": "x-user-id"}})
    (found,) = shortfalls(sticky, "vertex")
    assert found.sentence("m") == (
        "model 'm': Vertex AI does not do rollout.sticky; the nearest it can: an endpoint of the new version's own, "
        "which chosen callers are given"
    )


def test_clusters_keep_no_payloads_yet_and_a_plan_says_so() -> None:
    (found,) = kubernetes_shortfalls(model(capture={}))
    assert found.sentence("m") == (
        "model 'm': Kubernetes does not do capture; the nearest it can: target: sagemaker, vertex or azureml, whose "
        "service keeps payloads; on clusters the caller keeps its own requests"
    )
    assert kubernetes_shortfalls(model()) == ()
    assert kubernetes_shortfalls(model(target="vertex", capture={})) == ()


@pytest.mark.parametrize(
    ("rollout", "shares"),
    [
        (None, {3: 100}),
        ({"stable": 3}, {3: 100}),
        ({**ROLLOUT, "percent": 10}, {3: 90, 4: 10}),
        ({**ROLLOUT, "percent": 100}, {3: 0, 4: 100}),
        ({**ROLLOUT, "mirror_percent": 20}, {3: 100, 4: 0}),
    ],
)
def test_shares_of_versions_make_a_hundred(rollout: dict[str, Any] | None, shares: dict[int, int]) -> None:
    declared = None if rollout is None else Rollout(**rollout)
    assert shares_of(declared, 3) == shares
    assert sum(shares.values()) == 100
