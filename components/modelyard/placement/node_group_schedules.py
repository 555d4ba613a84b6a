"""Scheduled actions of the Auto Scaling group behind a node group of EKS."""

from __future__ import annotations

from modelyard.graph import Resource, ResourceGraph
from modelyard.placement.reading import items, mapping, text, whole

SCHEDULE = "aws:autoscaling/schedule:Schedule"
_NODE_GROUP = "aws:eks/nodeGroup:NodeGroup"


def schedules_of(node_group: Resource, graph: ResourceGraph) -> list[Resource]:
    """The scheduled actions of a node group's autoscaling group."""
    return [each for each in graph.of_type(SCHEDULE) if node_group_of(each, graph) is node_group]


def node_group_of(schedule: Resource, graph: ResourceGraph) -> Resource | None:
    """The node group whose autoscaling group a schedule acts on, by what its name came from, or by the name."""
    named = schedule.property_dependencies.get("autoscalingGroupName", ())
    for urn in (*named, *schedule.dependencies):
        found = graph.get(urn)
        if found is not None and found.type == _NODE_GROUP:
            return found
    name = text(schedule.inputs.get("autoscalingGroupName"))
    for group in graph.of_type(_NODE_GROUP) if name else ():
        for resource in items(group.outputs.get("resources")):
            for scaled in items(mapping(resource).get("autoscalingGroups")):
                if text(mapping(scaled).get("name")) == name:
                    return group
    return None


def most_by_the_clock(node_group: Resource, graph: ResourceGraph) -> int:
    """The nodes that its schedules keep at the hour that keeps most; 0 without any, and for sizes not known yet."""
    return max((whole(each.inputs.get("desiredCapacity")) or 0 for each in schedules_of(node_group, graph)), default=0)
