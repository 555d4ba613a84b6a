"""Pod templates, wherever a Kubernetes workload keeps them."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, Final, NamedTuple

from modelyard_policies.inputs import elements, read, shown
from modelyard_policies.resource_types import ResourceTypes

WORKLOADS: Final = ResourceTypes(
    "kubernetes:apps/v*:Deployment",
    "kubernetes:apps/v*:StatefulSet",
    "kubernetes:apps/v*:DaemonSet",
    "kubernetes:apps/v*:ReplicaSet",
    "kubernetes:batch/v*:Job",
    "kubernetes:batch/v*:CronJob",
    "kubernetes:core/v1:Pod",
)


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
