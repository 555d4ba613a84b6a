"""A graph of models that KServe's router asks one after another, at once, or one of several.

Follows ``InferenceGraph`` of serving.kserve.io/v1alpha1 (KServe 0.20) and what its router does with it: a route without
a weight stops a Splitter with an error, a step without a condition is what a Switch never takes.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Annotated, Literal

from pydantic import Field, StringConstraints, model_validator

from .access import ModelAccess
from .declaration import Declaration
from .known_name import unknown
from .kserve import DeploymentMode
from .names import ModelName
from .patterns import NAME_PATTERN, URL_PATTERN

ROOT = "root"
"""Name of the node that every request begins at."""

NodeName = Annotated[str, StringConstraints(pattern=NAME_PATTERN, max_length=40)]


class GraphStep(Declaration):
    """One step of a node: a model of the department, another node, or a URL."""

    name: NodeName | None = None
    """Of the step, once in a node; in an Ensemble the answer's key. Default: none, and the key is its number."""
    model: ModelName | None = None
    """Model of the same department, served by KServe."""
    node: NodeName | None = None
    """Node of this graph."""
    url: Annotated[str, StringConstraints(pattern=URL_PATTERN, max_length=2048)] | None = None
    """Any service that answers POST with JSON, with its whole path."""
    data: Literal["$request", "$response"] | None = None
    """What the step is sent, in a Sequence: the graph's own request, or the answer of the step before. Default: the
    graph's request."""
    map_predictions_to_instances: bool = False
    """Whether ``predictions`` of the answer before become ``instances`` of the request (protocol v1, in a Sequence)."""
    weight: Annotated[int, Field(ge=0, le=100)] | None = None
    """Percent of the requests, in a Splitter, where all of them make 100."""
    condition: Annotated[str, Field(min_length=1, max_length=1024)] | None = None
    """GJSON path: a Switch takes the first step for which it exists in the request, a Sequence goes on only where it
    exists in the answer before."""
    dependency: Literal["Soft", "Hard"] | None = None
    """Hard: where the step fails, the node fails with its answer. Default: Soft."""


class GraphNode(Declaration):
    """How a node asks its steps."""

    router: Literal["Sequence", "Splitter", "Ensemble", "Switch"]
    """Sequence: one after another. Splitter: one of them, by weight. Ensemble: all at once, answers under their names.
    Switch: the first whose condition holds."""
    steps: Annotated[list[GraphStep], Field(min_length=1)]


class InferenceGraph(Declaration):
    """Models asked one after another, at once, or one of several, at https://<graph>.<cluster>.<domain>/."""

    name: ModelName
    """Differs from every model's, graph's and pipeline's of the environment."""
    clusters: Annotated[list[str], Field(min_length=1)] = []
    """Where it is served, and its models are; default: every cluster."""
    nodes: Annotated[dict[NodeName, GraphNode], Field(min_length=1)]
    """Nodes by name; every request begins at the node ``root``."""
    mode: DeploymentMode = "standard"
    """Of KServe's router; its models' own. In knative KServe's own ingress names the host."""
    min_replicas: Annotated[int, Field(ge=1, le=1000)] = 1
    """Of the router."""
    max_replicas: Annotated[int, Field(ge=1, le=1000)] = 3
    """Of the router, which scales by processor time."""
    cpu: Annotated[float, Field(gt=0, le=512)] = 0.5
    """Cores of one router."""
    memory_gib: Annotated[float, Field(gt=0, le=4096)] = 0.25
    """Memory of one router."""
    access: ModelAccess | None = None
    """What the graph asks of its callers otherwise than the gateway does."""

    @model_validator(mode="after")
    def _sound(self) -> InferenceGraph:
        problems = graph_problems(self.nodes)
        if self.min_replicas > self.max_replicas:
            problems.append(
                f"min_replicas {self.min_replicas} exceeds max_replicas {self.max_replicas}; raise max_replicas or "
                "lower min_replicas"
            )
        if problems:
            raise ValueError("; ".join(problems))
        return self

    def models(self) -> tuple[str, ...]:
        """Models that some step asks, each once."""
        steps = (step for node in self.nodes.values() for step in node.steps)
        return tuple(dict.fromkeys(step.model for step in steps if step.model is not None))


