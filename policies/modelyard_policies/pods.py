"""Pod templates, wherever a Kubernetes workload keeps them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, Final, NamedTuple

from modelyard.placement.argo_rollouts import ROLLOUT
from modelyard.placement.flagger import CANARY
from modelyard.placement.kserve import CLUSTER_SERVING_RUNTIME, INFERENCE_GRAPH, INFERENCE_SERVICE, SERVING_RUNTIME
from modelyard.placement.seldon import SERVER, server_pods
from modelyard.placement.standby import STANDBY
from modelyard.serving.kserve.pods import pods_of, router_pods

from modelyard_policies.inputs import elements, entries, read, shown
from modelyard_policies.resource_types import ResourceTypes

CONTROLLED: Final = ResourceTypes(INFERENCE_SERVICE, INFERENCE_GRAPH, ROLLOUT, SERVER)
"""Resources of which a controller makes Deployments, StatefulSets or pods."""
RUNTIMES: Final = ResourceTypes(SERVING_RUNTIME, CLUSTER_SERVING_RUNTIME)
"""What InferenceServices have their container from."""
WORKLOADS: Final = CONTROLLED | ResourceTypes(
    "kubernetes:apps/v*:Deployment",
    "kubernetes:apps/v*:StatefulSet",
    "kubernetes:apps/v*:DaemonSet",
    "kubernetes:apps/v*:ReplicaSet",
    "kubernetes:batch/v*:Job",
    "kubernetes:batch/v*:CronJob",
    "kubernetes:core/v1:Pod",
)
PLACED: Final = WORKLOADS | RUNTIMES | ResourceTypes(CANARY)
"""What placement reads of pods."""


def kind(resource_type: str) -> str:
    """``Deployment`` of ``kubernetes:apps/v1:Deployment``."""
    return resource_type.rpartition(":")[2]


def template(resource_type: str, inputs: Any) -> Any:
    """What holds the ``metadata`` and ``spec`` of the pods: ``spec.template``, or the resource itself for a Pod."""
    match kind(resource_type):
        case "Pod":
            return inputs
        case "CronJob":
            return read(inputs, "spec", "jobTemplate", "spec", "template", default={})
        case _:
            return read(inputs, "spec", "template", default={})


class Pods(NamedTuple):
    label: str
    """``predictor: `` of an InferenceService, for messages; else nothing."""
    template: Any
    """``metadata`` and ``spec``."""


def templates(resource_type: str, inputs: Any, runtime: Mapping[str, Any] | None = None) -> list[Pods]:
    """All pods of a workload, from plain inputs.

    Args:
        resource_type: of the workload.
        inputs: its inputs.
        runtime: the ServingRuntime of an InferenceService's predictor; None leaves out what it brings.
    """
    match kind(resource_type):
        case "InferenceService":
            return [Pods(f"{pods.component}: ", pods.template) for pods in pods_of(inputs, runtime)]
        case "InferenceGraph":
            return [Pods("", router_pods(inputs))]
        case "Server":
            pods = server_pods(inputs)
            return [Pods("", {**pods, "spec": dict(entries(pods["spec"]))})]
        case _:
            return [Pods("", template(resource_type, inputs))]


class Container(NamedTuple):
    label: str
    """``container 'triton'`` or ``init container 'fetch'``, for messages."""
    inputs: Any
    init: bool


def containers(pod_template: Any) -> Iterator[Container]:
    """Init containers, then containers."""
    for field, title in (("initContainers", "init container"), ("containers", "container")):
        for position, container in enumerate(elements(read(pod_template, "spec", field))):
            name = read(container, "name", default=position)
            yield Container(f"{title} {shown(name)}", container, init=field == "initContainers")


def stands_by(labels: Any) -> bool:
    """Whether pods with these labels only keep nodes by the clock and answer nobody."""
    return any(key == STANDBY for key, _ in entries(labels))


def namespace(inputs: Any) -> Any:
    """Namespace of a namespaced object; ``default`` where none is named."""
    return read(inputs, "metadata", "namespace", default="default")


def selected_values(pod_template: Any, label: str) -> tuple[str, ...]:
    """The values of a node label that a pod is bound to, by nodeSelector or by required node affinity (operator In).

    Empty where the label does not bind it. A required affinity has alternatives: their values are joined.
    """
    chosen = read(pod_template, "spec", "nodeSelector", label)
    if isinstance(chosen, str):
        return (chosen,)
    terms = read(
        pod_template,
        "spec",
        "affinity",
        "nodeAffinity",
        "requiredDuringSchedulingIgnoredDuringExecution",
        "nodeSelectorTerms",
    )
    values: dict[str, None] = {}
    for term in elements(terms):
        for expression in elements(read(term, "matchExpressions")):
            if read(expression, "key") == label and read(expression, "operator") == "In":
                values.update(dict.fromkeys(v for v in elements(read(expression, "values")) if isinstance(v, str)))
    return tuple(values)
