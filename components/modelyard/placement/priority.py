"""Which pods go first: by the value of their priority class."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

from modelyard.graph import ResourceGraph
from modelyard.placement.reading import at, text, whole
from modelyard.placement.workload import Workload
from modelyard.placement.workloads import workloads

PRIORITY_CLASS = "kubernetes:scheduling.k8s.io/v1:PriorityClass"
_BUILT_IN = {"system-node-critical": 2_000_001_000, "system-cluster-critical": 2_000_000_000}


def prioritized(graphs: Iterable[ResourceGraph]) -> list[Workload]:
    """Every workload of the graphs, with the priority of its class where a graph holds that one: a department's pods
    name a class of the foundation's."""
    graphs = list(graphs)
    values, default = dict(_BUILT_IN), 0
    for graph in graphs:
        for each in graph.of_type(PRIORITY_CLASS):
            name, value = text(at(each.inputs, "metadata", "name")) or each.name, whole(each.inputs.get("value")) or 0
            values[name] = value
            if each.inputs.get("globalDefault") is True:
                default = value
    return [
        replace(workload, priority=values.get(workload.priority_class or "", workload.priority or default))
        for graph in graphs
        for workload in workloads(graph)
    ]
