"""A rollout by Argo Rollouts and by Flagger: every object fits the definitions that the two projects publish."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from custom_resources import NoDefinitions, Schemas, faults, schemas
from modelyard.serving.rollout.argo_rollouts import argo_objects
from modelyard.serving.rollout.controlled import Release, release
from modelyard.serving.rollout.flagger import flagger_objects, flagger_problem
from modelyard.serving.triton.server import server
from modelyard.serving.workload.workload import Workload

from .model import rollout, stable

GATES = {"error_rate": 0.01, "p99_ms": 200, "business": {"query": "conversion", "min": 0.9}}
ROUTES = "gateway.networking.k8s.io_httproutes"
STORED = {"bucket": "models", "prefix": "shop/tagger", "region": "us-east-1"}
PROMETHEUS = "http://prometheus-operated.monitoring.svc:9090"


def made_by(controller: str, **changes: Any) -> list[dict[str, Any]]:
    objects = argo_objects if controller == "argo_rollouts" else flagger_objects
    return objects(released(by=controller, **changes), prometheus_url=PROMETHEUS).all


def released(of: Workload | None = None, **changes: Any) -> Release:
    """From version 1 to 2, or version 1 alone where ``canary`` is None."""
    declared = rollout(**{"gates": GATES, **changes})
    workload = of or stable(version=1)
    if declared.canary is None:
        return release(workload, declared)
    configured = server(workload.model, image="tritonserver", versions=[2])
    return release(workload, declared, configured, replace(workload.stored, digest="2"))


def argo(**changes: Any) -> list[dict[str, Any]]:
    return made_by("argo_rollouts", **changes)


def flagger(**changes: Any) -> list[dict[str, Any]]:
    return made_by("flagger", **changes)


def of(made: list[dict[str, Any]], kind: str, name: str = "tagger") -> dict[str, Any]:
    (found,) = [each for each in made if each["kind"] == kind and each["metadata"]["name"] == name]
    return found


@pytest.fixture(scope="module")
def published() -> Schemas:
    try:
        return {
            **schemas("github.com/argoproj/argo-rollouts", "v1.10.1", "manifests/crds/*-crd.yaml"),
            **schemas("github.com/fluxcd/flagger", "v1.36.1", "artifacts/flagger/crd.yaml"),
            **schemas("sigs.k8s.io/gateway-api", "v1.5.1", f"config/crd/standard/{ROUTES}.yaml"),
        }
    except NoDefinitions as error:
        pytest.skip(f"no definitions of Argo Rollouts and Flagger to check against: {error}")


@pytest.mark.parametrize("sticky", [None, {"cookie": "side"}])
@pytest.mark.parametrize("made", [argo, flagger])
def test_every_object_fits_its_definition(made: Any, sticky: Any, published: Any) -> None:
    checked = []
    for manifest in made(sticky=sticky):
        if (manifest["apiVersion"], manifest["kind"]) in published:
            checked.append(manifest["kind"])
            assert faults(manifest, published) == []
    assert set(checked) >= (
        {"Rollout", "AnalysisTemplate", "HTTPRoute"} if made is argo else {"Canary", "MetricTemplate"}
    )


def test_a_mistake_would_be_seen(published: Any) -> None:
    wrong = of(argo(), "Rollout")
    wrong["spec"]["strategy"]["canary"]["stepz"] = []
    wrong["spec"]["strategy"]["canary"]["steps"][0] = {"setWeight": "10"}
    del wrong["spec"]["template"]["spec"]["containers"]
    assert sorted(faults(wrong, published)) == [
        "Rollout.spec.strategy.canary.steps[0].setWeight: '10' is no whole number that fits",
        "Rollout.spec.strategy.canary.stepz is unknown",
        "Rollout.spec.template.spec.containers is missing",
    ]


def test_argo_goes_up_the_steps_and_asks_the_gates_after_each_pause() -> None:
    made = argo(pause_minutes=15)
    canary = of(made, "Rollout")["spec"]["strategy"]["canary"]
    judged = {"analysis": {"templates": [{"templateName": "tagger"}]}}
    pause = {"pause": {"duration": "15m"}}
    assert canary["steps"] == [{"setWeight": 10}, pause, judged, {"setWeight": 50}, pause, judged, {"setWeight": 100}]
    assert canary["trafficRouting"] == {
        "plugins": {"argoproj-labs/gatewayAPI": {"httpRoute": "tagger", "namespace": "shop"}}
    }
    metrics = {each["name"]: each for each in of(made, "AnalysisTemplate")["spec"]["metrics"]}
    assert set(metrics) == {"error-rate", "server-error-rate", "p99-ms", "business"}
    # Without an answer neither holds, and Argo Rollouts waits for a person.
    assert metrics["p99-ms"]["successCondition"] == "len(result) > 0 && result[0] <= 200.0"
    assert metrics["p99-ms"]["failureCondition"] == "len(result) > 0 && !(result[0] <= 200.0)"
    assert metrics["business"]["successCondition"] == "len(result) > 0 && result[0] >= 0.9"


def test_argos_rollout_is_what_scales_and_what_both_services_lead_to() -> None:
    made = argo()
    assert of(made, "HorizontalPodAutoscaler")["spec"]["scaleTargetRef"] == {
        "apiVersion": "argoproj.io/v1alpha1", "kind": "Rollout", "name": "tagger"
    }  # fmt: skip
    canary = of(made, "Rollout")["spec"]["strategy"]["canary"]
    assert (canary["stableService"], canary["canaryService"]) == ("tagger", "tagger-canary")
    assert of(made, "Service")["spec"] == of(made, "Service", "tagger-canary")["spec"]
    assert not any(each["kind"] == "Deployment" for each in made)
    rules = of(made, "HTTPRoute")["spec"]["rules"]
    assert [[(each["name"], each["weight"]) for each in rule["backendRefs"]] for rule in rules] == (
        [[("tagger", 100), ("tagger-canary", 0)]] * 4
    )


def test_without_gates_nothing_is_asked() -> None:
    assert not any(
        each["kind"] in ("AnalysisTemplate", "MetricTemplate") for each in argo(gates={}) + flagger(gates={})
    )
    steps = of(argo(gates={}, pause_minutes=0), "Rollout")["spec"]["strategy"]["canary"]["steps"]
    assert steps == [{"setWeight": 10}, {"setWeight": 50}, {"setWeight": 100}]


def test_flagger_takes_the_deployment_and_lets_only_the_models_paths_through() -> None:
    made = flagger(sticky={"cookie": "side", "cookie_hours": 1})
    spec = of(made, "Canary")["spec"]
    assert spec["targetRef"] == {"apiVersion": "apps/v1", "kind": "Deployment", "name": "tagger"}
    assert spec["analysis"]["stepWeights"] == [10, 50, 100]
    assert spec["analysis"]["sessionAffinity"] == {"cookieName": "side", "maxAge": 3600}
    assert [each["uri"] for each in spec["service"]["match"]] == [
        {"exact": "/v2/models/tagger/infer"},
        {"exact": "/v2/models/tagger/generate"},
        {"exact": "/v2/models/tagger/generate_stream"},
        {"prefix": "/v2/models/tagger"},
        {"prefix": "/v2/health"},
        {"exact": "/v2"},
    ]
    assert not any(each["kind"] in ("Service", "HTTPRoute") for each in made)
    for kind in ("NetworkPolicy", "PodDisruptionBudget"):
        assert of(made, kind, "tagger-primary")["metadata"]["namespace"] == "shop"


@pytest.mark.parametrize(
    ("changes", "problem"),
    [
        ({}, None),
        (
            {"hostname": None},
            "is flagger, which moves traffic at the gateway alone, and there is no hostname; give one",
        ),
    ],
)
def test_what_flagger_cannot_do(changes: dict[str, Any], problem: str | None) -> None:
    assert flagger_problem(stable(**changes)) == problem


def test_flagger_cannot_send_grpc() -> None:
    workload = stable()
    grpc = tuple(route for route in workload.server.routes if route.port == workload.server.port("grpc"))
    assert flagger_problem(replace(workload, server=replace(workload.server, routes=grpc))) == (
        "is flagger, whose route has one port, of HTTP, and triton answers by gRPC alone; allowed: gateway, "
        "argo_rollouts"
    )


@pytest.mark.parametrize("controller", ["argo_rollouts", "flagger"])
def test_the_files_of_both_versions_are_there_and_the_pods_are_of_the_new_one(controller: str) -> None:
    """A pod of the stable version may have to start again while the release is under way."""
    listed = [
        {"path": "tagger/1/model.onnx", "sha256": checksum * 64, "size_bytes": 1} for checksum in ("a", "b")
    ]  # fmt: skip
    before, after = (
        stable(stored={**STORED, "digest": str(number), "files": [file]}) for number, file in enumerate(listed)
    )
    declared = rollout(by=controller, gates=GATES)
    found = release(before, declared, after.server, after.stored)
    objects = (argo_objects if controller == "argo_rollouts" else flagger_objects)(found, prometheus_url=PROMETHEUS)
    names = [each["metadata"]["name"] for each in objects.before if each["kind"] == "ConfigMap"]
    assert len(set(names)) == 2
    mounted = [each["configMap"]["name"] for each in pods(objects)["volumes"] if each["name"] == "files"]
    assert mounted == [names[0]]


@pytest.mark.parametrize("controller", ["argo_rollouts", "flagger"])
def test_making_the_canary_stable_changes_no_pod(controller: str) -> None:
    during = released(by=controller)
    new = replace(stable(version=1), server=during.released.server, stored=during.released.stored, versions=(2,))
    ended = release(new, rollout(by=controller, stable=2, canary=None, gates=GATES))
    objects = argo_objects if controller == "argo_rollouts" else flagger_objects
    one, two = (objects(each, prometheus_url=PROMETHEUS) for each in (during, ended))
    assert one.pods["spec"]["template"] == two.pods["spec"]["template"]


@pytest.mark.parametrize(
    ("controller", "kind", "wanted"),
    [
        ("argo_rollouts", "Rollout", '["jsonpath={.status.phase}=Healthy"]'),
        ("flagger", "Canary", '["condition=Promoted"]'),
    ],
)
def test_pulumi_waits_for_the_controller_where_there_is_no_canary(controller: str, kind: str, wanted: str) -> None:
    ended, during = (of(made_by(controller, canary=canary), kind)["metadata"]["annotations"] for canary in (None, 2))
    assert ended["pulumi.com/waitFor"] == wanted
    assert int(ended["pulumi.com/timeoutSeconds"]) > 600
    assert "pulumi.com/waitFor" not in during
    assert during["pulumi.com/skipAwait"] == "true"


def test_without_a_canary_argo_has_no_steps() -> None:
    assert of(argo(canary=None), "Rollout")["spec"]["strategy"]["canary"]["steps"] == [{"setWeight": 100}]


def test_a_model_that_sleeps_is_awake_while_a_controller_has_it() -> None:
    asleep = stable(version=1, scaling={"min_replicas": 0, "max_replicas": 6, "target_concurrency": 4})
    for by in ("argo_rollouts", "flagger"):
        found = released(asleep, by=by)
        assert (found.stable.scaling.min_replicas, found.released.scaling.min_replicas) == (1, 1)


def test_flaggers_copy_of_a_scaled_object_asks_the_primarys_pods() -> None:
    workload = stable(version=1, scaling={"min_replicas": 2, "max_replicas": 6, "target_concurrency": 4})
    made = flagger_objects(released(workload, by="flagger"), prometheus_url=PROMETHEUS)
    assert made.scaler["kind"] == "ScaledObject"
    assert "name" not in made.scaler["spec"]["advanced"]["horizontalPodAutoscalerConfig"]
    (own,) = made.scaler["spec"]["triggers"]
    asked = of(list(made.after), "Canary")["spec"]["autoscalerRef"]["primaryScalerQueries"]
    assert set(asked) == {own["name"]}
    assert 'service="tagger-canary"' in own["metadata"]["query"]
    # Callers ask the Service "tagger", which leads to the primary's pods.
    assert 'service="tagger"' in asked[own["name"]]


def test_flaggers_services_are_found_by_prometheus_and_no_pod_twice() -> None:
    spec = of(flagger(), "Canary")["spec"]["service"]
    assert spec["portDiscovery"] is True
    assert {side for side in ("apex", "primary", "canary") if side in spec} == {"apex", "canary"}
    assert spec["apex"]["labels"]["app.kubernetes.io/managed-by"] == "modelyard"


def test_limits_of_a_route_that_flagger_makes_are_in_its_policy() -> None:
    token = {
        "jwt": {
            "issuer": "https://issuer.example.org",
            "jwks_uri": "https://issuer.example.org/keys",
            "audiences": ["ml"],
        }
    }
    limits = {"authentication": token, "max_request_mib": 8, "rate_limit": {"requests": 10, "unit": "second"}}
    made = flagger_objects(released(stable(version=1, access=limits), by="flagger"), prometheus_url=PROMETHEUS)
    assert made.policy is not None
    assert made.policy["spec"]["requestBuffer"] == {"limit": "8Mi"}
    assert made.policy["spec"]["rateLimit"]["type"] == "Local"
    assert of(list(made.after), "Canary")["spec"]["service"]["headers"] == {"request": {"remove": ["authorization"]}}


def pods(objects: Any) -> dict[str, Any]:
    return objects.pods["spec"]["template"]["spec"]
