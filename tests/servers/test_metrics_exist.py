"""Every Triton metric that a rule names is one that a real server exports."""

from __future__ import annotations

import re

import pytest
from modelyard.capacity.software.prometheus_adapter import queue_rule
from modelyard.catalog.metrics import UnknownMetric, metric
from modelyard.catalog.table import rows
from modelyard.governance.ownership import Ownership
from modelyard.monitoring.model_alerts import ModelThresholds, model_alerts

from .test_triton import infer
from .triton_server import TritonServer

pytestmark = pytest.mark.servers

THRESHOLDS = ModelThresholds("tagger", Ownership("shop", "CC-1", "prod", "shop@example.org"), 0.01, 5, 5, 4, p99_ms=50)
NAME = re.compile(r"\bnv_\w+")


def named() -> set[str]:
    """Triton's metrics in every alert and in the autoscaler's rule."""
    texts = [alert.expression for alert in model_alerts(THRESHOLDS)]
    texts += [queue_rule()["metricsQuery"], queue_rule()["seriesQuery"]]
    return {name for text in texts for name in NAME.findall(text)}


def exported(triton: TritonServer) -> dict[str, set[str]]:
    """Label names of each metric that has a sample."""
    samples: dict[str, set[str]] = {}
    for line in triton.metrics().splitlines():
        found = re.fullmatch(r"(nv_\w+)(?:\{(.*)\})? \S+", line)
        if found:
            samples.setdefault(found[1], set()).update(re.findall(r"(\w+)=", found[2] or ""))
    return samples


def test_a_server_exports_what_the_rules_name(triton: TritonServer) -> None:
    samples = exported(triton)
    assert named() == {metric("succeeded"), metric("failed"), metric("queue_us")}
    assert named() <= samples.keys()
    assert all("model" in samples[name] for name in named())
    assert "reason" in samples[metric("failed")]


def test_a_metric_of_a_later_release_is_absent_and_refused(triton: TritonServer) -> None:
    """2.51 is release 24.10."""
    assert "nv_inference_first_response_histogram_ms_bucket" not in exported(triton)
    with pytest.raises(UnknownMetric, match=r"came with release 25\.01; release 24\.10 does not export it"):
        metric("first_response_ms", "24.10")


def count(triton: TritonServer, name: str, label: str = "") -> float:
    lines = triton.metrics().splitlines()
    return sum(float(line.rsplit(" ", 1)[1]) for line in lines if line.startswith(f"{name}{{") and label in line)


@pytest.mark.parametrize(
    ("x", "status", "succeeded", "failed"),
    [
        pytest.param(1.0, 200, 1, 0, id="an answer"),
        pytest.param(-100.0, 500, 0, 1, id="an exception in the model"),
        pytest.param(-1.0, 500, 1, 0, id="an error as the answer of a model, which only the gateway sees"),
    ],
)
def test_what_a_server_counts(triton: TritonServer, x: float, status: int, succeeded: int, failed: int) -> None:
    before = count(triton, metric("succeeded")), count(triton, metric("failed"), 'reason="BACKEND"')
    assert infer(triton, x)[0] == status
    after = count(triton, metric("succeeded")), count(triton, metric("failed"), 'reason="BACKEND"')
    assert (after[0] - before[0], after[1] - before[1]) == (succeeded, failed)


def test_the_table_of_metrics_holds_nothing_unused() -> None:
    used = named() | {metric("first_response_ms")}
    assert {row["metric"] for row in rows("metrics.csv") if row["exporter"] == "triton"} == used
