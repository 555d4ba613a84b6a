"""A TritonService of one model, and the parts of its pods that tests ask for."""

from __future__ import annotations

from typing import Any

from modelyard.graph import Resource, ResourceGraph
from modelyard.serving.triton.service import TritonService

from .program import one, triton_arguments


def service(**changes: Any) -> Any:
    """Declares the service with changed arguments, for :func:`.program.graph_of`."""
    return lambda opts: TritonService("prod-east-tagger", triton_arguments(**changes), opts)


def stored(**changes: Any) -> dict[str, Any]:
    """Where the model lies, changed; a change to None takes a key out."""
    changed = {**triton_arguments()["stored"], **changes}
    return {key: value for key, value in changed.items() if value is not None}


AZURE = {"store": "azure", "account": "retailmodels", "region": None, "bucket": "models"}
"""Changes of :func:`stored` for a model in Azure Blob Storage."""


def pod(deployment: Resource) -> dict[str, Any]:
    return deployment.inputs["spec"]["template"]["spec"]


def server(graph: ResourceGraph) -> dict[str, Any]:
    """The container that serves."""
    (container,) = pod(one(graph, "Deployment"))["containers"]
    return container


def variables(graph: ResourceGraph) -> dict[str, str]:
    """What the container is told that downloads the model."""
    (download,) = pod(one(graph, "Deployment"))["initContainers"]
    return {variable["name"]: variable["value"] for variable in download["env"]}
