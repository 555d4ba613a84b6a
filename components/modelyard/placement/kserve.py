"""Pods that KServe makes: of InferenceServices and InferenceGraphs (``serving.kserve.io`` of KServe 0.20)."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from modelyard.graph import Resource, ResourceGraph
from modelyard.placement.claims import Claims
from modelyard.placement.reading import at, mapping, text, texts, whole
from modelyard.placement.replicas import Autoscalers, Replicas, namespace
from modelyard.placement.workload import Workload, workload_of
from modelyard.serving.kserve.pods import KNATIVE_MODES, ComponentPods, deployment_mode, pods_of, router_pods

INFERENCE_SERVICE = "kubernetes:serving.kserve.io/v1beta1:InferenceService"
INFERENCE_GRAPH = "kubernetes:serving.kserve.io/v1alpha1:InferenceGraph"
SERVING_RUNTIME = "kubernetes:serving.kserve.io/v1alpha1:ServingRuntime"
CLUSTER_SERVING_RUNTIME = "kubernetes:serving.kserve.io/v1alpha1:ClusterServingRuntime"
LOCAL_MODEL_CACHE = "kubernetes:serving.kserve.io/v1alpha1:LocalModelCache"
LOCAL_MODEL_NAMESPACE_CACHE = "kubernetes:serving.kserve.io/v1alpha1:LocalModelNamespaceCache"
_AUTOSCALER_CLASS = "serving.kserve.io/autoscalerClass"


class ServingRuntimes:
    """The ServingRuntimes of a graph, by the name that predictors give; a namespace's own goes before a cluster's."""

    def __init__(self, graph: ResourceGraph) -> None:
        self._found: dict[tuple[str | None, str, str], Resource] = {}
        for runtime in graph.of_type(SERVING_RUNTIME, CLUSTER_SERVING_RUNTIME):
            where = namespace(runtime) if runtime.type == SERVING_RUNTIME else ""
            name = text(at(runtime.inputs, "metadata", "name"))
            if name:
                self._found[runtime.provider, where, name] = runtime

    def of(self, service: Resource) -> Resource | None:
        """The runtime of an InferenceService's predictor; None where it is not in the graph."""
        name = text(at(service.inputs, "spec", "predictor", "model", "runtime"))
        if name is None:
            return None
        places = ((service.provider, where, name) for where in (namespace(service), ""))
        return next((self._found[place] for place in places if place in self._found), None)


def inference_service_workloads(
    service: Resource, runtimes: ServingRuntimes, autoscalers: Autoscalers, claims: Claims | None = None
) -> Iterable[Workload]:
    """Predictor, transformer and explainer, each as the Deployment or the Knative Service that KServe makes of it."""
    knative = deployment_mode(service.inputs) in KNATIVE_MODES
    runtime = runtimes.of(service)
    for pods in pods_of(service.inputs, None if runtime is None else runtime.inputs):
        name = pods.name or f"{service.name}-{pods.component}"
        rolling = mapping(at(service.inputs, "spec", pods.component, "deploymentStrategy"))
        strategy = None if rolling.get("type") == "Recreate" else mapping(rolling.get("rollingUpdate"))
        replicas = _replicas(service, pods, name, autoscalers, knative=knative)
        share = whole(at(service.inputs, "spec", pods.component, "canaryTrafficPercent"))
        splits = knative and share is not None and share < 100
        beside = knative and not splits
        yield workload_of(service, pods.template, replicas, name=name, strategy=strategy, beside=beside, claims=claims)
        if splits:
            # The revision before stays, with the bounds that it was made with; the plan knows the newest one's.
            yield workload_of(service, pods.template, replicas, name=f"{name}-before", strategy=strategy)


def inference_graph_workloads(graph: Resource, autoscalers: Autoscalers) -> Iterable[Workload]:
    """The router's pods."""
    knative = deployment_mode(graph.inputs) in KNATIVE_MODES
    spec = mapping(graph.inputs.get("spec"))
    bounds = autoscalers.of(graph, "Deployment") or _between(spec, knative=knative)
    yield workload_of(graph, router_pods(graph.inputs), bounds, strategy={}, beside=knative)


def _replicas(
    service: Resource, pods: ComponentPods, name: str, autoscalers: Autoscalers, *, knative: bool
) -> Replicas:
    spec = mapping(at(service.inputs, "spec", pods.component))
    if not knative:
        bounds = autoscalers.of(service, "Deployment", name)
        if bounds is not None:
            return bounds
        scaled_by = texts(at(service.inputs, "metadata", "annotations")).get(_AUTOSCALER_CLASS)
        if scaled_by in ("none", "external"):
            # KServe sets minReplicas in the first case, and nothing in the second, which makes it one.
            return Replicas.fixed(whole(spec.get("minReplicas", 1)) if scaled_by == "none" else 1)
    return _between(spec, knative=knative)


def _between(spec: Mapping[str, Any], *, knative: bool) -> Replicas:
    """Of KServe's own autoscalers, which keep one replica at least, or of Knative's, which wakes one from none."""
    least, most = whole(spec.get("minReplicas", 1)), whole(spec.get("maxReplicas", 0))
    if least is None:
        return Replicas.fixed(None)
    if knative:
        # No maximum is no bound; the plan can speak of what is declared alone.
        return Replicas.between(least, most, wakes=True)
    return Replicas.between(max(least, 1), most)
