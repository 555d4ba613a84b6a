"""The order in which a deployment changes a rollout: what a graph says of it, whichever share it declares."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest
from modelyard.cost.estimate import estimate
from modelyard.graph import ResourceGraph
from modelyard.placement import workloads
from modelyard.serving.triton.service import TritonService

from .program import graph_of, one, triton_arguments, waits_for

CANARY = {"stored": {**triton_arguments()["stored"], "digest": "c" * 64}}


def service(**rollout: Any) -> Any:
    canary = {"canary": CANARY} if "canary" in rollout else {}
    return lambda opts: TritonService("prod-east-tagger", triton_arguments(rollout=rollout, **canary), opts)


@pytest.fixture(scope="module")
def graph() -> ResourceGraph:
    return graph_of(service(stable=1, canary=2, percent=10))


def test_a_share_waits_for_the_canary(graph: ResourceGraph) -> None:
    """Pulumi awaits a Deployment before what depends on it: no weight before the pods are ready."""
    route, policy = one(graph, "HTTPRoute"), one(graph, "BackendTrafficPolicy")
    for name in ("tagger", "tagger-canary-v2"):
        deployment = one(graph, "Deployment", name)
        assert "pulumi.com/skipAwait" not in deployment.inputs["metadata"].get("annotations", {})
        assert waits_for(graph, route, deployment)
        assert waits_for(graph, policy, deployment)


def test_nothing_of_the_canary_waits_for_the_route(graph: ResourceGraph) -> None:
    """Otherwise it would be deleted before the route lets go of it: what depends is deleted first, and changes come
    before deletions."""
    route = one(graph, "HTTPRoute")
    ours = [r for r in graph if "canary" in r.name]
    assert len(ours) > 5
    assert not [r.urn for r in ours if waits_for(graph, r, route)]


def test_the_route_lets_go_of_a_canary_that_is_taken_away() -> None:
    """One line is deleted: the same route, without the canary's Service, and none of the canary's objects."""
    before, after = graph_of(service(stable=1, canary=2, percent=10)), graph_of(service(stable=1))
    assert one(before, "HTTPRoute").urn == one(after, "HTTPRoute").urn
    named = {each["name"] for rule in one(after, "HTTPRoute").inputs["spec"]["rules"] for each in rule["backendRefs"]}
    assert named == {"tagger"}
    assert not [r for r in after if "canary" in r.name]


def test_another_canary_is_another_deployment() -> None:
    """So that the one that answers serves until the route has left it."""
    before, after = (graph_of(service(stable=1, canary=version, percent=100)) for version in (2, 3))
    gone = {r.urn for r in before if r.type.endswith(":Deployment")} - {r.urn for r in after}
    assert [urn.rpartition("::")[2] for urn in gone] == ["prod-east-tagger-canary-v2"]


def test_a_canary_is_placed_and_priced_as_its_model(graph: ResourceGraph) -> None:
    found = {each.name: each for each in workloads(graph)}
    stable, canary = found["tagger"], found["tagger-canary-v2"]
    assert (canary.cluster, canary.pool, canary.price_basis, canary.department, canary.model) == (
        stable.cluster, stable.pool, stable.price_basis, stable.department, stable.model
    )  # fmt: skip
    assert (canary.replicas_floor, canary.replicas_max) == (1, 3)
    charged = {line.urn: line.usd for line in estimate(graph).lines}
    assert charged[canary.urn] > 0
    assert charged[stable.urn] == pytest.approx(charged[canary.urn] * 2, abs=Decimal("0.02")), "one pod beside two"
