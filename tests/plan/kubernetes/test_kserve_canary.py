"""A canary of a model that KServe serves: two InferenceServices and one route, or a revision of Knative's."""

from __future__ import annotations

import json
from typing import Any

import pytest
from modelyard.graph import ResourceGraph
from modelyard.serving.kserve.service import KServeService

from .kserve_program import IMAGE, canary_revision, kserve_arguments, of_canary
from .program import graph_of, kubernetes_objects, one, waits_for

CANARY = "tagger-canary-v2"


def service(arguments: Any) -> Any:
    return lambda opts: KServeService("prod-east-tagger", arguments, opts)


@pytest.fixture(scope="module")
def graph() -> ResourceGraph:
    return graph_of(service(kserve_arguments(**of_canary(percent=10))))


def keys(value: Any) -> set[str]:
    """Every key of a manifest."""
    if isinstance(value, dict):
        return set(value).union(*map(keys, value.values()))
    return set().union(*map(keys, value)) if isinstance(value, list) else set()


def test_two_services_stand_side_by_side_each_with_all_that_it_needs(graph: ResourceGraph) -> None:
    for kind in ("InferenceService", "ServingRuntime", "ServiceAccount", "NetworkPolicy", "PodDisruptionBudget"):
        assert one(graph, kind, "tagger").inputs["metadata"]["labels"]["app.kubernetes.io/instance"] == "tagger", kind
        labels = one(graph, kind, CANARY).inputs["metadata"]["labels"]
        assert (labels["app.kubernetes.io/instance"], labels["modelyard.dev/track"]) == (CANARY, "canary"), kind
    stable, canary = (one(graph, "InferenceService", name).inputs["spec"]["predictor"] for name in ("tagger", CANARY))
    digests = [each["annotations"]["modelyard.dev/artefact-digest"] for each in (stable, canary)]
    assert digests == ["f" * 64, "a" * 64]
    assert canary["labels"]["modelyard.dev/track"] == "canary"
    assert canary["serviceAccountName"] == canary["model"]["runtime"] == CANARY


def test_both_answer_by_the_models_own_name() -> None:
    graph = graph_of(service(kserve_arguments(server="mlserver", format="sklearn", **of_canary(), scaling=None)))
    for name in ("tagger", CANARY):
        variables = one(graph, "InferenceService", name).inputs["spec"]["predictor"]["model"]["env"]
        assert {"name": "MLSERVER_MODEL_NAME", "value": "tagger"} in variables


def test_standard_mode_never_says_what_kserve_would_ignore(graph: ResourceGraph) -> None:
    """``canaryTrafficPercent`` is accepted and ignored there, and ``canary`` gets no route in 0.20.0."""
    for name in ("tagger", CANARY):
        spec = one(graph, "InferenceService", name).inputs["spec"]
        assert not {"canaryTrafficPercent", "trafficPercent", "canary"} & keys(spec)


STABLE_SERVICE, CANARY_SERVICE = "tagger-predictor", f"{CANARY}-predictor"


@pytest.mark.parametrize(
    ("percent", "answered"),
    [
        (0, {STABLE_SERVICE: 1}),
        (10, {STABLE_SERVICE: 90, CANARY_SERVICE: 10}),
        (50, {STABLE_SERVICE: 50, CANARY_SERVICE: 50}),
        (100, {CANARY_SERVICE: 1}),
    ],
)
def test_the_route_splits_every_path_by_weight(percent: int, answered: dict[str, int]) -> None:
    spec = one(graph_of(service(kserve_arguments(**of_canary(percent)))), "HTTPRoute").inputs["spec"]
    # The first paths of a rule are those that both sides answer; those of the other sets ask for a header.
    in_force = [rule for rule in spec["rules"] if "headers" not in rule["matches"][0]]
    assert len(in_force) == 4, "inference and the rest, over HTTP and gRPC"
    for rule in in_force:
        assert {each["name"]: each.get("weight", 1) for each in rule["backendRefs"]} == answered
    assert {each["port"] for rule in in_force for each in rule["backendRefs"]} == {80, 8001}


def test_the_route_waits_until_both_are_ready(graph: ResourceGraph) -> None:
    """kserve#5983: a weight that goes ahead of the pods is answered 503."""
    route = one(graph, "HTTPRoute")
    for name in ("tagger", CANARY):
        served = one(graph, "InferenceService", name)
        assert "condition=Ready" in json.loads(served.inputs["metadata"]["annotations"]["pulumi.com/waitFor"])
        assert waits_for(graph, route, served)


