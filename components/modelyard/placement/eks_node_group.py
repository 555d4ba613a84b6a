"""Managed node groups of EKS."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from modelyard.graph import Resource, ResourceGraph
from modelyard.placement.pool import Pool, Taint, known_type
from modelyard.placement.pool_labels import cluster_of, declared_name, node_labels, shared_devices
from modelyard.placement.reading import at, items, mapping, text, texts, whole
from modelyard.placement.region import region_of

NODE_GROUP = "aws:eks/nodeGroup:NodeGroup"
SCHEDULE = "aws:autoscaling/schedule:Schedule"
_LAUNCH_TEMPLATE = "aws:ec2/launchTemplate:LaunchTemplate"
_SUBNET = "aws:ec2/subnet:Subnet"
_EFFECTS = {"NO_SCHEDULE": "NoSchedule", "NO_EXECUTE": "NoExecute", "PREFER_NO_SCHEDULE": "PreferNoSchedule"}
_CAPACITY = {"SPOT": "spot", "CAPACITY_BLOCK": "reserved"}


def node_group_pools(resource: Resource, graph: ResourceGraph) -> Iterable[Pool]:
    """One pool: spot nodes and their floor on demand are two node groups."""
    inputs = resource.inputs
    region = region_of(resource, graph)
    type_name = _instance_type(resource, graph)
    machine = known_type("aws", region, type_name)
    capacity = _CAPACITY.get(text(inputs.get("capacityType")) or "", "on_demand")
    if capacity == "on_demand" and _is_reserved(resource, graph):
        capacity = "reserved"
    declared = texts(inputs.get("labels"))
    scaling = inputs.get("scalingConfig")
    yield Pool(
        urn=resource.urn,
        cluster=cluster_of(declared, text(inputs.get("clusterName"))),
        name=declared_name(declared, text(inputs.get("nodeGroupName")) or resource.name),
        region=region,
        instance_type=type_name,
        instance=machine,
        spot=capacity == "spot",
        min_size=whole(at(scaling, "minSize")),
        desired_size=whole(at(scaling, "desiredSize")),
        max_size=whole(at(scaling, "maxSize")),
        labels={
            **node_labels(type_name, region, machine),
            "eks.amazonaws.com/capacityType": "SPOT" if capacity == "spot" else "ON_DEMAND",
            **declared,
        },
        taints=tuple(_taint(each) for each in items(inputs.get("taints"))),
        zones=_zones(resource, graph),
        capacity=capacity,
        scheduled_size=_most_by_the_clock(resource, graph),
        **shared_devices(machine, declared),
    )


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


def schedules_of(node_group: Resource, graph: ResourceGraph) -> list[Resource]:
    """The scheduled actions of a node group's autoscaling group."""
    return [each for each in graph.of_type(SCHEDULE) if node_group_of(each, graph) is node_group]


def node_group_of(schedule: Resource, graph: ResourceGraph) -> Resource | None:
    """The node group whose autoscaling group a schedule acts on, by what its name came from, or by the name."""
    named = schedule.property_dependencies.get("autoscalingGroupName", ())
    for urn in (*named, *schedule.dependencies):
        found = graph.get(urn)
        if found is not None and found.type == NODE_GROUP:
            return found
    name = text(schedule.inputs.get("autoscalingGroupName"))
    for group in graph.of_type(NODE_GROUP) if name else ():
        for resource in items(group.outputs.get("resources")):
            for scaled in items(mapping(resource).get("autoscalingGroups")):
                if text(mapping(scaled).get("name")) == name:
                    return group
    return None


def _most_by_the_clock(node_group: Resource, graph: ResourceGraph) -> int:
    """The nodes that its schedules keep at the hour that keeps most; 0 without any, and for sizes not known yet."""
    return max((whole(each.inputs.get("desiredCapacity")) or 0 for each in schedules_of(node_group, graph)), default=0)


def _is_reserved(resource: Resource, graph: ResourceGraph) -> bool:
    """What a reservation of its own has is in its launch template; an open one may have no room."""
    template = launch_template(resource, graph)
    return template is not None and bool(
        at(template.inputs, "capacityReservationSpecification", "capacityReservationTarget")
    )


def _instance_type(resource: Resource, graph: ResourceGraph) -> str | None:
    declared = resource.inputs.get("instanceTypes")
    if isinstance(declared, list | tuple) and declared:
        return text(declared[0])
    if declared is not None and declared != []:
        return None
    template = launch_template(resource, graph)
    return text(template.inputs.get("instanceType")) if template else "t3.medium"


def _zones(resource: Resource, graph: ResourceGraph) -> tuple[str, ...]:
    """Of its subnets, where the graph holds them all."""
    subnets = [graph.get(urn) for urn in resource.property_dependencies.get("subnetIds", ())]
    zones = [
        text(subnet.inputs.get("availabilityZone")) if subnet is not None and subnet.type == _SUBNET else None
        for subnet in subnets
    ]
    return tuple(sorted({zone for zone in zones if zone})) if zones and all(zones) else ()


def _taint(value: Any) -> Taint:
    taint = mapping(value)
    effect = text(taint.get("effect")) or "NO_SCHEDULE"
    return Taint(
        key=text(taint.get("key")) or "",
        value=text(taint.get("value")) or "",
        effect=_EFFECTS.get(effect, effect),
    )
