"""The canary of a model of an environment, and what its gates ask."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from ..environment.environment import Environment
from ..environment.known_name import unknown
from ..environment.model import Model
from ..environment.rollout import Rollout, canary_name
from ..environment.target import SERVICE_OF
from ..serving.managed.capabilities import capability
from ..serving.rollout.gates import Gate, gates
from ..serving.rollout.split_route import track_clusters
from ..serving.workload.http_route import declared_routes, inference_clusters


class NoCanary(Exception):
    """There is nothing to promote. ``str()`` says why, and what to declare."""


@dataclass(frozen=True, slots=True)
class Canary:
    """A version beside the one that serves, by ``rollout.by: gateway``."""

    environment: str
    department: str
    model: str
    position: int
    """Of the model in its department's list."""
    file: Path
    """That declares it."""
    file_name: str
    """The same as errors call it: ``prod/departments/shop.yaml``."""
    rollout: Rollout
    version: int
    """The canary's."""
    version_declared: bool
    """Whether the model names ``version`` besides, which has to be the stable one."""
    clusters: tuple[str, ...]
    """Where the model is served."""
    gates: tuple[Gate, ...]
    counted: str
    """Names of the gateway's clusters that count the model's inference on either side, as a regular expression."""
    routes: int
    """How many rules each of the route's three sets has."""


def declared_canary(environment: Environment, name: str) -> Canary:
    """The canary of this model.

    Raises:
        NoCanary: no such model, it has no canary, or somebody else judges it.
    """
    found = [
        (department, position, model)
        for department in environment.departments
        for position, model in enumerate(department.models)
        if model.name == name
    ]
    if not found:
        known = [model.name for _, model in environment.models()]
        raise NoCanary(unknown(f"a model of the environment {environment.name}", name, known))
    department, position, model = found[0]
    file = f"departments/{department.department}.yaml"
    rollout = _judged_here(model, f"{environment.folder.name}/{file}")
    assert rollout.canary is not None
    namespace = department.department
    routes = declared_routes(http_alone=model.kserve is not None and model.kserve.transformer is not None)
    inference = sum(route.inference for route in routes)
    clusters = track_clusters(namespace, name, routes, "canary")
    return Canary(
        environment=environment.name,
        department=department.department,
        model=name,
        position=position,
        file=environment.folder / file,
        file_name=f"{environment.folder.name}/{file}",
        rollout=rollout,
        version=rollout.canary,
        version_declared="version" in model.model_fields_set,
        clusters=tuple(model.clusters) or tuple(cluster.name for cluster in environment.platform.clusters),
        gates=gates(rollout.gates, clusters, _triton(namespace, model, rollout.canary)),
        counted=inference_clusters(namespace, name, inference, len(routes)),
        routes=len(routes),
    )


def _judged_here(model: Model, file: str) -> Rollout:
    rollout, name = model.rollout, model.name
    if rollout is None:
        raise NoCanary(
            f"{file}: model {name!r} has no rollout; declare one beside version {model.version}: rollout: {{stable: "
            f"{model.version}, canary: {model.version + 1}}}"
        )
    if rollout.canary is None:
        raise NoCanary(
            f"{file}: the rollout of model {name!r} has no canary: version {rollout.stable} answers everybody; name "
            "the version to try in rollout.canary"
        )
    if rollout.by != "gateway":
        raise NoCanary(
            f"{file}: the rollout of model {name!r} is {rollout.by}'s, which judges the gates and moves the traffic "
            "itself; ask it, or set by: gateway"
        )
    if model.is_managed:
        nearest = capability(model.target, "gates_error_rate").nearest
        raise NoCanary(
            f"{file}: {SERVICE_OF[model.target]} splits the traffic of model {name!r}, and no gateway of ours tells "
            f"version {rollout.canary} from {rollout.stable}; write rollout.percent by hand, and deploy it (nearest to "
            f"gates: {nearest})"
        )
    if model.splitter is not None:
        raise NoCanary(
            f"{file}: {model.splitter} splits the traffic of model {name!r} behind the gateway, which then cannot tell "
            f"version {rollout.canary} from {rollout.stable}; promote it by hand: rollout.percent"
        )
    return rollout


def _triton(namespace: str, model: Model, canary: int) -> tuple[str, str] | None:
    """Namespace and Service by which Prometheus knows the canary's Triton, whoever makes its pods."""
    if model.server != "triton":
        return None
    service = canary_name(model.name, canary)
    return namespace, service if model.kserve is None else f"{service}-predictor"
