"""Nodes: instance metadata, limits, and spot capacity."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, Final

from modelyard.graph import UNKNOWN, Resource, ResourceGraph
from pulumi_policy import ResourceValidationArgs

from modelyard_policies.clusters import CLUSTER
from modelyard_policies.inputs import listed, read, require, shown, whole
from modelyard_policies.network_policies import belongs
from modelyard_policies.ownership import LAUNCH_TEMPLATE
from modelyard_policies.pods import WORKLOADS, kind, selected_values, templates
from modelyard_policies.resource_types import ResourceTypes
from modelyard_policies.rule import Finding, ResourceRule, StackRule
from modelyard_policies.storage import INSTANCE

NODE_GROUP: Final = "aws:eks/nodeGroup:NodeGroup"
_KARPENTER_POOLS: Final = ResourceTypes("kubernetes:karpenter.sh/*:NodePool")
_MAX_NODES: Final = 100
_POOL_LABEL: Final = "modelyard.dev/pool"
_CLUSTER_LABEL: Final = "modelyard.dev/cluster"
_CAPACITY_LABELS: Final = ("eks.amazonaws.com/capacityType", "karpenter.sh/capacity-type")


def rules() -> list[ResourceRule | StackRule]:
    return [
        ResourceRule(
            "imds-v2",
            "A node's instance metadata, and with it the node's role, is given only to requests with a token.",
            types=ResourceTypes(LAUNCH_TEMPLATE, INSTANCE),
            check=_metadata,
        ),
        ResourceRule(
            "node-pool-limits",
            "A node pool has a largest size that somebody has thought about.",
            types=ResourceTypes(NODE_GROUP) | _KARPENTER_POOLS,
            check=_limits,
            settings={"max_nodes": {"type": "integer", "minimum": 1}},
        ),
        StackRule(
            "spot-not-alone",
            "Nothing depends on spot capacity alone, which AWS takes back with two minutes' notice.",
            types=WORKLOADS | ResourceTypes(CLUSTER, NODE_GROUP),
            check=_spot,
            settings={"pools": {"type": "object", "additionalProperties": {"enum": ["on_demand", "spot"]}}},
        ),
    ]


def _metadata(args: ResourceValidationArgs) -> Iterator[str]:
    tokens = require(args.props, "metadataOptions", "httpTokens")
    if tokens != "required":
        yield (
            f"metadataOptions.httpTokens is {shown(tokens)}, so a request forged through a pod gets the node's "
            "credentials; set it to 'required'."
        )


def _limits(args: ResourceValidationArgs) -> Iterator[str]:
    if args.resource_type in _KARPENTER_POOLS:
        if not require(args.props, "spec", "limits"):
            yield "spec.limits is not set, so Karpenter may buy without end; limit cpu, memory and nvidia.com/gpu."
        return
    ceiling = whole(args.get_config().get("max_nodes")) or _MAX_NODES
    largest = require(args.props, "scalingConfig", "maxSize")
    count = whole(largest)
    if count is None or count > ceiling:
        yield (
            f"scalingConfig.maxSize is {shown(largest)}; at most {ceiling} nodes are allowed in a pool: lower it, or "
            "raise max_nodes in this policy's configuration."
        )


def _spot(graph: ResourceGraph, config: Mapping[str, Any]) -> Iterator[Finding]:
    declared = config.get("pools", {})
    capacity: dict[tuple[str | None, str], bool] = {}
    for key, value in declared.items():
        cluster, _, pool = key.rpartition("/")
        capacity[cluster or None, pool] = value == "spot"
    for group in graph.of_type(NODE_GROUP):
        pool, cluster = (read(group.inputs, "labels", label) for label in (_POOL_LABEL, _CLUSTER_LABEL))
        if isinstance(pool, str):
            capacity[cluster if isinstance(cluster, str) else None, pool] = _is_spot(group)
    yield from _spot_workloads(graph, capacity)
    yield from _spot_clusters(graph)


def _spot_workloads(graph: ResourceGraph, capacity: Mapping[tuple[str | None, str], bool]) -> Iterator[Finding]:
    for workload in graph:
        if workload.type not in WORKLOADS or kind(workload.type) in ("DaemonSet", "Job", "CronJob"):
            continue
        for pods in templates(workload.type, workload.inputs):
            for message in _spot_pods(pods.template, capacity):
                yield Finding(workload.urn, f"{pods.label}{message}")


def _spot_pods(pods: Any, capacity: Mapping[tuple[str | None, str], bool]) -> Iterator[str]:
    for label in _CAPACITY_LABELS:
        values = selected_values(pods, label)
        if values and all(value.lower() == "spot" for value in values):
            yield (
                f"the pods run only on nodes with {label} {listed(values)}, so all replicas can be gone at once; "
                "let them run on on-demand nodes too."
            )
    pools = selected_values(pods, _POOL_LABEL)
    cluster = read(pods, "metadata", "annotations", _CLUSTER_LABEL)
    known = [capacity.get((cluster, pool), capacity.get((None, pool))) for pool in pools]
    if pools and all(known):
        yield (
            f"the pods run only on {_pools(pools)}, which is spot capacity, so all replicas can be gone at once; "
            "give the guaranteed replicas an on-demand pool and keep spot for the overflow."
        )


def _spot_clusters(graph: ResourceGraph) -> Iterator[Finding]:
    for cluster in graph.of_type(CLUSTER):
        groups = [each for each in graph.of_type(NODE_GROUP) if belongs(each, "clusterName", cluster, "name")]
        if groups and all(_is_spot(group) for group in groups):
            yield Finding(
                cluster.urn,
                f"all {len(groups)} node groups of the cluster are spot capacity, so its DNS and autoscaler can be "
                "gone "
                "at once; add an on-demand node group for them.",
            )


def _is_spot(group: Resource) -> bool:
    capacity = group.inputs.get("capacityType")
    return capacity is not UNKNOWN and capacity == "SPOT"


def _pools(pools: tuple[str, ...]) -> str:
    return f"pool {shown(pools[0])}" if len(pools) == 1 else f"pools {listed(pools)}"
