"""Every workload of a graph, by one pass over its resources."""

from __future__ import annotations

from collections.abc import Callable, Iterable

from modelyard.graph import Resource, ResourceGraph
from modelyard.placement.argo_rollouts import ROLLOUT, rollout_workloads
from modelyard.placement.claims import Claims
from modelyard.placement.flagger import Canaries
from modelyard.placement.kserve import (
    INFERENCE_GRAPH,
    INFERENCE_SERVICE,
    ServingRuntimes,
    inference_graph_workloads,
    inference_service_workloads,
)
from modelyard.placement.reading import at, mapping, whole
from modelyard.placement.replicas import Autoscalers, Replicas
from modelyard.placement.seldon import SERVER, server_workloads
from modelyard.placement.standby import Standby
from modelyard.placement.workload import Workload, workload_of

DEPLOYMENT = "kubernetes:apps/v1:Deployment"


def workloads(graph: ResourceGraph) -> list[Workload]:
    """Every workload of the graph, in registration order; what a controller makes from a resource of its own too.

    The floor of replicas is the autoscaler's ``minReplicas`` where one targets the workload (default 1; a KEDA
    ScaledObject's ``minReplicaCount``, default 0, or the highest of its windows), else ``spec.replicas`` (default 1).
    """
    makers = _makers(graph)
    found: list[Workload] = []
    for resource in graph:
        make = makers.get(resource.type)
        if make is not None:
            found.extend(make(resource))
    return found


def _makers(graph: ResourceGraph) -> dict[str, Callable[[Resource], Iterable[Workload]]]:
    autoscalers, canaries, runtimes = Autoscalers(graph), Canaries(graph), ServingRuntimes(graph)
    claims, standby = Claims(graph), Standby(graph)
    return {
        DEPLOYMENT: lambda resource: _deployment(resource, autoscalers, standby, canaries, claims),
        "kubernetes:apps/v1:StatefulSet": lambda resource: _replicated(resource, autoscalers, claims),
        "kubernetes:apps/v1:ReplicaSet": lambda resource: _replicated(resource, autoscalers, claims),
        "kubernetes:core/v1:Pod": lambda resource: _pod(resource, claims),
        INFERENCE_SERVICE: lambda resource: inference_service_workloads(resource, runtimes, autoscalers, claims),
        INFERENCE_GRAPH: lambda resource: inference_graph_workloads(resource, autoscalers),
        ROLLOUT: lambda resource: rollout_workloads(resource, autoscalers, claims),
        SERVER: server_workloads,
    }


def _deployment(
    resource: Resource, autoscalers: Autoscalers, standby: Standby, canaries: Canaries, claims: Claims
) -> Iterable[Workload]:
    spec = resource.inputs.get("spec")
    strategy = mapping(at(spec, "strategy"))
    rolling = None if strategy.get("type") == "Recreate" else mapping(strategy.get("rollingUpdate"))
    primary = canaries.primary_of(resource)
    replicas = standby.of(resource) or _bounds(resource, autoscalers)
    template = mapping(at(spec, "template"))
    beside = primary is not None
    yield workload_of(resource, template, replicas, name=primary, strategy=rolling, beside=beside, claims=claims)


def _replicated(resource: Resource, autoscalers: Autoscalers, claims: Claims) -> Iterable[Workload]:
    template = mapping(at(resource.inputs, "spec", "template"))
    yield workload_of(resource, template, _bounds(resource, autoscalers), claims=claims)


def _pod(resource: Resource, claims: Claims) -> Iterable[Workload]:
    template = {"metadata": resource.inputs.get("metadata"), "spec": resource.inputs.get("spec")}
    yield workload_of(resource, template, Replicas.fixed(1), claims=claims)


def _bounds(resource: Resource, autoscalers: Autoscalers) -> Replicas:
    declared = whole(mapping(resource.inputs.get("spec")).get("replicas", 1))
    return autoscalers.of(resource) or Replicas.fixed(declared)
