"""A canary beside the stable version: what is declared, and in which order."""

from __future__ import annotations

from typing import Any

import pytest
from modelyard.graph import Resource, ResourceGraph
from modelyard.serving.triton.service import TritonService

from .program import graph_of, kubernetes_objects, refusal, triton_arguments, waits_for

CANARY_STORED = {**triton_arguments()["stored"], "digest": "c" * 64}


def arguments(rollout: dict[str, Any], **changes: Any) -> Any:
    given = {key: value for key, value in triton_arguments().items() if key != "version"}
    canary = {"canary": {"stored": CANARY_STORED}} if "canary" in rollout else {}
    return {**given, "rollout": rollout, **canary, **changes}


def service(rollout: dict[str, Any], **changes: Any) -> Any:
    return lambda opts: TritonService("prod-east-tagger", arguments(rollout, **changes), opts)


@pytest.fixture(scope="module")
def graph() -> ResourceGraph:
    return graph_of(service({"stable": 1, "canary": 2, "percent": 10}))


def found(graph: ResourceGraph, kind: str) -> dict[str, Resource]:
    """Objects of a kind by their names."""
    return {
        resource.inputs["metadata"]["name"]: resource
        for resource in kubernetes_objects(graph)
        if resource.inputs["kind"] == kind
    }


def in_force(graph: ResourceGraph) -> list[dict[str, int]]:
    """Share of each Service, by route of the server, for callers who ask for no side."""
    (route,) = found(graph, "HTTPRoute").values()
    rules = [rule for rule in route.inputs["spec"]["rules"] if "headers" not in rule["matches"][0]]
    return [{each["name"]: each.get("weight", 100) for each in rule["backendRefs"]} for rule in rules]


def test_both_sides_have_everything_of_their_own_but_the_route(graph: ResourceGraph) -> None:
    for kind in ("Deployment", "Service", "HorizontalPodAutoscaler", "PodDisruptionBudget", "NetworkPolicy"):
        assert set(found(graph, kind)) == {"tagger", "tagger-canary-v2"}, kind
    for kind in ("HTTPRoute", "BackendTrafficPolicy"):
        assert set(found(graph, kind)) == {"tagger"}, kind


def test_ten_percent_of_everything_that_both_answer(graph: ResourceGraph) -> None:
    assert in_force(graph) == [{"tagger": 90, "tagger-canary-v2": 10}] * 4


def test_each_version_has_a_path_of_its_own(graph: ResourceGraph) -> None:
    (route,) = found(graph, "HTTPRoute").values()
    leads = {
        match["path"]["value"]: [each["name"] for each in rule["backendRefs"]]
        for rule in route.inputs["spec"]["rules"]
        for match in rule["matches"]
        if "/versions/" in match["path"]["value"]
    }
    assert leads == {
        "/v2/models/tagger/versions/1/infer": ["tagger"],
        "/v2/models/tagger/versions/2/infer": ["tagger-canary-v2"],
    }


def test_the_route_waits_for_both_deployments(graph: ResourceGraph) -> None:
    (route,) = found(graph, "HTTPRoute").values()
    assert all(waits_for(graph, route, deployment) for deployment in found(graph, "Deployment").values())


def test_a_canary_has_room_for_its_next_step_and_pods_that_say_whose_they_are(graph: ResourceGraph) -> None:
    deployment = found(graph, "Deployment")["tagger-canary-v2"].inputs
    template = deployment["spec"]["template"]["metadata"]
    assert template["labels"]["modelyard.dev/track"] == "canary"
    assert template["annotations"]["modelyard.dev/pool"] == "l4"
    assert template["annotations"]["modelyard.dev/artefact-digest"] == "c" * 64
    scaler = found(graph, "HorizontalPodAutoscaler")
    stable, canary = (scaler[name].inputs["spec"] for name in ("tagger", "tagger-canary-v2"))
    assert (stable["minReplicas"], stable["maxReplicas"]) == (2, 6)
    assert (canary["minReplicas"], canary["maxReplicas"]) == (1, 3), "half of the traffic is the next step"


def test_a_promotion_and_a_rollback_change_the_weights_and_no_pod_of_the_stable_side() -> None:
    graphs = [graph_of(service({"stable": 1, "canary": 2, "percent": percent})) for percent in (10, 50, 100, 0)]
    assert [in_force(graph)[0] for graph in graphs] == [
        {"tagger": 90, "tagger-canary-v2": 10},
        {"tagger": 50, "tagger-canary-v2": 50},
        {"tagger-canary-v2": 100},
        {"tagger": 100},
    ]
    specs = [found(graph, "Deployment")["tagger"].inputs["spec"] for graph in graphs]
    assert all(spec == specs[0] for spec in specs)
    urns = [found(graph, "HTTPRoute")["tagger"].urn for graph in graphs]
    assert len(set(urns)) == 1, "the route is updated, never replaced"


def test_beginning_a_rollout_replaces_no_pod_that_answers() -> None:
    plain, begun = (
        graph_of(lambda opts: TritonService("prod-east-tagger", triton_arguments(), opts)),
        graph_of(service({"stable": triton_arguments().get("version", 1), "canary": 2})),
    )
    before, after = (found(graph, "Deployment")["tagger"] for graph in (plain, begun))
    assert before.urn == after.urn
    assert before.inputs["spec"] == after.inputs["spec"]


@pytest.mark.parametrize(
    ("rollout", "changes", "message"),
    [
        ({"canary": 2}, {}, "canary 2 has no stable version beside it; name in stable the version that serves now"),
        ({"stable": 1, "canary": 2, "percent": 110}, {}, "a canary gets at most 100 % of the traffic"),
        ({"stable": 1, "canary": 2}, {"canary": None}, "canary, with where it is stored, is missing"),
        ({"stable": 1}, {"canary": {"stored": CANARY_STORED}}, "rollout.canary is missing"),
        ({"stable": 1, "canary": 2}, {"hostname": None}, "rollout splits the traffic of a hostname"),
        ({"stable": 1, "canary": 2}, {"version": 3}, "version 3 is not rollout.stable, which is 1; delete version"),
        ({"stable": 1, "canary": 2}, {"versions": [1]}, "versions side by side are one server's"),
    ],
)
def test_rollouts_that_cannot_be(rollout: dict[str, Any], changes: dict[str, Any], message: str) -> None:
    given: Any = {key: value for key, value in arguments(rollout, **changes).items() if value is not None}
    assert message in refusal(lambda opts: TritonService("prod-east-tagger", given, opts))
