"""The real scheduler puts the pods of rendered Deployments on the pool that the plan named."""

from __future__ import annotations

import copy
from collections.abc import Iterator

import pytest
from kserve_deployments import deployments_of_kserve

from .api import Api, Object, until
from .control_plane import ControlPlane
from .environments import Environment
from .every_runtime import ENVIRONMENTS
from .nodes import SECONDS, empty, nodes_of, pool_of, start, until_unschedulable

NODES_AT_MOST = 6
"""Of a pool; enough for the pods that run at first, and room for one more."""


@pytest.fixture
def scheduled(control_plane: ControlPlane, api: Api) -> Iterator[Api]:
    control_plane.start_scheduling()
    yield api
    control_plane.check()
    empty(api)


@pytest.mark.parametrize("name", ENVIRONMENTS)
def test_every_pod_runs_on_the_pool_that_the_plan_named(
    scheduled: Api, environment_named: dict[str, Environment], name: str
) -> None:
    environment = environment_named[name]
    for cluster in environment.document.clusters:
        _start_nodes(scheduled, environment, cluster)
        deployments = _deploy(scheduled, environment, cluster)
        assert deployments
        until(lambda: not _not_ready(scheduled), SECONDS, lambda: f"not ready: {_not_ready(scheduled)}")
        pools = pool_of(scheduled)
        pods = scheduled.list("v1", "Pod")
        assert len(pods) == sum(deployment["spec"]["replicas"] for deployment in deployments)
        named = _pools_by_plan(environment, cluster)
        found = {(_deployment_of(pod), pools[pod["spec"]["nodeName"]]) for pod in pods}
        assert found == set(named.items())
        empty(scheduled)


@pytest.mark.parametrize("name", ["dev", "prod"])
def test_a_pod_without_its_toleration_stays_pending(
    scheduled: Api, environment_named: dict[str, Environment], name: str
) -> None:
    environment = environment_named[name]
    cluster = environment.document.clusters[0]
    _start_nodes(scheduled, environment, cluster)
    for deployment in environment.objects(cluster, "Deployment"):
        _prepare(scheduled, environment, cluster)
        tolerant, intolerant = _pod(deployment, "tolerant"), _pod(deployment, "intolerant")
        assert tolerant["spec"]["tolerations"]
        del intolerant["spec"]["tolerations"]
        scheduled.create(intolerant)
        until_unschedulable(lambda pod=intolerant: [_found(scheduled, pod)], "untolerated taint")
        scheduled.create(tolerant)
        until(lambda pod=tolerant: _node(scheduled, pod), SECONDS, "the pod with its toleration was not placed either")
        assert _node(scheduled, intolerant) is None


def _start_nodes(api: Api, environment: Environment, cluster: str) -> None:
    wanted = []
    for pool in environment.pools(cluster):
        wanted += nodes_of(pool, min(pool.max_size or 1, NODES_AT_MOST))
    start(api, wanted)


def _pools_by_plan(environment: Environment, cluster: str) -> dict[str, str]:
    """Deployment to the pool on which the plan counts and prices its guaranteed replicas."""
    return {
        resident.workload.name: each.pool.name
        for each in environment.document.placement.pools
        for resident in each.residents
        if each.pool.cluster == cluster and resident.replicas_at_floor
    }


def _prepare(api: Api, environment: Environment, cluster: str) -> None:
    for thing in environment.objects(cluster, "Namespace", "PriorityClass"):
        api.apply(thing)
    for thing in environment.objects(cluster, "ServiceAccount", "ConfigMap"):
        api.apply(thing)


def _deploy(api: Api, environment: Environment, cluster: str) -> list[Object]:
    _prepare(api, environment, cluster)
    made = []
    autoscalers = {
        (each["metadata"]["namespace"], each["spec"]["scaleTargetRef"]["name"]): each["spec"]["minReplicas"]
        for each in environment.objects(cluster, "HorizontalPodAutoscaler")
    }
    of_kserve = deployments_of_kserve(environment.objects(cluster, "InferenceService", "ServingRuntime"))
    for deployment in [*environment.objects(cluster, "Deployment"), *of_kserve]:
        thing = copy.deepcopy(deployment)
        # No autoscaler runs here: what it would ask for at first is asked for directly.
        thing["spec"]["replicas"] = autoscalers.get(
            (thing["metadata"]["namespace"], thing["metadata"]["name"]), thing["spec"].get("replicas", 1)
        )
        made.append(api.apply(thing))
    return made


def _not_ready(api: Api) -> list[str]:
    return [
        f"{each['metadata']['name']}: {each.get('status', {}).get('readyReplicas', 0)} of {each['spec']['replicas']}"
        for each in api.list("apps/v1", "Deployment")
        if each.get("status", {}).get("readyReplicas", 0) != each["spec"]["replicas"]
    ]


def _deployment_of(pod: Object) -> str:
    """A pod's ReplicaSet bears its Deployment's name and a hash."""
    return pod["metadata"]["ownerReferences"][0]["name"].rpartition("-")[0]


def _pod(deployment: Object, suffix: str) -> Object:
    template = copy.deepcopy(deployment["spec"]["template"])
    template["metadata"]["name"] = f"{deployment['metadata']['name']}-{suffix}"
    template["metadata"]["namespace"] = deployment["metadata"]["namespace"]
    return {"apiVersion": "v1", "kind": "Pod", **template}


def _node(api: Api, pod: Object) -> str | None:
    return _found(api, pod)["spec"].get("nodeName")


def _found(api: Api, pod: Object) -> Object:
    return api.request("GET", api.path(pod))
