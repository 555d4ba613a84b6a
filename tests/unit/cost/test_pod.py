"""Pods whose nodes are in another stack, or nowhere."""

from __future__ import annotations

from typing import Any

import pytest
from modelyard.cost import estimate
from modelyard.graph import UNKNOWN, ResourceGraph, Secret

from ..placement.plan import autoscaler, aws, deployment, graph, node_group, urn
from .figures import usd


def test_pods_whose_pool_is_in_another_stack_are_priced_by_its_basis() -> None:
    """A quarter of a g5.12xlarge for each of 2 pods: 2 x 730 x 5.672 / 4 = 2,070.28; 5 pods at the maximum."""
    found = estimate(
        graph(
            deployment("a", department="merchandising", model="tagging", basis="aws/us-east-1/g5.12xlarge/on_demand"),
            autoscaler("a", 2, 5),
        )
    )
    assert found.departments == {"merchandising": usd("2070.28")}
    assert found.at_max == usd("5175.70")
    assert [line.what for line in found.lines] == ["2 pods of a on g5.12xlarge (on demand), pool in another stack"]
    assert any(each.startswith("pods whose pool is in another stack") for each in found.assumptions)


def test_the_union_of_the_stacks_prices_pods_by_their_pool() -> None:
    foundation = [aws(), node_group("gpu", desired=1)]
    department = deployment("a", department="merchandising", basis="aws/us-east-1/g6.xlarge/on_demand", stack="m")
    found = estimate(ResourceGraph([*foundation, department]))
    assert found.departments == {"merchandising": usd("595.50")}
    assert {line.urn for line in found.lines} == {urn("aws:eks/nodeGroup:NodeGroup", "gpu")}


@pytest.mark.parametrize(
    ("service", "reason"),
    [
        (
            {"cluster": "elsewhere"},
            "its pool is in another stack and its pods say no price basis (annotation modelyard.dev/price-basis)",
        ),
        ({"gpus": 8}, "no node pool takes 1 of its guaranteed replicas"),
        ({"replicas": UNKNOWN}, "the number of replicas is not known before the deployment"),
        ({"memory": Secret("4Gi")}, "a resource request or claim of its pods is not known before the deployment"),
        (
            {"cluster": "elsewhere", "basis": "aws/us-east-1/g99.huge/spot"},
            "the catalog has no instance type g99.huge; a price override of 'aws/us-east-1/g99.huge/spot' by the hour "
            "can declare one",
        ),
    ],
)
def test_pods_without_nodes_are_unpriced_for_their_department(service: dict[str, Any], reason: str) -> None:
    found = estimate(graph(aws(), node_group("gpu"), deployment("a", department="merchandising", **service)))
    assert [(each.department, each.reason) for each in found.unpriced] == [("merchandising", reason)]
