"""What Prometheus is told to scrape and to watch."""

from __future__ import annotations

from typing import Any

import pytest
from modelyard.environment.model import ModelAlerts
from modelyard.monitoring.monitoring import ClusterMonitoring, Monitoring, thresholds
from modelyard.serving.triton.service import TritonService

from .program import PLATFORM, SHOP, graph_of, one, refusal, triton_arguments


def monitoring(*models: Any) -> Any:
    arguments: Any = {"ownership": SHOP.args(), "models": list(models)}
    return lambda opts: Monitoring("prod-east-shop", arguments, opts)


def alerts(model: dict[str, Any]) -> dict[str, dict[str, Any]]:
    (group,) = one(graph_of(monitoring(model)), "PrometheusRule").inputs["spec"]["groups"]
    return {rule["alert"]: rule for rule in group["rules"]}


def test_one_monitor_finds_every_service_of_the_department() -> None:
    def declare(opts: Any) -> None:
        monitoring(*({"model": name, "max_replicas": 2} for name in ("tagger", "reviews")))(opts)
        TritonService("prod-east-tagger", triton_arguments(), opts)

    graph = graph_of(declare)
    monitor = one(graph, "ServiceMonitor").inputs
    served = one(graph, "Service").inputs
    assert monitor["metadata"]["namespace"] == served["metadata"]["namespace"] == "shop"
    assert monitor["spec"]["selector"]["matchLabels"].items() <= served["metadata"]["labels"].items()
    assert monitor["spec"]["endpoints"][0]["port"] in [port["name"] for port in served["spec"]["ports"]]
    assert set(monitor["spec"]["targetLabels"]) <= served["metadata"]["labels"].keys()


def test_every_model_has_rules_of_its_own_in_its_departments_namespace() -> None:
    graph = graph_of(monitoring(*({"model": name, "max_replicas": 2} for name in ("tagger", "reviews"))))
    rules = [resource.inputs for resource in graph if resource.type.endswith(":PrometheusRule")]
    assert sorted(rule["metadata"]["name"] for rule in rules) == ["reviews", "tagger"]
    assert {rule["metadata"]["namespace"] for rule in rules} == {"shop"}


def test_every_alert_says_whose_it_is_and_what_to_do() -> None:
    for name, rule in alerts({"model": "tagger", "max_replicas": 2, "p99_ms": 80}).items():
        assert {key: rule["labels"][key] for key in ("department", "model")} == {
            "department": "shop",
            "model": "tagger",
        }
        assert rule["labels"]["severity"] in ("critical", "warning")
        assert rule["annotations"]["runbook"] == f"docs/alerts.md#{name.lower()}"


@pytest.mark.parametrize(
    ("model", "alert", "threshold"),
    [
        ({"error_rate": 0.05}, "ModelErrorRate", "> 0.05"),
        ({"error_rate": 0.05}, "ModelGatewayErrorRate", "> 0.05"),
        ({"queue_ms": 12}, "ModelQueueTime", "> 12"),
        ({"p99_ms": 80}, "ModelQueueTime", "> 40"),
        ({}, "ModelQueueTime", "> 50"),
        ({"p99_ms": 80}, "ModelLatencyP99", "> 80"),
        ({"max_replicas": 6}, "ModelAtMaxReplicas", ">= 6"),
    ],
)
def test_thresholds_are_the_declared_ones(model: dict[str, Any], alert: str, threshold: str) -> None:
    assert alerts({"model": "tagger", "max_replicas": 2, **model})[alert]["expr"].endswith(threshold)


def test_without_an_objective_latency_raises_nothing() -> None:
    assert "ModelLatencyP99" not in alerts({"model": "tagger", "max_replicas": 2})


def test_what_a_department_declares_becomes_thresholds() -> None:
    declared = ModelAlerts(error_rate=0.02, queue_ms=None, for_minutes=7)
    entry = thresholds("tagger", declared, max_replicas=4, p99_ms=90)
    rules = alerts(entry)
    assert rules["ModelErrorRate"]["for"] == "7m"
    assert rules["ModelErrorRate"]["expr"].endswith("> 0.02")
    assert rules["ModelLatencyP99"]["expr"].endswith("> 90")


def test_gpus_are_watched_by_the_platform() -> None:
    graph = graph_of(lambda opts: ClusterMonitoring("prod-east", {"ownership": PLATFORM.args()}, opts))
    rule = one(graph, "PrometheusRule").inputs
    assert rule["metadata"]["namespace"] == "monitoring"
    assert [alert["alert"] for alert in rule["spec"]["groups"][0]["rules"]] == ["GpuMemoryNearlyFull", "GpuXidError"]


def test_bad_arguments_are_refused() -> None:
    assert "models[0].error_rate" in refusal(monitoring({"model": "tagger", "max_replicas": 2, "error_rate": 2}))


def test_neuron_devices_are_watched_where_they_are_measured() -> None:
    arguments: Any = {"ownership": PLATFORM.args(), "neuron": True}
    graph = graph_of(lambda opts: ClusterMonitoring("prod-east", arguments, opts))
    rules = {each.name: each for each in graph.of_type("kubernetes:monitoring.coreos.com/v1:PrometheusRule")}
    assert set(rules) == {"prod-east", "prod-east-neuron"}
    (alert,) = rules["prod-east-neuron"].inputs["spec"]["groups"][0]["rules"]
    assert alert["expr"] == (
        'increase(hardware_ecc_events_total{event_type=~"mem_ecc_uncorrected|sram_ecc_uncorrected"}[15m]) > 0'
    )
