"""Pods that KServe's controller makes of an InferenceService or an InferenceGraph: what placement, costs and policies
read of a plan that holds no Deployment of theirs.

A recorded plan may hold anything where a value is not known yet: what is not of the expected kind counts as absent.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

KNATIVE_MODES = ("Knative", "Serverless")
"""Names of the mode, the second until KServe 0.16."""

_COMPONENTS = ("predictor", "transformer", "explainer")
_NO_POD_FIELDS = frozenset(
    (
        "model", "minReplicas", "maxReplicas", "scaleTarget", "scaleMetric", "scaleMetricType", "autoScaling",
        "containerConcurrency", "timeout", "canaryTrafficPercent", "logger", "batcher", "labels", "annotations",
        "deploymentStrategy", "storageUris", "storageContainerName", "workerSpec", "name", "containers",
    )
)  # fmt: skip
_BY_FORMAT = (
    "sklearn", "xgboost", "tensorflow", "pytorch", "triton", "onnx", "huggingface", "pmml", "lightgbm", "paddle",
)  # fmt: skip
"""Older fields of a predictor, each in the place of ``model``."""
_NO_CONTAINER_FIELDS = frozenset(
    ("modelFormat", "runtime", "protocolVersion", "storageUri", "storage", "runtimeVersion", "confidential")
)


@dataclass(frozen=True, slots=True)
class ComponentPods:
    """Pods of one component, as its Deployment would declare them."""

    component: str
    """predictor, transformer or explainer."""
    name: str | None
    """Of the Deployment; None where the service's name is not known yet."""
    template: dict[str, Any]
    """``metadata`` and ``spec``."""


def pods_of(inference_service: Mapping[str, Any], serving_runtime: Mapping[str, Any] | None) -> list[ComponentPods]:
    """Predictor, transformer and explainer, merged as KServe 0.20 merges them: the runtime's container first, the
    predictor's fields over it and its arguments after, environment by name; labels and annotations of the runtime, of
    the InferenceService and of the component, the last one winning, and KServe's own labels.

    Args:
        inference_service: the manifest, of mode standard or knative.
        serving_runtime: the manifest that its predictor names; None where it is not known.
    """
    metadata, spec = _mapping(inference_service.get("metadata")), _mapping(inference_service.get("spec"))
    service = metadata.get("name")
    found = []
    for component in _COMPONENTS:
        if not isinstance(spec.get(component), Mapping):
            continue
        declared = spec[component]
        runtime = _mapping(_mapping(serving_runtime).get("spec")) if component == "predictor" else {}
        labels = {"serving.kserve.io/inferenceservice": service, "component": component}
        shared = (runtime, metadata, declared)
        pod = {**_pod_fields(runtime), **_pod_fields(declared)} if component == "predictor" else _pod_fields(declared)
        found.append(
            ComponentPods(
                component=component,
                name=f"{service}-{component}" if isinstance(service, str) else None,
                template={
                    "metadata": {
                        "labels": {**_union("labels", shared), **labels},
                        "annotations": _union("annotations", shared),
                    },
                    "spec": {**pod, "containers": list(_containers(component, declared, runtime))},
                },
            )
        )
    return found


def router_pods(inference_graph: Mapping[str, Any]) -> dict[str, Any]:
    """``metadata`` and ``spec`` of an InferenceGraph's router; its image is KServe's, by KServe's own configuration."""
    metadata, spec = _mapping(inference_graph.get("metadata")), _mapping(inference_graph.get("spec"))
    labels = {**_mapping(metadata.get("labels")), "serving.kserve.io/inferencegraph": metadata.get("name")}
    kept = ("affinity", "tolerations", "nodeSelector", "nodeName", "serviceAccountName")
    router = {"name": "router", "resources": _mapping(spec.get("resources"))}
    return {
        "metadata": {"labels": labels, "annotations": dict(_mapping(metadata.get("annotations")))},
        "spec": {**{key: spec[key] for key in kept if key in spec}, "containers": [router]},
    }


def deployment_mode(resource: Mapping[str, Any]) -> str | None:
    """What an InferenceService or InferenceGraph says of its mode; None: as the controller is configured."""
    annotations = _mapping(_mapping(resource.get("metadata")).get("annotations"))
    mode = annotations.get("serving.kserve.io/deploymentMode")
    return mode if isinstance(mode, str) else None


_RUNTIME_POD_FIELDS = ("nodeSelector", "affinity", "tolerations", "volumes", "imagePullSecrets", "hostIPC")


def _pod_fields(declared: Mapping[str, Any]) -> dict[str, Any]:
    """Fields of a pod; of a ServingRuntime's spec those that KServe reads."""
    if "supportedModelFormats" in declared:
        return {key: declared[key] for key in _RUNTIME_POD_FIELDS if key in declared}
    return {key: value for key, value in declared.items() if key not in (*_NO_POD_FIELDS, *_BY_FORMAT)}


def _containers(component: str, declared: Mapping[str, Any], runtime: Mapping[str, Any]) -> Iterator[Any]:
    own = _list(declared.get("containers"))
    model = next((declared[key] for key in ("model", *_BY_FORMAT) if isinstance(declared.get(key), Mapping)), None)
    if component == "predictor" and model is not None:
        base = _list(runtime.get("containers"))
        yield _served(model, _mapping(base[0]) if base else {"name": "kserve-container"})
        yield from base[1:]
    yield from own


def _union(key: str, sources: tuple[Mapping[str, Any], ...]) -> dict[str, Any]:
    return {name: value for source in sources for name, value in _mapping(source.get(key)).items()}


def _served(model: Mapping[str, Any], base: Mapping[str, Any]) -> dict[str, Any]:
    own = {key: value for key, value in model.items() if key not in _NO_CONTAINER_FIELDS}
    merged = {**base, **own}
    if args := [*_list(base.get("args")), *_list(own.get("args"))]:
        merged["args"] = args
    given = [each for each in (*_list(base.get("env")), *_list(own.get("env"))) if isinstance(each, Mapping)]
    if variables := {each.get("name"): each for each in given}:
        merged["env"] = list(variables.values())
    return merged


def _mapping(value: Any) -> Mapping[str, Any]:
    return value if isinstance(value, Mapping) else {}


def _list(value: Any) -> Sequence[Any]:
    return value if isinstance(value, list | tuple) else ()
