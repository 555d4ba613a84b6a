"""Pods that KServe's controller makes of an InferenceService: what placement, costs and policies read of a plan that
holds no Deployment of theirs."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

_COMPONENTS = ("predictor", "transformer", "explainer")
_NO_POD_FIELDS = frozenset(
    (
        "model", "minReplicas", "maxReplicas", "scaleTarget", "scaleMetric", "scaleMetricType", "autoScaling",
        "containerConcurrency", "timeout", "canaryTrafficPercent", "logger", "batcher", "labels", "annotations",
        "deploymentStrategy", "storageUris", "storageContainerName", "workerSpec", "name", "containers",
    )
)  # fmt: skip
_NO_CONTAINER_FIELDS = frozenset(
    ("modelFormat", "runtime", "protocolVersion", "storageUri", "storage", "runtimeVersion", "confidential")
)


@dataclass(frozen=True, slots=True)
class ComponentPods:
    """Pods of one component, as its Deployment would declare them."""

    name: str
    """Of the Deployment."""
    template: dict[str, Any]
    """``metadata`` and ``spec``."""
    min_replicas: int
    max_replicas: int


def pods_of(inference_service: Mapping[str, Any], serving_runtime: Mapping[str, Any] | None) -> list[ComponentPods]:
    """Predictor, transformer and explainer, merged as KServe 0.20 merges them: the runtime's container first, the
    predictor's fields over it and its arguments after, environment by name; labels and annotations of the runtime, of
    the InferenceService and of the component, the last one winning.

    Args:
        inference_service: the manifest, of mode standard or knative.
        serving_runtime: the manifest that its predictor names; None where it is not known.
    """
    metadata, spec = inference_service["metadata"], inference_service["spec"]
    found = []
    for component in _COMPONENTS:
        declared = spec.get(component)
        if declared is None:
            continue
        runtime = (serving_runtime or {}).get("spec", {}) if component == "predictor" else {}
        shared = (runtime, metadata, declared)
        found.append(
            ComponentPods(
                name=f"{metadata['name']}-{component}",
                template={
                    "metadata": {key: _union(key, shared) for key in ("labels", "annotations")},
                    "spec": {
                        **{key: value for key, value in declared.items() if key not in _NO_POD_FIELDS},
                        "containers": [_served(declared, runtime), *runtime.get("containers", [])[1:]]
                        if component == "predictor"
                        else declared.get("containers", []),
                    },
                },
                min_replicas=declared.get("minReplicas", 1),
                max_replicas=max(declared.get("maxReplicas", 0), declared.get("minReplicas", 1)),
            )
        )
    return found


def _union(key: str, sources: tuple[Mapping[str, Any], ...]) -> dict[str, Any]:
    return {name: value for source in sources for name, value in source.get(key, {}).items()}


def _served(predictor: Mapping[str, Any], runtime: Mapping[str, Any]) -> dict[str, Any]:
    base: dict[str, Any] = next(iter(runtime.get("containers", [])), {"name": "kserve-container"})
    own: dict[str, Any] = {
        key: value for key, value in predictor.get("model", {}).items() if key not in _NO_CONTAINER_FIELDS
    }
    merged = {**base, **own}
    if args := [*base.get("args", []), *own.get("args", [])]:
        merged["args"] = args
    given: list[dict[str, Any]] = [*base.get("env", []), *own.get("env", [])]
    if variables := {each["name"]: each for each in given}:
        merged["env"] = list(variables.values())
    return merged
