"""A small program with one model at SageMaker."""

from __future__ import annotations

from typing import Any

import pulumi
from modelyard.graph import Resource, ResourceGraph
from modelyard.serving.sagemaker.endpoint import SageMakerEndpoint

from .program import REGION, TOYS, graph_of, one, refusal

NAME = "prod-tagging"
ARTEFACT = "s3://models/toys/tagging/0123/model.tar.gz"
CANARY = "s3://models/toys/tagging/4567/model.tar.gz"
KEY = "arn:aws:kms:us-east-1:123456789012:key/0a1b2c3d-4e5f-6789-abcd-ef0123456789"
ENDPOINT = "aws:sagemaker/endpoint:Endpoint"
CONFIGURATION = "aws:sagemaker/endpointConfiguration:EndpointConfiguration"
MODEL = "aws:sagemaker/model:Model"
TARGET = "aws:appautoscaling/target:Target"
POLICY = "aws:appautoscaling/policy:Policy"
ACTION = "aws:appautoscaling/scheduledAction:ScheduledAction"
ALARM = "aws:cloudwatch/metricAlarm:MetricAlarm"
SERVERLESS: dict[str, Any] = {"kind": "serverless", "instance_type": None}

COMPONENT: dict[str, Any] = {
    "kind": "inference_components",
    "instance_type": "ml.g5.12xlarge",
    "inference_components": {"memory_mib": 4096, "accelerators": 1, "cpu_cores": 2},
    "managed_scaling": {"min_instances": 0, "max_instances": 3},
    "scaling": {"min_replicas": 0, "max_replicas": 6, "target_concurrency": 4},
}


def rollout(percent: int = 10, **more: Any) -> dict[str, Any]:
    """Arguments of version 4 beside version 3."""
    return {"rollout": {"stable": 3, "canary": 4, "percent": percent, **more}, "canary": {"artefact": CANARY}}


def endpoint(**args: Any) -> Any:
    """A program that declares it; None takes an argument away."""

    def declare(opts: pulumi.ResourceOptions) -> None:
        arguments: Any = {
            "model": "tagging",
            "region": REGION,
            "artefact": ARTEFACT,
            "instance_type": "ml.m5.xlarge",
            "ownership": TOYS.args(),
            **args,
        }
        made = SageMakerEndpoint(NAME, {key: value for key, value in arguments.items() if value is not None}, opts)  # pyright: ignore[reportArgumentType]
        pulumi.export("url", made.url)
        pulumi.export("variants", made.variants)
        pulumi.export("component", made.inference_component_name)

    return declare


def declared(**args: Any) -> ResourceGraph:
    """What the program declares."""
    return graph_of(endpoint(**args))


def configuration(**args: Any) -> dict[str, Any]:
    """Inputs of its endpoint configuration."""
    return one(declared(**args), CONFIGURATION).inputs


def variant(**args: Any) -> dict[str, Any]:
    """Its only production variant."""
    variants = configuration(**args)["productionVariants"]
    assert len(variants) == 1
    return variants[0]


def named(graph: ResourceGraph, type_: str) -> dict[str, Resource]:
    """Resources of a type by their logical name."""
    return {resource.name: resource for resource in graph.of_type(type_)}


def said(**args: Any) -> str:
    """The sentence with which it is refused, without its beginning."""
    message = refusal(endpoint(**args))
    return message.removeprefix(f"SageMakerEndpoint {NAME}: ")
