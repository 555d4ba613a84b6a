"""A release by the real Argo Rollouts and the real Flagger, on simulated pods: up the steps while the gates pass, back
where one fails, and what ``pulumi up`` does before, meanwhile and after."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from typing import Any

import pytest
from modelyard.serving.rollout.controlled import ControlledObjects

from . import rollout_controllers
from .api import Api, Object, Refused, until
from .control_plane import ControlPlane
from .kserve import ready
from .nodes import empty, start
from .releases import (
    ROUTE,
    SHOP,
    apply_as_pulumi,
    canary_weight,
    canary_weights,
    now,
    objects,
    serving_version,
    up,
)

pytestmark = pytest.mark.whole

ERRORS = {"passing": 0.0, "failing": 0.5}
"""Share of errors of a model's canary; what is not named here is not measured at all."""
MODELS = ("passing", "failing", "unmeasured")
CONTROLLERS = ("argo_rollouts", "flagger")
SECONDS = 240
STEPWISE = [10, 50, 100, 0]
"""Shares of the canary, in the order in which the route has them; 0 is the end, when its pods are the stable ones."""
NODE: Object = {
    "apiVersion": "v1",
    "kind": "Node",
    "metadata": {
        "name": "system",
        "annotations": {"kwok.x-k8s.io/node": "fake"},
        "labels": {},
    },
    "status": {each: {"cpu": "64", "memory": "256Gi", "pods": "110"} for each in ("allocatable", "capacity")},
}


class Released:
    """Models with version 1 in service, each with a release of version 2 begun."""

    def __init__(self, plane: ControlPlane, api: Api, by: str) -> None:
        self.plane, self.api, self.by = plane, api, by
        self.first: dict[str, ControlledObjects] = {each: objects(by, each, stable=1) for each in MODELS}
        self.begun: dict[str, ControlledObjects] = {each: objects(by, each, stable=1, canary=2) for each in MODELS}
        self.since = ""

    def begin(self) -> None:
        for each in self.first.values():
            up(self.api, each)
        for model, each in self.first.items():
            waited = awaited(each)
            until(lambda waited=waited: ready(self.api, waited), SECONDS, lambda model=model: self.state(model))
            assert serving_version(self.api, self.by, model) == {"1"}
        self.since = now(self.api)
        for model, each in self.begun.items():
            up(self.api, each, self.first[model])

    def weights(self, model: str) -> list[int]:
        return canary_weights(self.api, model, self.since)

    def object(self, model: str) -> Object:
        thing = awaited(self.first[model])
        return self.api.get(thing["apiVersion"], thing["kind"], model, SHOP.department)

    def phase(self, model: str) -> str:
        return self.object(model).get("status", {}).get("phase", "")

    def state(self, model: str) -> str:
        self.plane.check()
        log = "argo-rollouts" if self.by == "argo_rollouts" else "flagger"
        return f"{self._told(model)}; {self.plane.log(log)[-6000:]}"

    def _told(self, model: str) -> str:
        try:
            return f"{self.weights(model)}; {self.object(model).get('status')}"
        except Refused as refused:
            return f"{refused}; {self.object(model).get('status')}"


@pytest.fixture(scope="module", params=CONTROLLERS)
def released(control_plane: ControlPlane, api: Api, request: pytest.FixtureRequest) -> Iterator[Released]:
    if shutil.which("prometheus") is None:
        pytest.skip("there is no prometheus on PATH, and the gates are NOT asked here")
    by: str = request.param
    control_plane.start_scheduling()
    start(api, [NODE])
    api.apply({"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": SHOP.department}})
    rollout_controllers.start_prometheus(control_plane, SHOP.department, ERRORS)
    if by == "argo_rollouts":
        rollout_controllers.start_argo_rollouts(control_plane, api)
    else:
        rollout_controllers.start_flagger(control_plane, api)
    found = Released(control_plane, api, by)
    try:
        found.begin()
        yield found
        control_plane.check()
        for model in MODELS:
            for each in reversed(found.begun[model].all):
                api.delete(each)
    finally:
        for process in ("argo-rollouts" if by == "argo_rollouts" else "flagger", "prometheus", "counters"):
            control_plane.stop(process)
        empty(api)


def test_a_release_goes_up_the_steps_to_the_end(released: Released) -> None:
    ended = "Healthy" if released.by == "argo_rollouts" else "Succeeded"
    until(lambda: released.weights("passing") == STEPWISE, SECONDS, lambda: released.state("passing"))
    until(lambda: released.phase("passing") == ended, SECONDS, lambda: released.state("passing"))
    until(
        lambda: serving_version(released.api, released.by, "passing") == {"2"},
        SECONDS,
        lambda: released.state("passing"),
    )


