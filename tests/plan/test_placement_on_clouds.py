"""Pods on pools that our components make on each cloud: who runs where, however the GPUs are bought and shared."""

from __future__ import annotations

from typing import Any

import pytest
from modelyard.graph import ResourceGraph
from modelyard.placement import Placement, place
from unit.placement.plan import deployment

from .azure import program as azure
from .azure.test_aks_pool import declared as aks_pool
from .gcp import gke_program as gke

SPOT_TOLERATION = {"key": "kubernetes.azure.com/scalesetpriority", "operator": "Exists"}
GPU_TOLERATION = {"key": "nvidia.com/gpu", "operator": "Exists"}


def placed(graph: ResourceGraph, name: str, cluster: str, replicas: int, **spec: Any) -> Placement:
    return place(
        ResourceGraph([*graph, deployment("a", pool=name, cluster=cluster, replicas=replicas, memory="2Gi", **spec)])
    )


@pytest.mark.parametrize(
    ("args", "replicas", "nodes", "left"),
    [
        ({"max_nodes": 3}, 4, {"on_demand": 3}, 1),
        ({"max_nodes": 1, "sharing": {"time_slicing": 3}}, 4, {"on_demand": 1}, 1),
        ({"max_nodes": 1, "accelerator": "A100-40GB", "sharing": {"mig": "1g.5gb"}}, 7, {"on_demand": 1}, 0),
        ({"max_nodes": 3, "capacity": "spot", "spot": {"on_demand_floor": 1}}, 3, {"on_demand": 1, "spot": 2}, 0),
        ({"max_nodes": 2, "accelerator": "T4", "gpus_per_node": 2}, 4, {"on_demand": 2}, 0),
    ],
)
def test_on_gke(args: dict[str, Any], replicas: int, nodes: dict[str, int], left: int) -> None:
    found = placed(gke.graph_of(gke.gpu_pool(**args)), "l4", "central", replicas, cpu="1")
    assert {each.pool.capacity: each.nodes_at_floor for each in found.pools} == nodes
    assert sum(each.replicas for each in found.misfits) == sum(each.replicas for each in found.waiting) == left


@pytest.mark.parametrize(
    ("args", "replicas", "nodes", "left"),
    [
        ({"max_nodes": 2}, 3, {"on_demand": 2}, 1),
        ({"accelerator": "A100-80GB", "max_nodes": 1, "sharing": {"mig": "1g.10gb"}}, 8, {"on_demand": 1}, 1),
        ({"max_nodes": 3, "capacity": "spot", "spot": {"on_demand_floor": 1}}, 3, {"on_demand": 1, "spot": 2}, 0),
    ],
)
def test_on_aks(args: dict[str, Any], replicas: int, nodes: dict[str, int], left: int) -> None:
    tolerations = [GPU_TOLERATION, SPOT_TOLERATION]
    found = placed(azure.graph_of(aks_pool(**args)), "t4", "west", replicas, cpu="1", tolerations=tolerations)
    assert {each.pool.capacity: each.nodes_at_floor for each in found.pools} == nodes
    assert sum(each.replicas for each in found.misfits) == sum(each.replicas for each in found.waiting) == left


def test_pods_that_do_not_tolerate_the_taint_of_aks_stay_off_spot_nodes() -> None:
    graph = azure.graph_of(aks_pool(max_nodes=2, capacity="spot"))
    (misfit,) = placed(graph, "t4", "west", 1, cpu="1", tolerations=[GPU_TOLERATION]).misfits
    assert misfit.reasons == ("t4: does not tolerate the taint kubernetes.azure.com/scalesetpriority=spot:NoSchedule",)
