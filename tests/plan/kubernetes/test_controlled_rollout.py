"""A rollout by Argo Rollouts or Flagger: what the component declares beside the controller, and in which order."""

from __future__ import annotations

import json
from collections import Counter
from typing import Any

import pytest
from modelyard.graph import Resource, ResourceGraph
from modelyard.serving.triton.service import TritonService

from .program import graph_of, kubernetes_objects, one, refusal, triton_arguments, waits_for

CONTROLLERS = ["argo_rollouts", "flagger"]
WAY: list[tuple[int | None, int]] = [(None, 1), (2, 1), (None, 2)]
"""Canary and stable version before, during and after a release."""
PODS = {"argo_rollouts": "Rollout", "flagger": "Deployment"}


def stored(version: int) -> dict[str, Any]:
    """Each version has files of its own."""
    given = triton_arguments()["stored"]
    files = [given["files"][0], {**given["files"][1], "path": f"tagger/{version}/model.onnx"}]
    return {**given, "prefix": f"shop/tagger/v{version}", "digest": str(version) * 64, "files": files}


def service(by: str, canary: int | None = None, stable: int = 1, **changes: Any) -> Any:
    rollout: dict[str, Any] = {"stable": stable, "by": by, **changes.pop("rollout", {})}
    given: dict[str, Any] = {"stored": stored(stable)}
    if canary is not None:
        rollout["canary"], given["canary"] = canary, {"stored": stored(canary)}
    return lambda opts: TritonService(
        "prod-east-tagger", triton_arguments(rollout=rollout, **given, **changes), opts
    )  # fmt: skip


def names(graph: ResourceGraph) -> Counter[str]:
    return Counter(f"{each.inputs['kind']} {each.inputs['metadata']['name']}" for each in _named(graph))


def template(graph: ResourceGraph, by: str) -> dict[str, Any]:
    return one(graph, PODS[by]).inputs["spec"]["template"]


@pytest.fixture(scope="module")
def during() -> dict[str, ResourceGraph]:
    return {by: graph_of(service(by, canary=2)) for by in CONTROLLERS}


@pytest.mark.parametrize("by", CONTROLLERS)
def test_everything_is_there_once(during: dict[str, ResourceGraph], by: str) -> None:
    found = names(during[by])
    common = {"ServiceAccount tagger", "NetworkPolicy tagger", "PodDisruptionBudget tagger",
              "HorizontalPodAutoscaler tagger", "BackendTrafficPolicy tagger"}  # fmt: skip
    argo = {"Rollout tagger", "Service tagger", "Service tagger-canary", "HTTPRoute tagger"}
    flagger = {"Deployment tagger", "Canary tagger", "NetworkPolicy tagger-primary",
               "PodDisruptionBudget tagger-primary"}  # fmt: skip
    listed = {each for each in found if not each.startswith("ConfigMap")}
    assert listed == common | (argo if by == "argo_rollouts" else flagger)
    assert len([each for each in found if each.startswith("ConfigMap")]) == 2, "the files of both versions"
    assert set(found.values()) == {1}


@pytest.mark.parametrize("by", CONTROLLERS)
def test_pods_come_last_and_find_all_that_they_need(during: dict[str, ResourceGraph], by: str) -> None:
    graph = during[by]
    pods = one(graph, PODS[by])
    needed = [each for each in _named(graph) if each.inputs["kind"] in ("ConfigMap", "ServiceAccount", "NetworkPolicy")]
    assert len(needed) >= 4
    assert all(waits_for(graph, pods, each) for each in needed)
    (association,) = [each for each in graph if each.type.endswith(":PodIdentityAssociation")]
    assert waits_for(graph, pods, association)
    assert waits_for(graph, pods, one(graph, "BackendTrafficPolicy"))


def test_argo_finds_the_route_that_it_moves(during: dict[str, ResourceGraph]) -> None:
    """It calls no Rollout healthy whose route is missing, and Pulumi waits for that."""
    graph = during["argo_rollouts"]
    assert waits_for(graph, one(graph, "Rollout"), one(graph, "HTTPRoute"))
    assert not waits_for(graph, one(graph, "HTTPRoute"), one(graph, "Rollout"))


def test_flagger_begins_when_its_deployment_and_autoscaler_are_there(during: dict[str, ResourceGraph]) -> None:
    graph = during["flagger"]
    for kind in ("Deployment", "HorizontalPodAutoscaler", "BackendTrafficPolicy"):
        assert waits_for(graph, one(graph, "Canary"), one(graph, kind))


@pytest.mark.parametrize("by", CONTROLLERS)
def test_one_account_reads_the_files_of_both_versions(during: dict[str, ResourceGraph], by: str) -> None:
    (policy,) = [each for each in during[by] if each.type == "aws:iam/rolePolicy:RolePolicy"]
    read = [each["Resource"] for each in json.loads(policy.inputs["policy"])["Statement"]
            if each["Action"] == "s3:GetObject"]  # fmt: skip
    bucket = "arn:aws:s3:::retail-prod-models-us-east-1"
    assert read == [f"{bucket}/shop/tagger/v1/*", f"{bucket}/shop/tagger/v2/*"]


