"""Every Triton metric that a rule names is one that a real server exports."""

from __future__ import annotations

import re

import pytest

from modelyard.capacity.software.prometheus_adapter import queue_rule
from modelyard.governance.ownership import Ownership
from modelyard.monitoring.metrics import UnknownMetric, exported_by, metric
from modelyard.monitoring.model_alerts import ModelThresholds, model_alerts

from .test_triton import infer
from .triton_server import TritonServer

pytestmark = pytest.mark.servers

THRESHOLDS = ModelThresholds(
    "tagger", Ownership("shop", "CC-1", "prod", "shop@example.org"), 0.01, 5, 5, 4, p99_ms=50
)
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


def test_requests_and_failures_are_counted(triton: TritonServer) -> None:
    def count(name: str, label: str = "") -> float:
        return sum(
            float(line.rsplit(" ", 1)[1])
            for line in triton.metrics().splitlines()
            if line.startswith(f"{name}{{") and label in line
        )

    succeeded, failed = count(metric("succeeded")), count(metric("failed"), 'reason="BACKEND"')
    assert infer(triton, 1.0)[0] == 200
    assert infer(triton, -1.0)[0] == 500
    assert count(metric("succeeded")) == succeeded + 1
    assert count(metric("failed"), 'reason="BACKEND"') == failed + 1


def test_the_table_of_metrics_holds_nothing_unused() -> None:
    used = named() | {metric("first_response_ms")}
    assert set(exported_by("triton")) == used
