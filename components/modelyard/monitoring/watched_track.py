"""One side of a model as Prometheus knows it: which series are its, whoever makes its pods."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

from ..catalog.metrics import metric
from ..environment.rollout import RolloutController, canary_name
from ..serving.rollout.split import Track
from ..serving.rollout.split_route import track_clusters
from ..serving.workload.http_route import declared_routes, inference_clusters

Runtime = Literal["triton", "tensorflow_serving", "torchserve", "kserve", "seldon"]
_POD = "[a-z0-9]+-[a-z0-9]+"
"""End of the name of a Deployment's pod."""


@dataclass(frozen=True, slots=True)
class Served:
    """How a model is served."""

    model: str
    namespace: str
    runtime: Runtime = "triton"
    server: str | None = None
    """In the pods of KServe or Seldon."""
    knative: bool = False
    transformer: bool = False
    """Whether requests reach KServe's transformer first, which speaks HTTP alone."""
    shared_server: str | None = None
    """Server of Seldon's that other models use too."""
    autoscaler: str | None = None
    """KServe's class."""
    stable: int | None = None
    """Version that serves, where the model has a rollout."""
    canary: int | None = None
    """Version that is tried beside it."""
    by: RolloutController = "gateway"

    @property
    def in_pods(self) -> str:
        """The server that answers."""
        return self.server or self.runtime


@dataclass(frozen=True, slots=True)
class WatchedTrack:
    """Series of one side. Label matchers stand without braces."""

    named: str
    """For people: ``tagger``, or ``tagger-canary-v2 (canary of tagger)``."""
    measured: str
    """Server in the table of metrics."""
    series: str
    """Labels of its servers' series."""
    targets: str
    """Labels of ``up``."""
    available: str
    """PromQL: how many replicas answer."""
    stuck: str | None
    """PromQL: 1 where its pods are not exchanged in time; None where nothing tells."""
    containers: str
    """Labels of its containers' series of kube-state-metrics."""
    autoscaler: str | None
    """HorizontalPodAutoscaler; None where something else scales."""
    clusters: str | None
    """Names under which the gateway counts its inference; None where it cannot be told there."""
    labels: Mapping[str, str] = field(default_factory=dict)
    """Of its alerts: track and version, while there are two sides."""


def watched_tracks(served: Served) -> dict[Track, WatchedTrack]:
    """The stable side, and the canary's where there is one that can be told apart.

    Knative splits between revisions whose names nobody knows before, so that it is watched as a whole.
    """
    if served.canary is None or served.knative:
        return {"stable": _track(served, "stable", alone=True)}
    return {"stable": _track(served, "stable", alone=False), "canary": _track(served, "canary", alone=False)}


def _track(served: Served, track: Track, *, alone: bool) -> WatchedTrack:
    name = _name(served, track)
    labels = {}
    if not alone:
        version = served.stable if track == "stable" else served.canary
        labels = {"track": track, **({} if version is None else {"version": str(version)})}
    named = served.model if track == "stable" else f"{name} (canary of {served.model})"
    if served.runtime == "seldon":
        return _of_seldon(served, track, named, labels)
    service = deployment = hpa = name
    container = served.runtime.replace("_", "-")
    if served.by == "flagger":
        # Its copy of the Deployment serves, and the declared one is the canary's.
        deployment = hpa = f"{served.model}-primary" if track == "stable" else served.model
    pods = f"{deployment}-{_POD}"
    if served.runtime == "kserve":
        service, container = f"{name}-predictor", "kserve-container"
        deployment = f"{name}-predictor-[0-9]+-deployment" if served.knative else f"{name}-predictor"
        pods, hpa = f"{deployment}-{_POD}", _of_kserve(served, name)
    elif served.by == "argo_rollouts":
        # One Rollout has the pods of both sides.
        pods, hpa = f"{served.model}-{_POD}", served.model
    owned = f'namespace="{served.namespace}",deployment{"=~" if served.knative else "="}"{deployment}"'
    of_pods = f'namespace="{served.namespace}",pod=~"{pods}"'
    series = f'namespace="{served.namespace}",service="{service}"'
    of_rollout = served.by == "argo_rollouts"
    return WatchedTrack(
        named=named,
        measured=served.in_pods,
        series=series,
        targets=series,
        available=_ready(series, of_pods) if of_rollout else _available(owned, served),
        stuck=None if of_rollout else _stuck(owned, served),
        containers=f'namespace="{served.namespace}",container="{container}",pod=~"{pods}"',
        autoscaler=hpa,
        clusters=_clusters(served, track, alone=alone),
        labels=labels,
    )


