"""Graphs of models that KServe serves, and pipelines of models that Seldon does, on each cluster."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence

from ..environment.access import Access, contradictions
from ..environment.department import Department
from ..environment.environment import Environment
from ..environment.inference_graph import InferenceGraph
from ..environment.known_name import unknown
from ..environment.model import Model
from ..environment.seldon import SeldonPipeline
from .claims import Claimed
from .knative import unguarded
from .names import hostname
from .resolved import ResolvedGraph, ResolvedPipeline


def unfit_graphs(environment: Environment, clusters: Sequence[str]) -> Iterator[Claimed]:
    """Everything that is wrong with the graphs and pipelines of all departments, each with its place.

    Args:
        environment: as declared.
        clusters: names of those that are known.
    """
    gateway = environment.platform.gateway
    homes = {model.name: department.department for department, model in environment.models()}
    for department in environment.departments:
        own = department.department
        models = {model.name: model for model in department.models}
        for position, graph in enumerate(department.graphs):
            for steps, message in _of_graph(graph, models, homes, own, clusters, gateway.access):
                yield Claimed(own, ("graphs", position, *steps), f"{message} (graph {graph.name!r})")
        for position, pipeline in enumerate(department.pipelines):
            for steps, message in _of_pipeline(pipeline, models, homes, own, clusters):
                yield Claimed(own, ("pipelines", position, *steps), f"{message} (pipeline {pipeline.name!r})")
        for key, items in (("graphs", department.graphs), ("pipelines", department.pipelines)):
            for position, item in enumerate(items):
                if item.access is not None:
                    for path, message in contradictions(gateway.access, item.access, reach=gateway.reach):
                        at = (key, position, "access", *path.split("."))
                        yield Claimed(own, at, f"{message} ({key.removesuffix('s')} {item.name!r})")


def resolved_graphs(environment: Environment, clusters: Iterable[str]) -> Iterator[ResolvedGraph]:
    """Each graph on each of its clusters."""
    domain = environment.platform.gateway.domain
    for cluster in clusters:
        for department in environment.departments:
            for graph in department.graphs:
                if _is_on(graph, cluster):
                    host = None if graph.mode == "knative" else hostname(graph.name, cluster, domain)
                    yield ResolvedGraph(graph, department, cluster, host)


def resolved_pipelines(environment: Environment, clusters: Iterable[str]) -> Iterator[ResolvedPipeline]:
    """Each pipeline on each of its clusters."""
    domain = environment.platform.gateway.domain
    for cluster in clusters:
        for department in environment.departments:
            for pipeline in department.pipelines:
                if _is_on(pipeline, cluster):
                    yield ResolvedPipeline(pipeline, department, cluster, hostname(pipeline.name, cluster, domain))


def _is_on(item: Model | InferenceGraph | SeldonPipeline, cluster: str) -> bool:
    """Whether it is served there: on every cluster, where it names none."""
    return not item.clusters or cluster in item.clusters


def loose_pods(department: Department, cluster: str) -> str | None:
    """Whose pods in the department's namespace cannot meet the ``restricted`` Pod Security Standard; None: nobody's."""
    if any(_is_on(graph, cluster) for graph in department.graphs):
        return "KServe's router, which sets no seccomp profile"
    on_it = (model for model in department.models if _is_on(model, cluster))
    if any(model.runtime == "seldon" for model in on_it):
        return "Seldon's servers, whose agent and rclone set no security context"
    return None


def pod_security_notices(environment: Environment, clusters: Iterable[str]) -> Iterator[str]:
    """Where a namespace enforces less than everywhere else."""
    for cluster in clusters:
        for department in environment.departments:
            whose = loose_pods(department, cluster)
            if whose is not None:
                yield (
                    f"namespace {department.department!r} of cluster {cluster!r} enforces the Pod Security Standard "
                    f"baseline and not restricted, for {whose}"
                )


def graph_notices(environment: Environment) -> Iterator[str]:
    """What somebody should know of them before they are there."""
    for department in environment.departments:
        models = {model.name: model for model in department.models}
        for graph in department.graphs:
            for name in graph.models():
                rollout = models[name].rollout
                if rollout is not None and rollout.canary is not None:
                    yield (
                        f"graph {graph.name!r} asks the stable version of model {name!r} alone: KServe's router goes "
                        "to its service, past the split of the rollout"
                    )
        if department.pipelines:
            names = ", ".join(pipeline.name for pipeline in department.pipelines)
            yield f"Seldon's data plane and Kafka have to run in namespace {department.department!r} for {names}"


_Wrong = Iterator[tuple[tuple[str | int, ...], str]]


def _of_graph(
    graph: InferenceGraph,
    models: Mapping[str, Model],
    homes: Mapping[str, str],
    department: str,
    clusters: Sequence[str],
    gateway: Access,
) -> _Wrong:
    for node, declared in graph.nodes.items():
        for number, step in enumerate(declared.steps):
            if step.model is None:
                continue
            at = ("nodes", node, "steps", number, "model")
            for message in _unasked("graph", "KServe", "kserve", step.model, models, homes, department):
                yield at, message
            model = models.get(step.model)
            if model is None or model.kserve is None:
                continue
            for message in _elsewhere("graph", graph.clusters, model, clusters):
                yield at, message
            if model.kserve.mode != graph.mode:
                yield (
                    at,
                    f"{model.name!r} is in mode {model.kserve.mode} and the graph in mode {graph.mode}; give both one "
                    "mode",
                )
            protocol = model.kserve.protocol or ""
            if protocol.startswith("grpc"):
                yield at, f"{model.name!r} speaks {protocol}, and KServe's router asks over HTTP; take v1 or v2 there"
    if graph.mode == "knative" and (refused := unguarded(gateway, graph.access)):
        yield ("mode",), refused


def _of_pipeline(
    pipeline: SeldonPipeline,
    models: Mapping[str, Model],
    homes: Mapping[str, str],
    department: str,
    clusters: Sequence[str],
) -> _Wrong:
    for number, step in enumerate(pipeline.steps):
        at = ("steps", number, "model")
        for message in _unasked("pipeline", "Seldon", "seldon", step.model, models, homes, department):
            yield at, message
        model = models.get(step.model)
        if model is not None and model.seldon is not None:
            for message in _elsewhere("pipeline", pipeline.clusters, model, clusters):
                yield at, message


def _unasked(
    noun: str,
    who: str,
    runtime: str,
    name: str,
    models: Mapping[str, Model],
    homes: Mapping[str, str],
    department: str,
) -> Iterator[str]:
    model = models.get(name)
    if model is not None and model.runtime != runtime:
        yield (
            f"{name!r} is served by runtime {model.runtime}, and a {noun} asks models that {who} serves; set runtime: "
            f"{runtime} there"
        )
    elif model is None and name in homes:
        yield f"{name!r} is a model of department {homes[name]!r}, and a {noun} asks models of its own"
    elif model is None:
        served = [each.name for each in models.values() if each.runtime == runtime]
        yield unknown(f"a model of department {department!r} that {who} serves", name, served)


def _elsewhere(noun: str, named: Sequence[str], model: Model, clusters: Sequence[str]) -> Iterator[str]:
    """``named``: clusters of the graph or pipeline; empty: all."""
    without = [each for each in named or clusters if model.clusters and each not in model.clusters]
    if without:
        listed = " and ".join(map(repr, without))
        yield (
            f"{model.name!r} is not served on cluster {listed}, where the {noun} is; serve it there, or name in the "
            f"{noun}'s clusters those that have it: {', '.join(model.clusters)}"
        )
