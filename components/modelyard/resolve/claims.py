"""Names that two models, graphs or pipelines claim: of objects in a namespace, and of hosts at one gateway."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import NamedTuple

from ..environment.department import Department
from ..environment.environment import Environment
from ..environment.hosts import Host, taken
from ..environment.inference_graph import InferenceGraph
from ..environment.model import Model
from ..environment.rollout import canary_name, name_problem
from ..environment.seldon import SeldonPipeline
from ..environment.yaml_document import Steps
from .names import hostname


class Claimed(NamedTuple):
    """A name that cannot be had."""

    department: str
    steps: Steps
    message: str


def claimed(environment: Environment, clusters: Iterable[str]) -> Iterator[Claimed]:
    """Every one of them, each at the second who claims it.

    Args:
        environment: as declared.
        clusters: names of those that are known.
    """
    for department in environment.departments:
        yield from _objects(department)
    yield from _hosts(environment, list(clusters))


def _objects(department: Department) -> Iterator[Claimed]:
    """Of canaries, and of what KServe makes for a model; names as they are declared differ already."""
    own = department.department
    declared: dict[str, tuple[Steps, str]] = {}
    for key, items in _items(department):
        for position, item in enumerate(items):
            declared[item.name] = (key, position, "name"), key.removesuffix("s")
    for position, model in enumerate(department.models):
        at: Steps = ("models", position)
        for noun in ("model", "graph", "pipeline"):
            others = [name for name, (_, each) in declared.items() if each == noun]
            rollout = model.rollout
            problem = None if rollout is None else name_problem(model.name, rollout, others, noun)
            if problem is not None:
                yield Claimed(own, (*at, "rollout", "canary"), f"{problem} (model {model.name!r})")
        for name in _made_by_kserve(model):
            if name in declared:
                steps, noun = declared[name]
                yield Claimed(
                    own,
                    steps,
                    f"{name!r} is what KServe names the pods of model {model.name!r}, and a {noun} is too; rename one "
                    f"({noun} {name!r})",
                )


def _made_by_kserve(model: Model) -> Iterator[str]:
    if model.kserve is None:
        return
    tracks = [model.name]
    if model.rollout is not None and model.rollout.canary is not None:
        tracks.append(canary_name(model.name, model.rollout.canary))
    for track in tracks:
        yield f"{track}-predictor"
        for kind in ("transformer", "explainer"):
            if getattr(model.kserve, kind) is not None:
                yield f"{track}-{kind}"


def _hosts(environment: Environment, clusters: list[str]) -> Iterator[Claimed]:
    domain = environment.platform.gateway.domain
    claims: dict[Host, Claimed] = {}
    for department in environment.departments:
        for key, items in _items(department):
            noun = key.removesuffix("s")
            for position, item in enumerate(items):
                if not has_host(item):
                    continue
                for cluster in item.clusters or clusters:
                    owner = f"{noun} {item.name!r} of department {department.department!r}"
                    host = Host(hostname(item.name, cluster, domain), cluster, f"*.{cluster}.{domain}", owner)
                    at = f"({noun} {item.name!r})"
                    claims[host] = Claimed(department.department, (key, position, "name"), at)
    for host, sentence in taken(claims):
        claim = claims[host]
        yield claim._replace(message=f"{sentence} {claim.message}")


def has_host(item: Model | InferenceGraph | SeldonPipeline) -> bool:
    """Whether the gateway leads to it: in mode knative KServe's own ingress does, and a managed service is no
    cluster's."""
    if isinstance(item, Model):
        return not item.is_managed and not item.by_knative
    return not isinstance(item, InferenceGraph) or item.mode != "knative"


def _items(department: Department) -> Iterator[tuple[str, Iterable[Model | InferenceGraph | SeldonPipeline]]]:
    yield "models", department.models
    yield "graphs", department.graphs
    yield "pipelines", department.pipelines