def unknown_models(nodes: Mapping[str, GraphNode], known: Iterable[str]) -> list[str]:
    """A sentence for every step that names a model which is not served by KServe in this namespace."""
    known = sorted(known)
    return [
        f"nodes.{name}.steps[{number}].model: {unknown('a model that KServe serves here', step.model, known)}"
        for name, node in nodes.items()
        for number, step in enumerate(node.steps)
        if step.model is not None and step.model not in known
    ]


def graph_problems(nodes: Mapping[str, GraphNode]) -> list[str]:
    """Everything that is wrong with the graph itself, a sentence each; an empty list: nothing is."""
    problems = [] if ROOT in nodes else [f"nodes has no node {ROOT!r}, where every request begins; name one so"]
    for name, node in nodes.items():
        problems += [f"nodes.{name}: {problem}" for problem in _node_problems(node, nodes)]
    cycle = _cycle(nodes)
    if cycle:
        problems.append(f"nodes ask each other in a circle: {' -> '.join(cycle)}; a request would never end")
    problems += [
        f"nodes.{name} is asked by no other node; delete it, or name it in a step" for name in _unreached(nodes)
    ]
    return problems


def _node_problems(node: GraphNode, nodes: Mapping[str, GraphNode]) -> Iterable[str]:
    names = [step.name for step in node.steps if step.name is not None]
    for twice in sorted({name for name in names if names.count(name) > 1}):
        yield f"steps has two steps named {twice!r}; rename one"
    for number, step in enumerate(node.steps):
        for problem in _step_problems(step, node, nodes):
            yield f"steps[{number}]: {problem}"
    if node.router == "Splitter" and all(step.weight is not None for step in node.steps):
        total = sum(step.weight or 0 for step in node.steps)
        if total != 100:
            yield f"weights of a Splitter make {total}; they must make 100"


def _step_problems(step: GraphStep, node: GraphNode, nodes: Mapping[str, GraphNode]) -> Iterable[str]:
    targets = [key for key in ("model", "node", "url") if getattr(step, key) is not None]
    if len(targets) != 1:
        given = " and ".join(targets) if targets else "nothing"
        yield f"names {given}; name one of model, node and url"
    if step.node is not None and step.node not in nodes:
        yield f"node: {unknown('a node of this graph', step.node, nodes)}"
    if node.router == "Splitter" and step.weight is None:
        yield "has no weight, which a Splitter needs; give it percent of the requests"
    if node.router != "Splitter" and step.weight is not None:
        yield f"weight means nothing in {_kind(node)}; delete it, or make the node a Splitter"
    if node.router == "Switch" and step.condition is None:
        yield "has no condition, so a Switch would never take it; give it one"
    if node.router in ("Splitter", "Ensemble") and step.condition is not None:
        yield f"condition means nothing in {_kind(node)}; delete it, or make the node a Switch"
    if node.router != "Sequence":
        for key in ("data", "map_predictions_to_instances"):
            if getattr(step, key):
                yield f"{key} means nothing in {_kind(node)}, whose steps all get the node's request; delete it"
    if step.map_predictions_to_instances and step.data == "$request":
        yield "map_predictions_to_instances reads the answer before, and data is $request; delete one"


def _kind(node: GraphNode) -> str:
    return f"an {node.router}" if node.router == "Ensemble" else f"a {node.router}"


def _cycle(nodes: Mapping[str, GraphNode]) -> list[str]:
    """The names along one circle, the first one again at its end; empty: there is none."""
    done: set[str] = set()

    def walk(name: str, path: list[str]) -> list[str]:
        if name in path:
            return [*path[path.index(name) :], name]
        if name in done:
            return []
        for following in _asked_by(nodes[name], nodes):
            found = walk(following, [*path, name])
            if found:
                return found
        done.add(name)
        return []

    return next((found for name in nodes if (found := walk(name, []))), [])


def _unreached(nodes: Mapping[str, GraphNode]) -> list[str]:
    if ROOT not in nodes:
        return []
    reached, todo = set(), [ROOT]
    while todo:
        name = todo.pop()
        if name not in reached:
            reached.add(name)
            todo.extend(_asked_by(nodes[name], nodes))
    return [name for name in nodes if name not in reached]


def _asked_by(node: GraphNode, nodes: Mapping[str, GraphNode]) -> list[str]:
    return [step.node for step in node.steps if step.node is not None and step.node in nodes]
