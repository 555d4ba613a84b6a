"""A rollout by Argo Rollouts and by Flagger: every object fits the definitions that the two projects publish."""

from __future__ import annotations

from typing import Any

import pytest
from custom_resources import NoDefinitions, Schemas, faults, schemas
from modelyard.serving.rollout.argo_rollouts import argo_manifests
from modelyard.serving.rollout.flagger import flagger_manifests
from modelyard.serving.triton.server import server

from .model import rollout, stable

GATES = {"error_rate": 0.01, "p99_ms": 200, "business": {"query": "conversion", "min": 0.9}}
ROUTES = "gateway.networking.k8s.io_httproutes"
PROMETHEUS = "http://prometheus-operated.monitoring.svc:9090"
STABLE_ROUTES = server("tagger", image="tritonserver", versions=[1]).routes


def argo(**changes: Any) -> list[dict[str, Any]]:
    declared = rollout(by="argo_rollouts", **{"gates": GATES, **changes})
    return argo_manifests(stable(version=2), declared, stable_routes=STABLE_ROUTES, prometheus_url=PROMETHEUS)


def flagger(**changes: Any) -> list[dict[str, Any]]:
    declared = rollout(by="flagger", **{"gates": GATES, **changes})
    return flagger_manifests(stable(version=2), declared, stable_routes=STABLE_ROUTES, prometheus_url=PROMETHEUS)


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


def test_flagger_needs_a_hostname() -> None:
    with pytest.raises(ValueError, match="tagger has no hostname, and flagger moves traffic at the gateway alone"):
        flagger_manifests(
            stable(hostname=None), rollout(by="flagger"), stable_routes=STABLE_ROUTES, prometheus_url=PROMETHEUS
        )