def _name(served: Served, track: Track) -> str:
    """Of the side's Service of ours, InferenceService or Model."""
    if track == "stable" or served.canary is None:
        return served.model
    return canary_name(served.model, served.canary) if served.by == "gateway" else f"{served.model}-canary"


def _of_kserve(served: Served, name: str) -> str | None:
    """Our own autoscaler has the InferenceService's name; KServe's that of its Deployment, and KEDA's a prefix."""
    if served.knative or served.autoscaler == "none":
        return None
    return {"hpa": f"{name}-predictor", "keda": f"keda-hpa-{name}-predictor"}.get(served.autoscaler or "", name)


def _available(owned: str, served: Served) -> str:
    replicas = f"{metric('replicas_available')}{{{owned}}}"
    return f"sum({replicas})" if served.knative else replicas


def _ready(series: str, of_pods: str) -> str:
    """Of the pods behind one Service, which Prometheus scrapes, those that are ready. None is 0, where
    kube-state-metrics tells of any pod."""
    ready = f'{metric("pod_ready")}{{{of_pods},condition="true"}} == 1'
    behind = f"sum(({ready}) and on (namespace, pod) up{{{series}}}) or vector(0)"
    return f"(({behind}) unless absent({metric('pod_ready')}))"


def _stuck(owned: str, served: Served) -> str:
    told = f'{metric("rollout")}{{{owned},condition="Progressing",status="false"}}'
    return f"max({told})" if served.knative else told


def _of_seldon(served: Served, track: Track, named: str, labels: Mapping[str, str]) -> WatchedTrack:
    """Seldon's agent counts by model, also where models share a Server. Experiments split behind the gateway, which
    counts both sides as one: those counts are watched with the stable side."""
    namespace, name = served.namespace, _name(served, track)
    server = served.shared_server or name
    targets = f'namespace="{namespace}",service="{server}"'
    replicas = f'{metric("statefulset_ready")}{{namespace="{namespace}",statefulset="{server}"}}'
    return WatchedTrack(
        named=named,
        measured="seldon",
        series=f'namespace="{namespace}",model_internal=~"{name}_[0-9]+"',
        targets=targets,
        available=replicas,
        stuck=None,
        containers=f'namespace="{namespace}",container="{served.in_pods}",pod=~"{server}-[0-9]+"',
        autoscaler=None,
        clusters=inference_clusters(namespace, served.model) if track == "stable" else None,
        labels=labels,
    )


def _clusters(served: Served, track: Track, *, alone: bool) -> str | None:
    namespace, name = served.namespace, served.model
    if served.knative:
        return None
    routes = declared_routes(http_alone=served.transformer)
    inference = sum(route.inference for route in routes)
    if alone:
        return inference_clusters(namespace, name, inference, len(routes))
    place = 0 if track == "stable" else 1
    if served.by == "flagger":
        return f"httproute/{namespace}/{name}/rule/0/backend/{place}"
    if served.by == "argo_rollouts":
        rules = "|".join(map(str, range(inference)))
        return f"httproute/{namespace}/{name}/rule/({rules})/backend/{place}"
    return track_clusters(namespace, name, routes, track)
