"""The Deployments that KServe makes of InferenceServices, for tests without its controller
(``tests/controlplane/test_kserve.py`` compares them with its controller's own)."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from modelyard.serving.kserve.pods import ComponentPods, pods_of


def deployments_of_kserve(objects: Iterable[dict[str, Any]]) -> list[dict[str, Any]]:
    """One for each predictor, transformer and explainer.

    Args:
        objects: InferenceServices, with the ServingRuntimes of the same name and namespace; others are left alone.
    """
    found = list(objects)
    runtimes = {_key(each): each for each in found if each["kind"] == "ServingRuntime"}
    return [
        _deployment(pods, service)
        for service in found
        if service["kind"] == "InferenceService"
        for pods in pods_of(service, runtimes.get(_key(service)))
    ]


def _key(thing: dict[str, Any]) -> tuple[str, str]:
    return thing["metadata"]["namespace"], thing["metadata"]["name"]


def _deployment(pods: ComponentPods, service: dict[str, Any]) -> dict[str, Any]:
    selected = {"app": f"isvc.{pods.name}"}
    labels = {**pods.template["metadata"]["labels"], **selected}
    template = {**pods.template, "metadata": {**pods.template["metadata"], "labels": labels}}
    return {
        "apiVersion": "apps/v1",
        "kind": "Deployment",
        "metadata": {"name": pods.name, "namespace": service["metadata"]["namespace"]},
        "spec": {"selector": {"matchLabels": selected}, "template": template},
    }
