"""Small programs run by the offline engine, and what their graphs are asked."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Literal

import pulumi
from modelyard.governance.aws_provider import aws_provider
from modelyard.governance.ownership import Ownership
from modelyard.graph import Resource, ResourceGraph
from modelyard.offline import Run, run
from recorded_graph import one as one
from recorded_graph import refused
from recorded_graph import waits_for as waits_for

REGION = "us-east-1"
PLATFORM = Ownership("platform", "CC-1000", "prod", "ml-platform@retail.example")
TOYS = Ownership("toys", "CC-2000", "prod", "toys@retail.example")


def run_program(
    declare: Callable[[pulumi.ResourceOptions], None], mode: Literal["preview", "up"] = "up", region: str = REGION
) -> Run:
    """The run of a program that gets options with the explicit provider of a region."""
    return run(
        lambda: declare(pulumi.ResourceOptions(provider=aws_provider(region, PLATFORM))),
        project="modelyard",
        stack="prod",
        mode=mode,
    )


def graph_of(
    declare: Callable[[pulumi.ResourceOptions], None], mode: Literal["preview", "up"] = "up", region: str = REGION
) -> ResourceGraph:
    """What :func:`run_program` declared."""
    return run_program(declare, mode, region).graph


def refusal(declare: Callable[[pulumi.ResourceOptions], None]) -> str:
    """The message with which a component refuses its arguments."""
    return refused(lambda: run_program(declare))


def cloud_resources(graph: ResourceGraph, prefix: str = "aws:") -> list[Resource]:
    return [resource for resource in graph if resource.custom and resource.type.startswith(prefix)]


def types_of(graph: ResourceGraph) -> dict[str, int]:
    """How many resources of each AWS type."""
    counts: dict[str, int] = {}
    for resource in cloud_resources(graph):
        counts[resource.type] = counts.get(resource.type, 0) + 1
    return counts


def values_at(resources: list[Resource], *path: str) -> list[Any]:
    """One input of each resource, by its path."""
    found = []
    for resource in resources:
        value: Any = resource.inputs
        for step in path:
            value = value[step]
        found.append(value)
    return found
