"""Pods as a rule on single resources sees them: complete as far as the program says, unknown where it does not."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, Final

from modelyard.graph import UNKNOWN
from modelyard.placement.kserve import CLUSTER_SERVING_RUNTIME, SERVING_RUNTIME
from pulumi_policy import ResourceValidationArgs
from pulumi_policy.proxy import UNKNOWN_STRING_VALUE, unknown_checking_proxy

from modelyard_policies.inputs import read
from modelyard_policies.pods import Pods, kind, namespace, template, templates
from modelyard_policies.resource_graph import Observed, plain

_BROUGHT_BY_OTHERS: Final = ("image", "securityContext", "resources", "env", "ports")


def judged_pods(args: ResourceValidationArgs, observed: Observed) -> Iterator[Pods]:
    """The pods of a workload. What the controller or a runtime of another stack brings raises on reading, as every
    unknown value does; an InferenceGraph's router is KServe's own, and only its share of a node is judged."""
    made_by = kind(args.resource_type)
    if made_by not in ("InferenceService", "InferenceGraph", "Server"):
        yield Pods("", template(args.resource_type, args.props))
        return
    inputs = plain(args.props)
    runtime = _runtime(args.urn, inputs, observed) if made_by == "InferenceService" else None
    for pods in templates(args.resource_type, inputs, runtime or _UNKNOWN_RUNTIME):
        if made_by == "Server":
            spec = pods.template["spec"]
            spec["containers"] = [{**_unknown_container(), **each} for each in spec.get("containers") or ()]
        yield Pods(pods.label, unknown_checking_proxy(_as_shown(pods.template)))


def _unknown_container() -> dict[str, Any]:
    return dict.fromkeys(_BROUGHT_BY_OTHERS, UNKNOWN)


_UNKNOWN_RUNTIME: Final = {"spec": {"containers": [{"name": "kserve-container", **_unknown_container()}]}}


def _runtime(urn: str, service: Mapping[str, Any], observed: Observed) -> Mapping[str, Any] | None:
    """The ServingRuntime that the predictor names; of those that clusters of the stack have by the same name, the one
    with the service's own name in the program, where there is such."""
    name = read(service, "spec", "predictor", "model", "runtime")
    found = []
    for each, inputs in observed.items():
        own = f":{SERVING_RUNTIME}::" in each or f"${SERVING_RUNTIME}::" in each
        if not own and CLUSTER_SERVING_RUNTIME not in each:
            continue
        here = namespace(inputs) == namespace(service) if own else True
        if here and name is not None and read(inputs, "metadata", "name") == name:
            found.append((each.rpartition("::")[2] != urn.rpartition("::")[2], not own, each))
    return plain(observed[min(found)[2]]) if found else None


def _as_shown(value: Any) -> Any:
    """Unknown values as the engine sends them."""
    if value is UNKNOWN:
        return UNKNOWN_STRING_VALUE
    if isinstance(value, Mapping):
        return {key: _as_shown(each) for key, each in value.items()}
    if isinstance(value, list | tuple):
        return [_as_shown(each) for each in value]
    return value
