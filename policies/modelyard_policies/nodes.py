"""Nodes: instance metadata, images, limits, and spot capacity."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, Final

from modelyard.graph import UNKNOWN, Resource, ResourceGraph
from pulumi_policy import ResourceValidationArgs

from modelyard_policies.clusters import AKS_CLUSTER, CLUSTER, GKE_CLUSTER
from modelyard_policies.inputs import elements, is_true, listed, read, require, shown, whole
from modelyard_policies.network_policies import belongs
from modelyard_policies.ownership import LAUNCH_TEMPLATE
from modelyard_policies.pods import WORKLOADS, kind, selected_values, stands_by, templates
from modelyard_policies.resource_types import ResourceTypes
from modelyard_policies.rule import Finding, ResourceRule, StackRule
from modelyard_policies.storage import INSTANCE, left_to_template

NODE_GROUP: Final = "aws:eks/nodeGroup:NodeGroup"
GKE_POOL: Final = "gcp:container/nodePool:NodePool"
AKS_POOL: Final = "azure-native:containerservice:AgentPool"
_KARPENTER_POOLS: Final = ResourceTypes("kubernetes:karpenter.sh/*:NodePool")
_KARPENTER_CLASSES: Final = ResourceTypes("kubernetes:karpenter.k8s.aws/*:EC2NodeClass")
_MAX_NODES: Final = 100
_POOL_LABEL: Final = "modelyard.dev/pool"
_CLUSTER_LABEL: Final = "modelyard.dev/cluster"
_CAPACITY_LABELS: Final = (
    "eks.amazonaws.com/capacityType",
    "karpenter.sh/capacity-type",
    "cloud.google.com/gke-spot",
    "kubernetes.azure.com/scalesetpriority",
)
_GPU_LABELS: Final = ("modelyard.dev/accelerator", "nvidia.com/gpu.present")
_GROUPS: Final = (NODE_GROUP, GKE_POOL, AKS_POOL)


def rules() -> list[ResourceRule | StackRule]:
    return [
        ResourceRule(
            "imds-v2",
            "A node's instance metadata, and with it the node's role, is given only to requests with a token.",
            types=ResourceTypes(LAUNCH_TEMPLATE, INSTANCE, GKE_POOL),
            check=_metadata,
        ),
        ResourceRule(
            "node-image-pinned",
            "A new machine image reaches running nodes when somebody has named it, and not on the day of its release.",
            types=_KARPENTER_CLASSES,
            check=_image,
        ),
        ResourceRule(
            "node-pool-limits",
            "A node pool has a largest size that somebody has thought about, and its GPUs are for pods that use them.",
            types=ResourceTypes(*_GROUPS, AKS_CLUSTER) | _KARPENTER_POOLS,
            check=_limits,
            settings={"max_nodes": {"type": "integer", "minimum": 1}},
        ),
        StackRule(
            "spot-not-alone",
            "Nothing depends on spot capacity alone, which a cloud takes back within two minutes.",
            types=WORKLOADS | ResourceTypes(CLUSTER, GKE_CLUSTER, *_GROUPS) | _KARPENTER_POOLS,
            check=_spot,
            settings={"pools": {"type": "object", "additionalProperties": {"enum": ["on_demand", "spot"]}}},
        ),
    ]


def _metadata(args: ResourceValidationArgs) -> Iterator[str]:
    if args.resource_type == GKE_POOL:
        mode = require(args.props, "nodeConfig", "workloadMetadataConfig", "mode")
        if mode != "GKE_METADATA":
            yield (
                f"nodeConfig.workloadMetadataConfig.mode is {shown(mode)}, so every pod gets the node's credentials; "
                "set it to 'GKE_METADATA'."
            )
        return
    if args.resource_type == INSTANCE and left_to_template(args.props, "metadataOptions"):
        return
    tokens = require(args.props, "metadataOptions", "httpTokens")
    if tokens != "required":
        yield (
            f"metadataOptions.httpTokens is {shown(tokens)}, so a request forged through a pod gets the node's "
            "credentials; set it to 'required'."
        )


def _image(args: ResourceValidationArgs) -> Iterator[str]:
    for position, term in enumerate(elements(read(args.props, "spec", "amiSelectorTerms"))):
        alias = read(term, "alias")
        if isinstance(alias, str) and alias.endswith("@latest"):
            yield (
                f"spec.amiSelectorTerms[{position}].alias is {shown(alias)}, so each release of AWS exchanges all "
                "nodes of the pool; name a release: karpenter.image_release of the pool."
            )


def _limits(args: ResourceValidationArgs) -> Iterator[str]:
    if args.resource_type in _KARPENTER_POOLS:
        if not require(args.props, "spec", "limits"):
            yield "spec.limits is not set, so Karpenter may buy without end; limit cpu, memory and nvidia.com/gpu."
        return
    ceiling = whole(args.get_config().get("max_nodes")) or _MAX_NODES
    for path, largest in _largest(args):
        count = whole(largest)
        if count is None or count > ceiling:
            yield (
                f"{path} is {shown(largest)}; at most {ceiling} nodes are allowed in a pool: lower it, or "
                "raise max_nodes in this policy's configuration."
            )
    if args.resource_type != AKS_CLUSTER:
        yield from _unguarded(args)


def _largest(args: ResourceValidationArgs) -> Iterator[tuple[str, Any]]:
    props = args.props
    if args.resource_type == NODE_GROUP:
        yield "scalingConfig.maxSize", require(props, "scalingConfig", "maxSize")
    elif args.resource_type == AKS_POOL:
        yield _azure_largest(props, "")
    elif args.resource_type == AKS_CLUSTER:
        for position, profile in enumerate(elements(require(props, "agentPoolProfiles"))):
            yield _azure_largest(profile, f"agentPoolProfiles[{position}].")
    elif require(props, "autoscaling") is None:
        key = "nodeCount" if require(props, "nodeCount") is not None else "initialNodeCount"
        yield key, require(props, key, default=1)
    else:
        total = require(props, "autoscaling", "totalMaxNodeCount")
        key = "maxNodeCount" if total is None else "totalMaxNodeCount"
        yield f"autoscaling.{key}", require(props, "autoscaling", key)


def _azure_largest(profile: Any, path: str) -> tuple[str, Any]:
    key = "maxCount" if is_true(require(profile, "enableAutoScaling")) else "count"
    return path + key, require(profile, key, default=1 if key == "count" else None)


def _unguarded(args: ResourceValidationArgs) -> Iterator[str]:
    """A pool with GPUs that no taint keeps for those who use them."""
    path = {NODE_GROUP: "labels", GKE_POOL: "nodeConfig.labels", AKS_POOL: "nodeLabels"}[args.resource_type]
    taints = {NODE_GROUP: "taints", GKE_POOL: "nodeConfig.taints", AKS_POOL: "nodeTaints"}[args.resource_type]
    labels = read(args.props, *path.split("."))
    has_gpus = any(read(labels, label) not in (None, "false") for label in _GPU_LABELS)
    if not has_gpus and args.resource_type == GKE_POOL:
        has_gpus = any(True for _ in elements(read(args.props, "nodeConfig", "guestAccelerators")))
    if has_gpus and read(args.props, *taints.split(".")) is None:
        yield (
            f"the pool has GPUs and {taints} is not set, so pods that use none take their room; add the taint "
            "nvidia.com/gpu=present:NoSchedule."
        )


def _spot(graph: ResourceGraph, config: Mapping[str, Any]) -> Iterator[Finding]:
    declared = config.get("pools", {})
    capacity: dict[tuple[str | None, str], bool] = {}
    for key, value in declared.items():
        cluster, _, pool = key.rpartition("/")
        capacity[cluster or None, pool] = value == "spot"
    made: dict[tuple[str | None, str], bool] = {}
    for group in (each for each in graph if each.type in _GROUPS or each.type in _KARPENTER_POOLS):
        pool, cluster = (read(_labels(group), label) for label in (_POOL_LABEL, _CLUSTER_LABEL))
        if isinstance(pool, str):
            key = cluster if isinstance(cluster, str) else None, pool
            # A declared pool of spot nodes on a floor on demand is two groups, which have its name both.
            made[key] = made.get(key, True) and _is_spot(group)
    capacity |= made
    yield from _spot_workloads(graph, capacity)
    yield from _spot_clusters(graph)


def _spot_workloads(graph: ResourceGraph, capacity: Mapping[tuple[str | None, str], bool]) -> Iterator[Finding]:
    for workload in graph:
        if workload.type not in WORKLOADS or kind(workload.type) in ("DaemonSet", "Job", "CronJob"):
            continue
        for pods in templates(workload.type, workload.inputs):
            if stands_by(read(pods.template, "metadata", "labels")):
                continue
            for message in _spot_pods(pods.template, capacity):
                yield Finding(workload.urn, f"{pods.label}{message}")


def _spot_pods(pods: Any, capacity: Mapping[tuple[str | None, str], bool]) -> Iterator[str]:
    for label in _CAPACITY_LABELS:
        values = selected_values(pods, label)
        if values and all(value.lower() in ("spot", "true") for value in values):
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
    """Not of AKS, whose system pool cannot be spot."""
    for cluster in graph.of_type(CLUSTER, GKE_CLUSTER):
        type_, key = (NODE_GROUP, "clusterName") if cluster.type == CLUSTER else (GKE_POOL, "cluster")
        groups = [each for each in graph.of_type(type_) if belongs(each, key, cluster, "name")]
        if groups and all(_is_spot(group) for group in groups):
            yield Finding(
                cluster.urn,
                f"all {len(groups)} node groups of the cluster are spot capacity, so its DNS and autoscaler can be "
                "gone "
                "at once; add an on-demand node group for them.",
            )


def _is_spot(group: Resource) -> bool:
    if group.type in _KARPENTER_POOLS:
        wanted = [
            read(each, "values")
            for each in elements(read(group.inputs, "spec", "template", "spec", "requirements"))
            if read(each, "key") == "karpenter.sh/capacity-type"
        ]
        return [list(values) for values in wanted if values is not UNKNOWN] == [["spot"]]
    if group.type == GKE_POOL:
        spot = read(group.inputs, "nodeConfig", "spot")
        return spot is not UNKNOWN and (is_true(spot) or is_true(read(group.inputs, "nodeConfig", "preemptible")))
    capacity = group.inputs.get("capacityType" if group.type == NODE_GROUP else "scaleSetPriority")
    return capacity is not UNKNOWN and capacity in ("SPOT", "Spot")


def _labels(group: Resource) -> Any:
    if group.type in _KARPENTER_POOLS:
        return read(group.inputs, "spec", "template", "metadata", "labels")
    if group.type == GKE_POOL:
        return read(group.inputs, "nodeConfig", "labels")
    return group.inputs.get("labels" if group.type == NODE_GROUP else "nodeLabels")


def _pools(pools: tuple[str, ...]) -> str:
    return f"pool {shown(pools[0])}" if len(pools) == 1 else f"pools {listed(pools)}"
