"""Pods that keep nodes by the clock, on a real API server with the real scheduler and Kubernetes' own controllers."""

from __future__ import annotations

import copy
from collections.abc import Iterator
from typing import Any

import pytest
from modelyard.placement import Pool, pools
from plan.test_pool_schedules import CASES, graph_of

from .api import Api, Object, Refused, until
from .control_plane import ControlPlane
from .nodes import SECONDS, empty, nodes_of, start, until_unschedulable

CASE = "gke"


@pytest.fixture(scope="module")
def planned() -> tuple[list[Object], Pool]:
    graph = graph_of(CASES[CASE].arguments)
    objects = [copy.deepcopy(dict(each.inputs)) for each in graph if each.type.startswith("kubernetes:")]
    (pool,) = pools(graph)
    return objects, pool


@pytest.fixture
def standing_by(control_plane: ControlPlane, api: Api, planned: tuple[list[Object], Pool]) -> Iterator[Api]:
    control_plane.start_scheduling()
    yield api
    control_plane.check()
    objects, _ = planned
    for thing in reversed(objects):
        if thing["kind"] not in ("Namespace", "ServiceAccount"):
            api.delete(thing)
    empty(api)


def test_everything_is_accepted_and_warned_of_by_nothing(api: Api, planned: tuple[list[Object], Pool]) -> None:
    objects, _ = planned
    assert [each["kind"] for each in objects].count("CronJob") == 2
    api.apply(objects[0])
    for thing in objects[1:]:
        stored = api.apply(thing, dry_run=True)
        assert api.warnings == [], thing["kind"]
        if thing["kind"] == "CronJob":
            assert stored["spec"]["timeZone"] == "Europe/London"


def test_pods_keep_a_node_each_and_make_room(standing_by: Api, planned: tuple[list[Object], Pool]) -> None:
    api, (objects, pool) = standing_by, planned
    start(api, nodes_of(pool, 2))
    for thing in objects:
        api.apply(thing)
    deployment = _of(objects, "Deployment")
    until(lambda: len(_placed(api, deployment)) == 1, SECONDS, lambda: f"placed: {_placed(api, deployment)}")

    _scale(api, objects, 3)
    until(lambda: len(_placed(api, deployment)) == 2, SECONDS, lambda: f"placed: {_placed(api, deployment)}")
    until_unschedulable(lambda: [each for each in _pods(api, deployment) if "nodeName" not in each["spec"]], "affinity")
    assert len(set(_placed(api, deployment))) == 2

    start(api, nodes_of(pool, 1))
    until(lambda: len(set(_placed(api, deployment))) == 3, SECONDS, lambda: f"placed: {_placed(api, deployment)}")

    server = _server(deployment, pool)
    api.create(server)
    until(
        lambda: api.request("GET", api.path(server))["spec"].get("nodeName"),
        SECONDS,
        "nothing made room for a pod that needs a whole node",
    )


def test_its_account_sets_that_number_and_nothing_else(standing_by: Api, planned: tuple[list[Object], Pool]) -> None:
    api, (objects, _) = standing_by, planned
    for thing in objects:
        api.apply(thing)
    deployment = _of(objects, "Deployment")
    other = copy.deepcopy(deployment)
    other["metadata"]["name"] = "other"
    api.apply(other)
    _scale(api, objects, 2)
    assert api.request("GET", api.path(deployment))["spec"]["replicas"] == 2

    account, patch = _account(objects), {"spec": {"replicas": 0}}
    secrets = f"/api/v1/namespaces/{deployment['metadata']['namespace']}/secrets"
    for method, path, body in (
        ("GET", api.path(deployment), None),
        ("PATCH", api.path(deployment), patch),
        ("PATCH", f"{api.path(other)}/scale", patch),
        ("GET", secrets, None),
    ):
        with pytest.raises(Refused) as refused:
            api.request(method, path, None, body, content="application/merge-patch+json", as_user=account)
        assert refused.value.status == 403, f"{method} {path}"


def test_a_job_of_the_schedule_is_let_in(standing_by: Api, planned: tuple[list[Object], Pool]) -> None:
    """Its pods keep to the namespace's Pod Security Standard; no controller says that of a CronJob."""
    api, (objects, _) = standing_by, planned
    for thing in objects:
        api.apply(thing)
    cron_job = _of(objects, "CronJob")
    metadata = {"name": "now", "namespace": cron_job["metadata"]["namespace"]}
    job = {
        "apiVersion": "batch/v1",
        "kind": "Job",
        "metadata": metadata,
        "spec": cron_job["spec"]["jobTemplate"]["spec"],
    }
    api.create(job)
    assert api.warnings == []
    until(lambda: api.request("GET", api.path(job))["status"].get("active"), SECONDS, "the job has no pod")
    api.delete(job)


def _of(objects: list[Object], kind: str) -> Object:
    return next(each for each in objects if each["kind"] == kind)


def _account(objects: list[Object]) -> str:
    metadata = _of(objects, "ServiceAccount")["metadata"]
    return f"system:serviceaccount:{metadata['namespace']}:{metadata['name']}"


def _scale(api: Api, objects: list[Object], replicas: int) -> None:
    """As kubectl does what the CronJobs say, with their rights; the authorizer learns of a binding a moment later."""
    path = f"{api.path(_of(objects, 'Deployment'))}/scale"

    def scaled() -> bool:
        try:
            api.request("GET", path, as_user=_account(objects))
            body: Any = {"spec": {"replicas": replicas}}
            told = api.request(
                "PATCH", path, None, body, content="application/merge-patch+json", as_user=_account(objects)
            )
        except Refused as refused:
            if refused.status != 403:
                raise
            return False
        return told["spec"]["replicas"] == replicas

    until(scaled, SECONDS, "the account may not set the number of pods")


def _pods(api: Api, deployment: Object) -> list[Object]:
    ((key, value),) = deployment["spec"]["selector"]["matchLabels"].items()
    return api.list("v1", "Pod", deployment["metadata"]["namespace"], f"{key}={value}")


def _placed(api: Api, deployment: Object) -> list[str]:
    return [each["spec"]["nodeName"] for each in _pods(api, deployment) if "nodeName" in each["spec"]]


def _server(deployment: Object, pool: Pool) -> Object:
    """A pod that has all cores of a node to itself."""
    pod = copy.deepcopy(deployment["spec"]["template"]["spec"])
    for key in ("affinity", "priorityClassName"):
        del pod[key]
    assert pool.room is not None
    pod["containers"][0]["resources"] = {"requests": {"cpu": f"{pool.room.cpu_millicores}m"}}
    metadata = {"name": "server", "namespace": deployment["metadata"]["namespace"]}
    return {"apiVersion": "v1", "kind": "Pod", "metadata": metadata, "spec": pod}