def test_what_argo_writes_is_left_alone() -> None:
    before, during, after = (graph_of(service("argo_rollouts", canary, stable)) for canary, stable in WAY)
    for graph in (before, during, after):
        for name in ("tagger", "tagger-canary"):
            assert one(graph, "Service", name).ignore_changes == ("spec.selector",)
    # A new path of the runtime has to reach the route, and can while nobody moves its weights.
    assert [one(graph, "HTTPRoute").ignore_changes for graph in (before, during, after)] == [(), ("spec.rules",), ()]
    assert one(after, "HTTPRoute").inputs["metadata"]["annotations"] == {"pulumi.com/patchForce": "true"}
    assert not [each.urn for each in during if "replicas" in each.inputs.get("spec", {})]


@pytest.mark.parametrize("by", CONTROLLERS)
def test_the_way_of_a_release(by: str) -> None:
    """Beginning changes the pods and adds files; making the canary stable changes no pod; going back restores them."""
    before, during, after = (graph_of(service(by, canary, stable)) for canary, stable in WAY)
    assert template(before, by) != template(during, by) == template(after, by)
    added = {each.urn for each in during} - {each.urn for each in before}
    gone = {each.urn for each in during} - {each.urn for each in after}
    assert {urn.split("::")[2].rpartition("$")[2] for urn in added | gone} == {"kubernetes:core/v1:ConfigMap"}
    assert len(added) == len(gone) == 1
    assert not added & gone, "the first version's files stay until it is no longer the stable one"
    assert names(graph_of(service(by))) == names(before)


@pytest.mark.parametrize("by", CONTROLLERS)
def test_the_same_declaration_again_is_the_same(by: str, during: dict[str, ResourceGraph]) -> None:
    again = graph_of(service(by, canary=2))
    assert [(each.urn, each.inputs) for each in again] == [(each.urn, each.inputs) for each in during[by]]


@pytest.mark.parametrize("by", CONTROLLERS)
def test_secrets_reach_the_pods_by_name(by: str) -> None:
    graph = graph_of(
        service(by, canary=2, secret_env={"TOKEN": {"config": "token"}}), {"modelyard:token": "not-shown"}
    )  # fmt: skip
    made = one(graph, "Secret")
    assert waits_for(graph, one(graph, PODS[by]), made)


@pytest.mark.parametrize("by", CONTROLLERS)
def test_a_route_is_never_open_before_it_asks_for_a_token(by: str) -> None:
    token = {"issuer": "https://issuer.example.org", "jwks_uri": "https://issuer.example.org/keys", "audiences": ["ml"]}
    graph = graph_of(service(by, access={"authentication": {"jwt": token}}))
    route = one(graph, "HTTPRoute") if by == "argo_rollouts" else one(graph, "Canary")
    assert waits_for(graph, route, one(graph, "SecurityPolicy"))


def test_gates_are_asked_of_the_platforms_prometheus() -> None:
    gates = {"gates": {"error_rate": 0.01, "p99_ms": 80}}
    argo, flagger = (graph_of(service(by, canary=2, rollout=gates)) for by in CONTROLLERS)
    asked = [
        each["provider"]["prometheus"]["address"] for each in one(argo, "AnalysisTemplate").inputs["spec"]["metrics"]
    ]
    asked += [each.inputs["spec"]["provider"]["address"] for each in _named(flagger)
              if each.inputs["kind"] == "MetricTemplate"]  # fmt: skip
    assert set(asked) == {"http://prometheus-operated.monitoring.svc:9090"}
    assert waits_for(argo, one(argo, "Rollout"), one(argo, "AnalysisTemplate"))
    assert not [each for each in _named(graph_of(service("argo_rollouts", rollout=gates)))
                if each.inputs["kind"] == "AnalysisTemplate"]  # fmt: skip


@pytest.mark.parametrize(
    ("by", "rollout", "changes", "message"),
    [
        ("flagger", {}, {"hostname": None},
         "model tagger: rollout.by: is flagger, which moves traffic at the gateway alone, and there is no hostname; "
         "give one"),
        ("flagger", {"canary": 2, "percent": 10}, {},
         "percent belongs to flagger, which moves it itself; delete percent, or set by: gateway"),
        ("argo_rollouts", {"canary": 2, "mirror_percent": 10}, {},
         "mirror_percent is not argo_rollouts's to do; mirror with by: gateway first"),
        ("flagger", {"sticky": {"header": "x-user-id"}}, {},
         "sticky.header is not flagger's to do, which keeps callers by a cookie alone; name a cookie, or set by: "
         "gateway"),
    ],
)  # fmt: skip
def test_what_a_controller_cannot_do(by: str, rollout: Any, changes: Any, message: str) -> None:
    assert message in refusal(service(by, rollout=rollout, **changes))


def _named(graph: ResourceGraph) -> list[Resource]:
    return [each for each in kubernetes_objects(graph) if "name" in each.inputs["metadata"]]
