"""Pods of a Server of Seldon Core 2 (``mlops.seldon.io/v1alpha1``), which is a StatefulSet by the Server's name."""

from __future__ import annotations

from collections.abc import Iterable

from modelyard.graph import Resource
from modelyard.placement.reading import mapping, whole
from modelyard.placement.replicas import Replicas
from modelyard.placement.workload import Workload, workload_of

SERVER = "kubernetes:mlops.seldon.io/v1alpha1:Server"
MODEL = "kubernetes:mlops.seldon.io/v1alpha1:Model"


def server_workloads(server: Resource) -> Iterable[Workload]:
    """The Server's pods as far as the plan holds them: ``podSpec`` lies over the ServerConfig's, which brings Seldon's
    own containers, and Seldon hands labels and annotations of the Server to them."""
    spec = mapping(server.inputs.get("spec"))
    declared = whole(spec.get("replicas", 1))
    least = whole(spec.get("minReplicas", declared))
    floor = None if declared is None or least is None else max(min(declared, least), 1)
    template = {"metadata": server.inputs.get("metadata"), "spec": spec.get("podSpec")}
    yield workload_of(server, template, Replicas.between(floor, whole(spec.get("maxReplicas", declared))))
