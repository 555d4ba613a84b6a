"""What a cluster runs for the models that are declared, beside what every cluster runs: which of it Modelyard installs,
and which somebody else has to.

KEDA, KServe, Argo Rollouts and Flagger are installed on clusters that Modelyard creates. Knative Serving has no Helm
chart, and KServe's chart for models on the nodes' disks fixes a folder that only root can write: both stay with whoever
runs the cluster, and a model that needs one is refused where nobody has said that it is there. Seldon Core 2 is under
the Business Source licence: it is a target and never installed, and the plan says where it has to be.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Literal, get_args

from ..catalog.spelling import nearest
from ..environment.cluster import Cluster
from ..environment.model import Model
from ..environment.network import Network
from .finding import Finding

Controller = Literal["keda", "kserve", "argo_rollouts", "flagger"]
"""What Modelyard can install."""

_REQUIRED = {
    "keda": "KEDA, for models that scale by hours, to zero or by more than their queue",
    "kserve": "KServe 0.20 in Standard mode, without Istio's virtual services",
    "argo_rollouts": "Argo Rollouts 1.10 with its Gateway API plugin",
    "flagger": "Flagger 1.44 with meshProvider gatewayapi:v1 and selectorLabels app.kubernetes.io/instance",
    "knative": "Knative Serving",
    "seldon": "Seldon Core 2",
}


def controllers_of(cluster: Cluster, models: Iterable[Model]) -> frozenset[Controller]:
    """Those that Modelyard installs on the cluster, for models that it serves."""
    if cluster.existing is not None:
        return frozenset()
    wanted = needed(models) - set(cluster.installed)
    return frozenset(name for name in get_args(Controller) if name in wanted)


def needed(models: Iterable[Model]) -> set[str]:
    """Names of :attr:`~modelyard.environment.cluster.Cluster.installed` that these models cannot do without."""
    return {name for model in models for name in _needs(model)}


def kserve_is_there(cluster: Cluster, models: Iterable[Model]) -> bool:
    """Whether KServe is on the cluster when its foundation is up: by Modelyard's hand, or by somebody else's who says
    so."""
    return "kserve" in needed(models) and (cluster.existing is None or "kserve" in cluster.installed)


def findings_of(cluster: Cluster, model: Model) -> Iterator[Finding]:
    """Why the model cannot be served on a cluster of ours that has only what Modelyard installs."""
    kserve = model.kserve
    if kserve is None or cluster.existing is not None:
        return
    if kserve.mode == "knative" and "knative" not in cluster.installed:
        yield Finding(
            ("kserve", "mode"),
            f"knative needs Knative Serving, which Modelyard does not install; take mode standard, or install it on "
            f"cluster {cluster.name!r} and write installed: [knative] there",
        )
    if kserve.model_cache is not None and "kserve" not in cluster.installed:
        yield Finding(
            ("kserve", "model_cache"),
            f"needs KServe's local model agents and LocalModelNodeGroups, which Modelyard does not install; delete it, "
            f"or install KServe with them on cluster {cluster.name!r} and write installed: [kserve] there",
        )


def controller_notices(cluster: Cluster, models: Iterable[tuple[str, Model]]) -> Iterator[str]:
    """What somebody else has to see to, a sentence each.

    Args:
        cluster: where the models are served.
        models: each with its department.
    """
    served = list(models)
    wanted = needed(model for _, model in served)
    missing = [name for name in _REQUIRED if name in wanted and name not in cluster.installed]
    if cluster.existing is not None and missing:
        yield f"cluster {cluster.name!r} has to have {_and(missing)}; {_say(cluster, missing)}"
    elif "seldon" in missing:
        yield (
            f"cluster {cluster.name!r} has to have {_REQUIRED['seldon']}, which is under the Business Source licence "
            f"and never installed by Modelyard; {_say(cluster, ['seldon'])}"
        )
    network = cluster.network
    if "argo_rollouts" in controllers_of(cluster, [model for _, model in served]) and (
        isinstance(network, Network) and network.nat == "none"
    ):
        yield (
            f"Argo Rollouts fetches its Gateway API plugin from github.com when it starts, and cluster "
            f"{cluster.name!r} has no NAT gateway; set network.nat, or roll out by: gateway"
        )
    if "seldon" in missing:
        spaces = sorted({department for department, model in served if model.runtime == "seldon"})
        yield (
            f"Seldon Core 2 needs a SeldonRuntime in each namespace of cluster {cluster.name!r} where it serves: "
            f"{', '.join(spaces)}"
        )
    yield from _servers_of_others(served)
    for _, model in served:
        rollout = model.rollout
        if rollout is not None and rollout.by == "flagger" and rollout.canary is None:
            yield (
                f"Flagger makes the Service and the route of model {model.name!r}; where an 'up' before has made them, "
                "this one deletes them, and callers get errors until Flagger's next turn, which may take "
                f"{max(rollout.pause_minutes, 1)} min; serve such a model under a new name first"
            )


def _servers_of_others(served: Iterable[tuple[str, Model]]) -> Iterator[str]:
    """Servers that models share and none has as its own: somebody else's, or misspelt."""
    served = list(served)
    for department, model in served:
        wanted = None if model.seldon is None else model.seldon.shared_server
        own = [
            other.name
            for home, other in served
            if home == department and other.runtime == "seldon" and other.has_own_pods
        ]
        if wanted is not None and wanted not in own:
            close = nearest(wanted, own)
            hint = f"; did you mean {close!r}?" if close else ""
            yield (
                f"model {model.name!r} is loaded onto Server {wanted!r} of namespace {department!r}, which no model of "
                f"the department has as its own; it has to be there before{hint}"
            )


def _and(names: list[str]) -> str:
    *first, last = [_REQUIRED[name] for name in names]
    return f"{'; '.join(first)}; and {last}" if first else last


def _say(cluster: Cluster, names: list[str]) -> str:
    listed = ", ".join([*cluster.installed, *names])
    return f"install {'it' if len(names) == 1 else 'them'} before the models, and write installed: [{listed}]"


def _needs(model: Model) -> Iterator[str]:
    if _wants_keda(model):
        yield "keda"
    if model.rollout is not None and model.rollout.by != "gateway":
        yield model.rollout.by
    if model.runtime == "kserve":
        yield "kserve"
        if model.by_knative:
            yield "knative"
    if model.runtime == "seldon":
        yield "seldon"


def _wants_keda(model: Model) -> bool:
    """Where a controller of somebody else's scales, it is asked for KEDA by name."""
    if model.runtime == "seldon":
        return False
    if model.kserve is None:
        return model.scaling.beyond_the_queue(queue_metric=model.runtime == "triton")
    if model.by_knative or model.kserve.autoscaler in ("hpa", "none"):
        return False
    queue_metric = model.kserve.server == "triton"
    return model.kserve.autoscaler == "keda" or model.scaling.beyond_the_queue(queue_metric=queue_metric)
