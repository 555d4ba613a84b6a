"""Pods of a Server of Seldon Core 2 (``mlops.seldon.io/v1alpha1``), which is a StatefulSet by the Server's name."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from modelyard.graph import Resource
from modelyard.placement.reading import at, mapping, whole
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
    yield workload_of(
        server, server_pods(server.inputs), Replicas.between(floor, whole(spec.get("maxReplicas", declared)))
    )


def server_pods(server: Mapping[str, Any]) -> dict[str, Any]:
    """``metadata`` and ``spec`` of a Server's pods, with Seldon's own label of it."""
    metadata = mapping(server.get("metadata"))
    labels = {**mapping(metadata.get("labels")), "seldon-server-name": metadata.get("name")}
    return {"metadata": {**metadata, "labels": labels}, "spec": at(server, "spec", "podSpec")}
