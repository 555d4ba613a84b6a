"""Recorded resources for the tables of cases, and the messages that one rule has for them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from modelyard.graph import Resource, ResourceGraph
from modelyard.review.verdicts import Verdict, run_policies
from modelyard_policies.pack import policies

STACK = "urn:pulumi:prod::modelyard::pulumi:pulumi:Stack::modelyard-prod"
AWS = "urn:pulumi:prod::modelyard::pulumi:providers:aws::modelyard-aws-us-east-1"
KUBERNETES = "urn:pulumi:prod::modelyard::pulumi:providers:kubernetes::use1"

_RULES = {rule.name: rule for rule in policies()}


def urn(resource_type: str, name: str) -> str:
    return f"urn:pulumi:prod::modelyard::{resource_type}::{name}"


def resource(
    resource_type: str,
    inputs: Mapping[str, Any],
    name: str = "it",
    *,
    sources: Mapping[str, tuple[str, ...]] | None = None,
    provider: str | None = None,
    outputs: Mapping[str, Any] | None = None,
) -> Resource:
    """A resource of its cloud's provider. ``sources``: top-level input to the URNs that its value came from."""
    if provider is None:
        provider = KUBERNETES if resource_type.startswith("kubernetes:") else AWS
    found = dict(sources or {})
    return Resource(
        urn=urn(resource_type, name),
        type=resource_type,
        name=name,
        inputs=dict(inputs),
        stack="prod",
        parent=STACK,
        dependencies=tuple(sorted({each for urns in found.values() for each in urns})),
        property_dependencies=found,
        provider=provider,
        outputs=dict(outputs or {}),
    )


def graph(*resources: Resource, default_tags: Mapping[str, str] | None = None) -> ResourceGraph:
    """The resources under a stack, with both providers."""
    inputs = {"region": "us-east-1", **({"defaultTags": {"tags": dict(default_tags)}} if default_tags else {})}
    return ResourceGraph(
        [
            Resource(STACK, "pulumi:pulumi:Stack", "modelyard-prod", {}, "prod", custom=False),
            Resource(AWS, "pulumi:providers:aws", "modelyard-aws-us-east-1", inputs, "prod", parent=STACK),
            Resource(KUBERNETES, "pulumi:providers:kubernetes", "use1", {}, "prod", parent=STACK),
            *resources,
        ]
    )


def verdicts(rule: str, recorded: ResourceGraph, settings: Mapping[str, Any] | None = None) -> list[Verdict]:
    return run_policies(recorded, {rule: dict(settings)} if settings else {}, policies=[_RULES[rule]])


def messages(rule: str, *resources: Resource, settings: Mapping[str, Any] | None = None) -> list[str]:
    return [verdict.message for verdict in verdicts(rule, graph(*resources), settings)]


LABELS = {
    "modelyard.dev/department": "merchandising",
    "modelyard.dev/cost-center": "cc-100",
    "modelyard.dev/environment": "prod",
    "app.kubernetes.io/managed-by": "modelyard",
    "app": "tagging",
}
TAGS = {"department": "merchandising", "cost-center": "cc-100", "environment": "prod", "managed-by": "modelyard"}
RESTRICTED = {
    "allowPrivilegeEscalation": False,
    "runAsNonRoot": True,
    "capabilities": {"drop": ["ALL"]},
    "seccompProfile": {"type": "RuntimeDefault"},
}
IMAGE = "nvcr.io/nvidia/tritonserver@sha256:" + "5" * 64


def container(**changes: Any) -> dict[str, Any]:
    """A container that every rule accepts."""
    return {
        "name": "triton",
        "image": IMAGE,
        "resources": {"requests": {"cpu": "4", "memory": "16Gi"}, "limits": {"nvidia.com/gpu": 1}},
        "securityContext": dict(RESTRICTED),
        **changes,
    }


def deployment(name: str = "tagging", *, pod: Mapping[str, Any] | None = None, **spec: Any) -> Resource:
    """A Deployment of one good GPU container; ``pod`` and keyword arguments change the pod's and its own spec."""
    pod_spec = {
        "containers": [container()],
        "tolerations": [{"key": "nvidia.com/gpu", "operator": "Exists", "effect": "NoSchedule"}],
        **(pod or {}),
    }
    inputs = {
        "metadata": {"name": name, "namespace": "merchandising", "labels": dict(LABELS)},
        "spec": {"template": {"metadata": {"labels": dict(LABELS)}, "spec": pod_spec}, **spec},
    }
    return resource("kubernetes:apps/v1:Deployment", inputs, name)
