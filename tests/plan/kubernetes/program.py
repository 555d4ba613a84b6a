"""Small programs run by the offline engine, and what their graphs are asked."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, Literal

import pulumi
import pulumi_kubernetes as kubernetes
from modelyard.governance.aws_provider import aws_provider
from modelyard.governance.ownership import Ownership
from modelyard.graph import Resource, ResourceGraph, Secret
from modelyard.offline import Run, run
from recorded_graph import refused
from recorded_graph import waits_for as waits_for

REGION = "us-east-1"
PLATFORM = Ownership("platform", "CC-1000", "prod", "ml-platform@retail.example")
SHOP = Ownership("shop", "CC-2000", "prod", "shop@retail.example")

CHECKSUM = "5feceb66ffc86f38d952786c6d696c79c2dbc239dd4e91b46729d73a27fb57e9"


def triton_arguments(**changes: Any) -> Any:
    """Arguments of a service that asks for a GPU; a change to None takes an argument out."""
    arguments: dict[str, Any] = {
        "ownership": SHOP.args(),
        "model": "tagger",
        "cluster": "east",
        "eks_cluster": "prod-east",
        "pool": "l4",
        "price_basis": "aws/us-east-1/g6.2xlarge/on_demand",
        "hostname": "tagger.east.ml.example.org",
        "stored": {
            "bucket": "retail-prod-models-us-east-1",
            "prefix": "shop/tagger",
            "region": REGION,
            "digest": "f" * 64,
            "files": [
                {"path": "tagger/config.pbtxt", "sha256": CHECKSUM, "size_bytes": 0},
                {
                    "path": "tagger/1/model.onnx",
                    "object": f"{CHECKSUM[:16]}/tagger/1/model.onnx",
                    "sha256": CHECKSUM,
                    "size_bytes": 3 * 1024**3,
                },
            ],
        },
        "scaling": {"min_replicas": 2, "max_replicas": 6, "target_queue_ms": 7.5},
        **changes,
    }
    return {key: value for key, value in arguments.items() if value is not None}


def run_program(
    declare: Callable[[pulumi.ResourceOptions], Any],
    config: Mapping[str, str | Secret] | None = None,
    mode: Literal["preview", "up"] = "preview",
) -> Run:
    """The run of a program that gets options with the providers of one cluster and its region."""

    def program() -> None:
        cluster = kubernetes.Provider("east", kubeconfig="{}")
        declare(pulumi.ResourceOptions(providers=[cluster, aws_provider(REGION, PLATFORM)]))

    return run(program, project="modelyard", stack="prod", config=config or {}, mode=mode)


def graph_of(
    declare: Callable[[pulumi.ResourceOptions], Any], config: Mapping[str, str | Secret] | None = None
) -> ResourceGraph:
    """What :func:`run_program` declared."""
    return run_program(declare, config).graph


def refusal(declare: Callable[[pulumi.ResourceOptions], Any]) -> str:
    """The message with which a component refuses its arguments."""
    return refused(lambda: run_program(declare))


def one(graph: ResourceGraph, kind: str, name: str | None = None) -> Resource:
    """The only Kubernetes object of its kind, or of its kind and Kubernetes name."""
    found = [
        resource
        for resource in graph
        if resource.type.startswith("kubernetes:")
        and resource.type.endswith(f":{kind}")
        and (name is None or name in (resource.inputs.get("name"), resource.inputs.get("metadata", {}).get("name")))
    ]
    assert len(found) == 1, f"{len(found)} objects {kind} {name}"
    return found[0]


def manifests_of(declare: Callable[[pulumi.ResourceOptions], Any]) -> list[dict[str, Any]]:
    """The Kubernetes objects of a program, each after those that it waits for."""
    return [dict(resource.inputs) for resource in kubernetes_objects(graph_of(declare))]


def kubernetes_objects(graph: ResourceGraph) -> list[Resource]:
    """Objects that have metadata: no components, providers or Helm releases."""
    return [r for r in graph if r.type.startswith("kubernetes:") and "metadata" in r.inputs]
