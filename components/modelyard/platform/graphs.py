"""Graphs and pipelines of one department, after the models that they ask."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import pulumi

from ..environment.access import effective
from ..governance.ownership import Ownership
from ..resolve.resolved import Resolution, ResolvedGraph, ResolvedModel, ResolvedPipeline


def declare_graph(
    graph: ResolvedGraph,
    resolution: Resolution,
    ownership: Ownership,
    served: Mapping[str, pulumi.Resource],
    opts: pulumi.ResourceOptions,
) -> None:
    """Its component, which waits for the models that it asks.

    Args:
        graph: as resolved.
        resolution: of the environment.
        ownership: of the department.
        served: components of the models on its cluster, by name.
        opts: of the component.
    """
    from ..serving.kserve.graph_service import KServeGraph

    asked = graph.declared.models()
    models = {model.declared.name: model for model in resolution.models if model.cluster == graph.cluster}
    declared = graph.declared
    arguments: Any = {
        "ownership": ownership.args(),
        "name": declared.name,
        "cluster": graph.cluster,
        "nodes": {
            name: node.model_dump(exclude_none=True, exclude_unset=True) for name, node in declared.nodes.items()
        },
        "models": [{"name": name, "port": _port(models[name])} for name in asked],
        **{key: getattr(declared, key) for key in ("mode", "min_replicas", "max_replicas", "cpu", "memory_gib")},
    }
    if (basis := resolution.cluster(graph.cluster).system_price_basis) is not None:
        arguments["price_basis"] = basis
    if graph.hostname is not None:
        arguments |= {"hostname": graph.hostname, "access": asked_access(resolution, declared.access)}
    KServeGraph(
        f"{ownership.environment}-{graph.cluster}-{declared.name}",
        arguments,
        _after(opts, [served[name] for name in asked]),
    )


def declare_pipeline(
    pipeline: ResolvedPipeline,
    resolution: Resolution,
    ownership: Ownership,
    served: Mapping[str, pulumi.Resource],
    opts: pulumi.ResourceOptions,
) -> None:
    """Its component, which waits for the models that it asks; arguments as of :func:`declare_graph`."""
    from ..serving.seldon.pipeline_service import SeldonPipeline

    declared = pipeline.declared
    asked = list(dict.fromkeys(step.model for step in declared.steps))
    arguments: Any = {
        "ownership": ownership.args(),
        "name": declared.name,
        "models": asked,
        "steps": [step.model_dump(exclude_none=True, exclude_defaults=True) for step in declared.steps],
        "output": declared.output,
        "hostname": pipeline.hostname,
        "access": asked_access(resolution, declared.access),
    }
    if declared.output_join is not None:
        arguments["output_join"] = declared.output_join
    SeldonPipeline(
        f"{ownership.environment}-{pipeline.cluster}-{declared.name}",
        arguments,
        _after(opts, [served[name] for name in asked]),
    )


def asked_access(resolution: Resolution, own: Any) -> dict[str, Any]:
    """The gateway's, with what a model, graph or pipeline has otherwise. Certificates are asked for by the listener
    alone."""
    asked = effective(resolution.environment.platform.gateway.access, own)
    shared = {"mesh", "rate_limit_redis"}
    if asked.authentication is not None and asked.authentication.mtls is not None:
        shared.add("authentication")
    return asked.model_dump(exclude=shared, exclude_none=True, exclude_defaults=True)


def _after(opts: pulumi.ResourceOptions, models: Sequence[pulumi.Resource]) -> pulumi.ResourceOptions:
    return pulumi.ResourceOptions.merge(opts, pulumi.ResourceOptions(depends_on=list(models)))


def _port(model: ResolvedModel) -> int:
    """Of the pods that the router asks first."""
    from ..serving.kserve.companion import HTTP_PORT
    from ..serving.kserve.model_server import http_port

    kserve = model.declared.kserve
    assert kserve is not None
    return HTTP_PORT if kserve.transformer is not None else http_port(kserve.server, model.format)