def test_a_release_goes_back_where_a_gate_fails(released: Released) -> None:
    ended = "Degraded" if released.by == "argo_rollouts" else "Failed"
    until(lambda: released.phase("failing") == ended, SECONDS, lambda: released.state("failing"))
    until(lambda: released.weights("failing") == [10, 0], SECONDS, lambda: released.state("failing"))
    assert serving_version(released.api, released.by, "failing") == {"1"}


def test_a_gate_without_an_answer_promotes_nothing(released: Released) -> None:
    """Argo Rollouts waits for a person. Flagger counts it as a failure, a step's length later."""
    if released.by == "flagger":
        until(lambda: released.phase("unmeasured") == "Failed", SECONDS, lambda: released.state("unmeasured"))
        until(lambda: released.weights("unmeasured") == [10, 0], SECONDS, lambda: released.state("unmeasured"))
    else:
        until(lambda: "InconclusiveAnalysisRun" in str(released.object("unmeasured").get("status", {})), SECONDS,
              lambda: released.state("unmeasured"))  # fmt: skip
        until(lambda: released.weights("unmeasured") == [10], SECONDS, lambda: released.state("unmeasured"))
    assert serving_version(released.api, released.by, "unmeasured") == {"1"}


def test_another_up_meanwhile_neither_fights_the_controller_nor_is_refused(released: Released) -> None:
    """Every object with a field of the controller's is changed elsewhere, as a new label or hostname would."""
    if released.by == "flagger":
        assert released.begun["unmeasured"].owned == {}, "Services and route are Flagger's own"
        return
    until(lambda: released.weights("unmeasured") == [10], SECONDS, lambda: released.state("unmeasured"))
    made = released.begun["unmeasured"]
    before = {name: _selector(released.api, name) for name in ("unmeasured", "unmeasured-canary")}
    assert all("rollouts-pod-template-hash" in each for each in before.values())
    for each in made.all:
        if each["kind"] in made.owned:
            metadata = each["metadata"]
            annotated = {**metadata, "annotations": {**metadata.get("annotations", {}), "again": "true"}}
            apply_as_pulumi(released.api, {**each, "metadata": annotated}, made.owned[each["kind"]])
    route = released.api.get(*ROUTE, "unmeasured", SHOP.department)
    assert route["metadata"]["annotations"]["again"] == "true"
    assert canary_weight(route) == 10
    assert {name: _selector(released.api, name) for name in before} == before


def test_making_the_released_version_stable_changes_no_pod(released: Released) -> None:
    test_a_release_goes_up_the_steps_to_the_end(released)
    pods = _pods(released.api, "passing")
    finished = objects(released.by, "passing", stable=2)
    up(released.api, finished, released.begun["passing"])
    until(lambda: ready(released.api, awaited(finished)), SECONDS, lambda: released.state("passing"))
    lists = [each for each in released.api.list("v1", "ConfigMap", SHOP.department)
             if each["metadata"]["name"].startswith("passing-files-")
             and not each["metadata"]["name"].endswith("-primary")]  # fmt: skip
    assert [each["data"]["list"].startswith("2" * 64) for each in lists] == [True], "version 1's list is gone"
    assert _pods(released.api, "passing") & pods == _pods(released.api, "passing")
    assert released.weights("passing") == STEPWISE


def test_a_declaration_that_goes_back_ends_a_release_that_went_back(released: Released) -> None:
    test_a_release_goes_back_where_a_gate_fails(released)
    up(released.api, released.first["failing"], released.begun["failing"])
    ended = ("Healthy",) if released.by == "argo_rollouts" else ("Succeeded", "Failed")
    until(lambda: released.phase("failing") in ended, SECONDS, lambda: released.state("failing"))
    assert serving_version(released.api, released.by, "failing") == {"1"}


def test_a_release_that_waits_can_be_ended_by_hand(released: Released) -> None:
    """The declaration says that version 2 is the stable one, whatever the gates did not say."""
    if released.by == "flagger":
        pytest.skip("Flagger does not wait: it has gone back")
    test_a_gate_without_an_answer_promotes_nothing(released)
    finished = objects(released.by, "unmeasured", stable=2)
    up(released.api, finished, released.begun["unmeasured"])
    until(lambda: serving_version(released.api, released.by, "unmeasured") == {"2"}, SECONDS,
          lambda: released.state("unmeasured"))  # fmt: skip
    until(lambda: ready(released.api, awaited(finished)), SECONDS, lambda: released.state("unmeasured"))


def awaited(made: ControlledObjects) -> Object:
    """What says how far the controller is: the Rollout, or the Canary."""
    return made.after[0] if made.after else made.pods


def _selector(api: Api, name: str) -> dict[str, Any]:
    return api.get("v1", "Service", name, SHOP.department)["spec"]["selector"]


def _pods(api: Api, model: str) -> set[str]:
    found = api.list("v1", "Pod", SHOP.department, f"modelyard.dev/model={model}")
    return {each["metadata"]["name"] for each in found if "deletionTimestamp" not in each["metadata"]}
