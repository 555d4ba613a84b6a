"""An endpoint of Vertex AI, run by the offline engine, and what its graph is asked."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, Literal

import pulumi
from modelyard.graph import Resource, ResourceGraph
from modelyard.offline import Run, run
from modelyard.serving.vertex.endpoint import VertexEndpoint
from recorded_graph import refused

OWNER = {"department": "toys", "cost_center": "CC-2000", "environment": "prod", "owner": "toys@retail.example"}
IMAGE = f"us-docker.pkg.dev/shop-prod/serving/tritonserver@sha256:{'a' * 64}"
KEY = "projects/shop-keys/locations/us-central1/keyRings/models/cryptoKeys/models"
ENDPOINT = "gcp:vertex/aiEndpoint:AiEndpoint"
MODEL = "pulumi-python:dynamic/vertex:Model"
DEPLOYED = "pulumi-python:dynamic/vertex:DeployedModel"
SPLIT = "pulumi-python:dynamic/vertex:TrafficSplit"
CANARY: Mapping[str, Any] = {
    "rollout": {"stable": 3, "canary": 4, "percent": 10},
    "canary": {"artefact": "gs://models/toys/fraud/4"},
}


def arguments(**changes: Any) -> Any:
    """Of a model on one L4; a change to None leaves the key out."""
    given: dict[str, Any] = {
        "ownership": OWNER,
        "model": "fraud",
        "project": "shop-prod",
        "region": "us-central1",
        "artefact": "gs://models/toys/fraud/3",
        "image": IMAGE,
        "machine_type": "g2-standard-8",
        **changes,
    }
    return {key: value for key, value in given.items() if value is not None}


def planned(mode: Literal["preview", "up"] = "preview", **changes: Any) -> Run:
    """The run of a program with this one endpoint."""
    return run_program(lambda: VertexEndpoint("fraud", arguments(**changes)), mode)


def run_program(declare: Callable[[], VertexEndpoint], mode: Literal["preview", "up"] = "preview") -> Run:
    def program() -> None:
        made = declare()
        for name in ("endpoint_name", "predict_url", "service_account", "traffic"):
            pulumi.export(name, getattr(made, name))

    return run(program, project="shop", stack="prod", mode=mode)


def refusal(**changes: Any) -> str:
    """What is said of the arguments, without the component's name."""
    return refused(lambda: planned(**changes))


def all_of(graph: ResourceGraph, type_: str) -> dict[str, Resource]:
    """By name."""
    return {each.name: each for each in graph if each.type == type_}


def inputs_of(graph: ResourceGraph, type_: str, name: str = "fraud") -> dict[str, Any]:
    return dict(all_of(graph, type_)[name].inputs)
