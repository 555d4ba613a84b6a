"""Node pools: the nodes that a recorded program offers to the scheduler."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from modelyard.catalog import Allocatable, InstanceType, UnknownInstanceType, allocatable, instance
from modelyard.graph import Resource, ResourceGraph
from modelyard.placement.reading import at, items, mapping, text, texts, whole
from modelyard.placement.region import region_of
from modelyard.placement.workload import CLUSTER, POOL

NODE_GROUP = "aws:eks/nodeGroup:NodeGroup"
_LAUNCH_TEMPLATE = "aws:ec2/launchTemplate:LaunchTemplate"
_EFFECTS = {"NO_SCHEDULE": "NoSchedule", "NO_EXECUTE": "NoExecute", "PREFER_NO_SCHEDULE": "PreferNoSchedule"}


@dataclass(frozen=True, slots=True)
class Taint:
    key: str
    value: str
    effect: str
    """As Kubernetes writes it: ``NoSchedule``, ``NoExecute``, ``PreferNoSchedule``."""

    def __str__(self) -> str:
        return f"{self.key}={self.value}:{self.effect}" if self.value else f"{self.key}:{self.effect}"


@dataclass(frozen=True, slots=True)
class Pool:
    """One node group. Sizes are None where the program does not know them yet."""

    urn: str
    cluster: str | None
    name: str
    region: str | None
    instance_type: str | None
    """The first of the ordered list: what the group starts unless capacity is short."""
    instance: InstanceType | None
    """None: the type is not known yet, or is not in the catalog."""
    spot: bool
    min_size: int | None
    desired_size: int | None
    max_size: int | None
    labels: Mapping[str, str]
    taints: tuple[Taint, ...]

    @property
    def room(self) -> Allocatable | None:
        """Room for pods on one node, after the add-ons of every node; None where the type is not known."""
        return allocatable(self.instance) if self.instance else None


def pools(graph: ResourceGraph) -> list[Pool]:
    """Every node group of the graph, in registration order."""
    return [_pool(resource, graph) for resource in graph.of_type(NODE_GROUP)]


def launch_template(node_group: Resource, graph: ResourceGraph) -> Resource | None:
    """The launch template of a node group, found by what its input came from, or else by name."""
    for urn in (*node_group.property_dependencies.get("launchTemplate", ()), *node_group.dependencies):
        found = graph.get(urn)
        if found is not None and found.type == _LAUNCH_TEMPLATE:
            return found
    name = text(at(node_group.inputs, "launchTemplate", "name"))
    for template in graph.of_type(_LAUNCH_TEMPLATE) if name else ():
        if text(template.inputs.get("name")) == name:
            return template
    return None


def _pool(resource: Resource, graph: ResourceGraph) -> Pool:
    inputs = resource.inputs
    region = region_of(resource, graph)
    type_name = _instance_type(resource, graph)
    spot = text(inputs.get("capacityType")) == "SPOT"
    declared = texts(inputs.get("labels"))
    scaling = inputs.get("scalingConfig")
    labels = {
        "kubernetes.io/os": "linux",
        "kubernetes.io/arch": "amd64",
        "eks.amazonaws.com/capacityType": "SPOT" if spot else "ON_DEMAND",
        **({"node.kubernetes.io/instance-type": type_name} if type_name else {}),
        **({"topology.kubernetes.io/region": region} if region else {}),
        **declared,
    }
    return Pool(
        urn=resource.urn,
        cluster=declared.get(CLUSTER) or text(inputs.get("clusterName")),
        name=declared.get(POOL) or text(inputs.get("nodeGroupName")) or resource.name,
        region=region,
        instance_type=type_name,
        instance=_known(type_name, region),
        spot=spot,
        min_size=whole(at(scaling, "minSize")),
        desired_size=whole(at(scaling, "desiredSize")),
        max_size=whole(at(scaling, "maxSize")),
        labels=labels,
        taints=tuple(_taint(each) for each in items(inputs.get("taints"))),
    )


def _instance_type(resource: Resource, graph: ResourceGraph) -> str | None:
    declared = resource.inputs.get("instanceTypes")
    if isinstance(declared, list | tuple) and declared:
        return text(declared[0])
    if declared is not None and declared != []:
        return None
    template = launch_template(resource, graph)
    return text(template.inputs.get("instanceType")) if template else "t3.medium"


def _known(type_name: str | None, region: str | None) -> InstanceType | None:
    if type_name is None:
        return None
    try:
        return instance("aws", region or "", type_name)
    except UnknownInstanceType:
        return None


def _taint(value: Any) -> Taint:
    taint = mapping(value)
    effect = text(taint.get("effect")) or "NO_SCHEDULE"
    return Taint(
        key=text(taint.get("key")) or "",
        value=text(taint.get("value")) or "",
        effect=_EFFECTS.get(effect, effect),
    )
