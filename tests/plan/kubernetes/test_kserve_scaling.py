"""Who scales a model that KServe serves, and by what."""

from __future__ import annotations

from typing import Any

import pytest
from modelyard.graph import ResourceGraph
from modelyard.serving.kserve.service import KServeService

from .kserve_program import canary_revision, kserve_arguments, on_cpu
from .program import graph_of, kubernetes_objects, one

CLASS = "serving.kserve.io/autoscalerClass"


def made(arguments: Any) -> ResourceGraph:
    return graph_of(lambda opts: KServeService("prod-east-tagger", arguments, opts))


def kinds(graph: ResourceGraph) -> set[str]:
    return {resource.inputs["kind"] for resource in kubernetes_objects(graph)}


def served(graph: ResourceGraph) -> dict[str, Any]:
    return one(graph, "InferenceService").inputs


def test_our_own_autoscaler_follows_the_queue_of_kserves_deployment() -> None:
    graph = made(kserve_arguments())
    assert served(graph)["metadata"]["annotations"][CLASS] == "external"
    scaler = one(graph, "HorizontalPodAutoscaler").inputs
    assert scaler["spec"]["scaleTargetRef"]["name"] == "tagger-predictor"
    assert scaler["spec"]["metrics"][0]["pods"]["metric"]["name"] == "triton_queue_ms"


@pytest.mark.parametrize(
    "scaling",
    [
        {"min_replicas": 1, "max_replicas": 3},
        {"min_replicas": 0, "max_replicas": 3},
        {"max_replicas": 3, "target_requests_per_second": 20},
    ],
)
def test_it_is_not_called_as_the_deployment(scaling: dict[str, Any]) -> None:
    """KServe 0.20 updates any HorizontalPodAutoscaler of that name to its own, for the class external too."""
    graph = made(kserve_arguments(scaling=scaling))
    if "ScaledObject" in kinds(graph):
        scaled = one(graph, "ScaledObject").inputs
        assert scaled["spec"]["scaleTargetRef"]["name"] == "tagger-predictor"
        assert scaled["spec"]["advanced"]["horizontalPodAutoscalerConfig"]["name"] == "tagger"
        assert scaled["metadata"]["name"] == "tagger"
    else:
        assert one(graph, "HorizontalPodAutoscaler").inputs["metadata"]["name"] == "tagger"


def test_kserves_hpa_follows_processor_time() -> None:
    graph = made(on_cpu("sklearnserver", "sklearn", autoscaler="hpa", scaling={"min_replicas": 2, "max_replicas": 4}))
    assert served(graph)["metadata"]["annotations"][CLASS] == "hpa"
    predictor = served(graph)["spec"]["predictor"]
    assert (predictor["minReplicas"], predictor["maxReplicas"]) == (2, 4)
    target = {"type": "Utilization", "averageUtilization": 70}
    assert predictor["autoScaling"]["metrics"] == [{"type": "Resource", "resource": {"name": "cpu", "target": target}}]
    assert not {"HorizontalPodAutoscaler", "ScaledObject"} & kinds(graph)


def test_kserves_keda_divides_by_the_replicas() -> None:
    """KServe passes no metricType on, and KEDA's default divides the answer: an average is multiplied first."""
    scaling = {"max_replicas": 4, "target_queue_ms": 7.5, "target_concurrency": 6}
    graph = made(kserve_arguments(autoscaler="keda", scaling=scaling))
    assert served(graph)["metadata"]["annotations"][CLASS] == "keda"
    queue, flight = (each["external"] for each in served(graph)["spec"]["predictor"]["autoScaling"]["metrics"])
    asked = 'namespace="shop",service="tagger-predictor"'
    assert queue["metric"]["query"].endswith(f" * sum(up{{{asked}}})")
    assert f"nv_inference_queue_duration_us{{{asked}}}" in queue["metric"]["query"]
    assert queue["target"] == {"type": "Value", "value": "7.5"}
    assert "up{" not in flight["metric"]["query"]
    assert flight["target"] == {"type": "Value", "value": "6"}
    assert queue["metric"]["serverAddress"] == "http://prometheus-operated.monitoring.svc:9090"


def test_no_autoscaler_is_no_autoscaler() -> None:
    graph = made(on_cpu("sklearnserver", "sklearn", autoscaler="none"))
    assert served(graph)["metadata"]["annotations"][CLASS] == "none"
    assert "autoScaling" not in served(graph)["spec"]["predictor"]
    assert not {"HorizontalPodAutoscaler", "ScaledObject"} & kinds(graph)


def test_knative_scales_to_zero_by_itself() -> None:
    scaling = {"min_replicas": 0, "max_replicas": 4, "target_requests_per_second": 25.5}
    graph = made(kserve_arguments(**{**canary_revision(), "rollout": None, "canary": None, "scaling": scaling}))
    predictor = served(graph)["spec"]["predictor"]
    assert (predictor["minReplicas"], predictor["scaleMetric"], predictor["scaleTarget"]) == (0, "rps", 25)
    assert CLASS not in served(graph)["metadata"]["annotations"]
    assert not {"HorizontalPodAutoscaler", "ScaledObject", "HTTPRoute"} & kinds(graph)
