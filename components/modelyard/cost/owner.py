"""Who a resource belongs to, by its tags or labels."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from modelyard.cost.charge import Owner
from modelyard.graph import Resource, ResourceGraph
from modelyard.placement.reading import at, items, mapping, text, texts
from modelyard.placement.workload import DEPARTMENT, MODEL

PLATFORM = "platform"


def owner_of(resource: Resource, graph: ResourceGraph) -> Owner:
    """The department (and model) of a resource; shared where it is the platform's or carries none."""
    labels = texts(at(resource.inputs, "metadata", "labels"))
    tags = {**_default_tags(graph.get(resource.provider)), **_google_labels(resource, graph), **_tags(resource)}
    return owner(labels.get(DEPARTMENT) or tags.get("department"), labels.get(MODEL) or tags.get("model"))


def owner(department: str | None, model: str | None) -> Owner:
    if not department or department == PLATFORM:
        return Owner()
    return Owner(department, model or None)


def _tags(resource: Resource) -> Mapping[str, str]:
    declared = resource.inputs.get("tags")
    if isinstance(declared, list | tuple):
        pairs = [(text(mapping(each).get("key")), text(mapping(each).get("value"))) for each in items(declared)]
        return {key: value for key, value in pairs if key and value}
    return texts(declared)


def _google_labels(resource: Resource, graph: ResourceGraph) -> Mapping[str, str]:
    """Labels of a Google Cloud resource. A deployed model of Vertex AI has none: it is whose its component's are."""
    if resource.type.startswith("pulumi-python:"):
        of_component = (
            each
            for each in graph
            if resource.parent is not None and each.parent == resource.parent and each is not resource
        )
        labelled = (texts(each.inputs.get("labels")) for each in of_component)
        return next((labels for labels in labelled if "department" in labels), {})
    if resource.type.startswith("gcp:"):
        return {
            **_default_labels(graph.get(resource.provider)),
            **texts(resource.inputs.get("userLabels")),
            **texts(resource.inputs.get("resourceLabels")),
            **texts(at(resource.inputs, "nodeConfig", "resourceLabels")),
            **texts(resource.inputs.get("labels")),
        }
    return {}


def _default_tags(provider: Resource | None) -> Mapping[str, str]:
    return texts(at(_nested(provider, "defaultTags"), "tags"))


def _default_labels(provider: Resource | None) -> Mapping[str, str]:
    return texts(_nested(provider, "defaultLabels"))


def _nested(provider: Resource | None, key: str) -> Any:
    """A provider receives nested configuration as JSON text."""
    declared: Any = provider.inputs.get(key) if provider else None
    if isinstance(declared, str):
        try:
            return json.loads(declared)
        except ValueError:
            return None
    return declared
