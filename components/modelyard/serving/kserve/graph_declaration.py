"""Arguments of a graph of models, checked and completed."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Any

from pydantic import Field, model_validator

from ...environment.access import NO_ACCESS, ModelAccess, effective
from ...environment.declaration import Declaration
from ...environment.gateway import Hostname
from ...environment.inference_graph import GraphNode, NodeName, graph_problems, unknown_models
from ...environment.kserve import DeploymentMode
from ...environment.names import ModelName
from ...governance.arguments import read_arguments
from ...governance.ownership import Ownership, OwnershipArgs
from ..workload.declaration import GATEWAY, GatewayDeclaration
from ..workload.placement import Gateway
from .graph import Graph
from .graph_args import KServeGraphArgs


class GraphModelDeclaration(Declaration):
    """A model that KServe serves in the department's namespace."""

    name: ModelName
    port: Annotated[int, Field(ge=1, le=65535)] = 8080


class KServeGraphDeclaration(Declaration):
    """Same keys as :class:`~modelyard.serving.kserve.graph_args.KServeGraphArgs`."""

    ownership: Mapping[str, Any]
    name: ModelName
    cluster: str
    nodes: Annotated[dict[NodeName, GraphNode], Field(min_length=1)]
    models: list[GraphModelDeclaration]
    mode: DeploymentMode = "standard"
    min_replicas: Annotated[int, Field(ge=1, le=1000)] = 1
    max_replicas: Annotated[int, Field(ge=1, le=1000)] = 3
    cpu: Annotated[float, Field(gt=0, le=512)] = 0.5
    memory_gib: Annotated[float, Field(gt=0, le=4096)] = 0.25
    price_basis: str | None = None
    request_timeout_seconds: Annotated[int, Field(ge=1, le=3600)] = 60
    hostname: Hostname | None = None
    access: ModelAccess = ModelAccess()
    gateway: GatewayDeclaration | None = None

    @model_validator(mode="after")
    def _sound(self) -> KServeGraphDeclaration:
        problems = [*graph_problems(self.nodes), *unknown_models(self.nodes, [model.name for model in self.models])]
        if self.min_replicas > self.max_replicas:
            problems.append(
                f"min_replicas {self.min_replicas} exceeds max_replicas {self.max_replicas}; raise max_replicas or "
                "lower min_replicas"
            )
        if self.name in [model.name for model in self.models]:
            problems.append(f"name {self.name!r} is a model's too, and both would have a route by it; rename the graph")
        if self.hostname is not None and self.mode == "knative":
            problems.append("hostname is for mode standard; in mode knative KServe's own ingress names the host")
        if self.access != ModelAccess() and self.hostname is None:
            problems.append("access is asked by the gateway, which leads to a hostname, and there is none; give one")
        if problems:
            raise ValueError("; ".join(problems))
        return self


def graph_declaration(name: str, args: KServeGraphArgs) -> KServeGraphDeclaration:
    """The arguments with their defaults.

    Raises:
        InvalidEnvironment: unknown keys, missing keys or values that do not fit, all at once.
    """
    return read_arguments(KServeGraphDeclaration, args, KServeGraphArgs, f"KServeGraph {name}")


def declared_graph(declared: KServeGraphDeclaration) -> Graph:
    """What the manifests are made of.

    Raises:
        InvalidOwnership: the ownership does not fit.
    """
    ownership: OwnershipArgs = declared.ownership  # type: ignore[assignment]
    gateway = declared.gateway
    asked = [step.model for node in declared.nodes.values() for step in node.steps]
    return Graph(
        name=declared.name,
        cluster=declared.cluster,
        ownership=Ownership.of(ownership),
        nodes=declared.nodes,
        mode=declared.mode,
        model_ports={model.name: model.port for model in declared.models if model.name in asked},
        min_replicas=declared.min_replicas,
        max_replicas=declared.max_replicas,
        cpu=declared.cpu,
        memory_gib=declared.memory_gib,
        price_basis=declared.price_basis,
        timeout_seconds=declared.access.request_timeout_seconds or declared.request_timeout_seconds,
        hostname=declared.hostname,
        access=effective(NO_ACCESS, declared.access),
        gateway=GATEWAY if gateway is None else Gateway(gateway.name, gateway.namespace),
    )