def test_a_canary_is_not_ready_without_a_pod(graph: ResourceGraph) -> None:
    """A Deployment of one replica, of which one may be missing, is available at once, and KServe says Ready."""
    strategies = {
        name: one(graph, "InferenceService", name).inputs["spec"]["predictor"]["deploymentStrategy"]["rollingUpdate"]
        for name in ("tagger", CANARY)
    }
    assert strategies == {
        "tagger": {"maxSurge": 0, "maxUnavailable": 1},
        CANARY: {"maxSurge": 1, "maxUnavailable": 0},
    }


def test_each_reads_its_own_files(graph: ResourceGraph) -> None:
    found = [each for each in graph if each.type == "aws:eks/podIdentityAssociation:PodIdentityAssociation"]
    assert sorted(each.inputs["serviceAccount"] for each in found) == ["tagger", CANARY]
    # Policies are outputs: what they hold is asked of the names of the roles' resources.
    policies = {each.name: each.inputs["policy"] for each in graph if each.type.startswith("aws:iam/rolePolicy:")}
    assert len(policies) == 2
    by_track = {("canary" in name): policy for name, policy in policies.items()}
    assert "shop/tagger/2" in str(by_track[True]) and "shop/tagger/2" not in str(by_track[False])


def test_explanations_are_split_as_predictions_are() -> None:
    arguments = kserve_arguments(explainer={"image": IMAGE}, **of_canary(50))
    rules = one(graph_of(service(arguments)), "HTTPRoute").inputs["spec"]["rules"]
    (rule,) = [each for each in rules if each["matches"][0]["path"]["value"].endswith(":explain")]
    assert [(each["name"], each["weight"]) for each in rule["backendRefs"]] == [
        ("tagger-explainer", 50), (f"{CANARY}-explainer", 50),
    ]  # fmt: skip


def test_knative_splits_between_revisions() -> None:
    graph = graph_of(service(kserve_arguments(**canary_revision())))
    (served,) = [each for each in kubernetes_objects(graph) if each.inputs["kind"] == "InferenceService"]
    predictor = served.inputs["spec"]["predictor"]
    assert served.inputs["metadata"]["name"] == "tagger"
    assert predictor["canaryTrafficPercent"] == 10
    assert predictor["model"]["storageUri"] == "s3://retail-prod-models-us-east-1/shop/v2"
    assert not [each for each in kubernetes_objects(graph) if each.inputs["kind"] == "HTTPRoute"]
    stable = {**canary_revision(), "rollout": {"stable": 1}, "canary": None}
    before = one(graph_of(service(kserve_arguments(**stable))), "InferenceService").inputs["spec"]["predictor"]
    assert "canaryTrafficPercent" not in before
    assert before["model"]["storageUri"].endswith("/shop/v1")


def test_knative_may_sleep_before_with_and_after_a_canary() -> None:
    """Knative wakes it. A number that changed when a canary goes would make a revision with nothing new in it."""
    scaling = {"scaling": {"min_replicas": 0, "max_replicas": 6, "target_concurrency": 4}}
    tried = {**canary_revision(), **scaling}
    settled = {**tried, "rollout": {"stable": 1}, "canary": None}
    plain = {**settled, "rollout": None}
    least = [
        one(graph_of(service(kserve_arguments(**each))), "InferenceService").inputs["spec"]["predictor"]["minReplicas"]
        for each in (plain, tried, settled)
    ]
    assert least == [0, 0, 0]


def test_knative_takes_what_it_allows() -> None:
    """One port, by its own name for the protocol, and neither a lifecycle nor a time to stop."""
    graph = graph_of(service(kserve_arguments(**canary_revision(), protocol="grpc-v2")))
    (container,) = one(graph, "ServingRuntime").inputs["spec"]["containers"]
    assert container["ports"] == [{"name": "h2c", "containerPort": 8001, "protocol": "TCP"}]
    assert "lifecycle" not in container
    predictor = one(graph, "InferenceService").inputs["spec"]["predictor"]
    assert "terminationGracePeriodSeconds" not in predictor and "initContainers" not in predictor
    assert (predictor["scaleMetric"], predictor["scaleTarget"]) == ("concurrency", 4)
