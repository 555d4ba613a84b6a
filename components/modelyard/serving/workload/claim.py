"""Names that the components of one program take: a model is served by one component, and its rollout is part of it.

Kubernetes would not tell: applied by the server, the second object of a name takes the first one's place.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any
from weakref import WeakKeyDictionary

from ...environment.problem import InvalidEnvironment, Problem
from ...environment.rollout import canary_name

if TYPE_CHECKING:
    from .declaration import WorkloadDeclaration

_Place = tuple[str, str, str]
"""Environment, cluster, and namespace or ``*`` for what is the whole gateway's."""

_TAKEN: WeakKeyDictionary[Any, dict[tuple[_Place, str], str]] = WeakKeyDictionary()
"""By the stack's root resource: who has which name."""


def claim_model(component: str, declared: WorkloadDeclaration) -> None:
    """Takes the names of a model's objects, its canary's included, and its hostname.

    Args:
        component: as errors name it: ``TritonService tagger``.
        declared: its arguments, complete and right.

    Raises:
        InvalidEnvironment: another component of this program has one of them on the same cluster.
    """
    model, rollout = declared.model, declared.rollout
    names = {"model": model}
    if rollout is not None and rollout.by != "gateway":
        # Names that Argo Rollouts' Service and everything of Flagger's has, whatever the version is.
        names["rollout.canary"] = f"{model}-canary"
        if rollout.by == "flagger":
            names["rollout.by"] = f"{model}-primary"
    elif rollout is not None and rollout.canary is not None:
        names["rollout.canary"] = canary_name(model, rollout.canary)
    claim(component, declared.ownership, declared.cluster, names, declared.hostname)


def claim(
    component: str, ownership: Mapping[str, Any], cluster: str, names: Mapping[str, str], hostname: str | None
) -> None:
    """Takes names in the department's namespace, and a name at the cluster's gateway.

    Components that another language declares each run by themselves, and are not seen together.

    Args:
        component: as errors name it.
        ownership: of the component.
        cluster: its name.
        names: of objects, by the argument that they come from.
        hostname: of the route; None without one.

    Raises:
        InvalidEnvironment: all names that another component of this program has on the same cluster.
    """
    import pulumi

    root = pulumi.runtime.get_root_resource()
    if root is None:
        return
    taken = _TAKEN.setdefault(root, {})
    environment, namespace = str(ownership["environment"]), str(ownership["department"])
    wanted: dict[tuple[_Place, str], Problem] = {}
    for path, name in names.items():
        key = (environment, cluster, namespace), name
        wanted[key] = Problem(
            component,
            path,
            f"{name!r} is taken in namespace {namespace!r} of cluster {cluster!r} by {taken.get(key)}; a model has one "
            "component, and one rollout in it: delete one of the two, or rename its model",
        )
    if hostname is not None:
        key = (environment, cluster, "*"), hostname
        sentence = f"{hostname!r} is taken on cluster {cluster!r} by {taken.get(key)}; give one of them another name"
        wanted[key] = Problem(component, "hostname", sentence)
    if problems := [problem for key, problem in wanted.items() if key in taken]:
        raise InvalidEnvironment(problems)
    taken.update(dict.fromkeys(wanted, component))
