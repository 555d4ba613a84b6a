"""What a plan says of pods that find no node is what the real scheduler does, in random clusters.

Claimed of each case: when every pool has all its nodes and all pods arrive at once, as many pods of each Deployment
stay without a node as :attr:`modelyard.placement.Placement.waiting` says. The scheduler draws lots between nodes that
it likes equally; where the outcome depends on them, the real one has to be among those that lots can give.
"""

from __future__ import annotations

import os
from collections import Counter
from collections.abc import Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from random import Random

import pytest
from modelyard.placement import place, pools
from modelyard.placement.pool_labels import GPU_ALLOCATION
from modelyard.placement.priority import prioritized
from modelyard.placement.scheduler import schedule

from .api import Api, Object, until
from .build import built
from .control_plane import ControlPlane, NotHere, control_plane
from .nodes import nodes_of
from .random_cases import NAMESPACE, Case, priority_classes, random_cases
from .resource_slices import device_classes, resource_slice

SEED = os.environ.get("MODELYARD_PLACEMENT_SEED", "20261122")
CASES = 500
BATCH = 100
"""Cases at a time: the scheduler looks at every node for each pod."""
DRAWS = 400
THREADS = 3
SECONDS = 300
"""For what takes some, on a machine that does other things besides."""

_CLAIMS = f"/apis/resource.k8s.io/v1/namespaces/{NAMESPACE}/resourceclaim"
_COLLECTIONS = (
    f"/api/v1/namespaces/{NAMESPACE}/pods",
    f"{_CLAIMS}templates",
    f"{_CLAIMS}s",
    "/apis/resource.k8s.io/v1/resourceslices",
    "/api/v1/nodes",
)
"""Of what a batch leaves behind."""

Verdict = dict[str, int]
"""Pods without a node, by their Deployment."""


@pytest.fixture(scope="module")
def without_nodes_yet() -> Iterator[ControlPlane]:
    """A control plane of its own: no other test's nodes, no kubelets, and the scheduler still off."""
    try:
        with control_plane(new_nodes_ready=True) as plane:
            yield plane
    except NotHere as error:
        pytest.skip(f"no control plane to test against: {error}")


@pytest.mark.whole
def test_pods_that_a_plan_says_wait_are_those_that_the_scheduler_leaves(without_nodes_yet: ControlPlane) -> None:
    assert built("kubernetes") is not None
    cases = list(random_cases(SEED, CASES))
    api = without_nodes_yet.api()
    api.create({"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": NAMESPACE}})
    api.create({"apiVersion": "v1", "kind": "ServiceAccount", "metadata": {"name": "default", "namespace": NAMESPACE}})
    for each in (*priority_classes(), *device_classes()):
        api.create(each)
    without_nodes_yet.start_controllers("resourceclaim-controller")
    left: Verdict = {}
    for start in range(0, CASES, BATCH):
        left |= _scheduled(without_nodes_yet, api, cases[start : start + BATCH])

    seen, wrong = Counter[str](), []
    for case in cases:
        seen["with claims"] += any(case.claim_templates())
        placement = place(case.graph)
        planned = {each.name: each.replicas for each in placement.waiting}
        real = {name: count for name, count in left.items() if name.startswith(case.name)}
        seen[
            "all pods fit" if not real else "only closer packing would do" if placement.unpacked else "some fit not"
        ] += 1
        if planned != real:
            seen["decided by lot"] += 1
            if real not in _outcomes(case):
                wrong.append(f"{case}\n  plan: {planned}\n  scheduler: {real}")
    print(f"seed {SEED}, {CASES} cases: {dict(seen)}")
    assert not wrong, f"seed {SEED}: {len(wrong)} of {CASES} cases differ:\n" + "\n".join(wrong[:2])
    # The cases are worth something only while they are of every kind, and few are left to chance.
    assert min(seen["all pods fit"], seen["some fit not"]) > CASES / 10
    assert seen["with claims"] > CASES / 5
    assert seen["only closer packing would do"] > CASES / 50
    assert seen["decided by lot"] < CASES / 50


def _scheduled(plane: ControlPlane, api: Api, cases: list[Case]) -> Verdict:
    """What the scheduler does when it finds all nodes and pods of these cases at once."""
    with ThreadPoolExecutor(THREADS) as pool:
        list(pool.map(lambda part: _create(plane.api(), part), [cases[start::THREADS] for start in range(THREADS)]))
    # A pod without its claims is not scheduled in its turn.
    until(lambda: _claimed(api), SECONDS, lambda: plane.log("controller-manager")[-2000:])
    plane.start_scheduler()
    until(lambda: _tried(api), SECONDS, lambda: plane.log("scheduler")[-2000:])
    plane.check()
    plane.stop("scheduler")
    left = Counter(pod["metadata"]["name"].rpartition("-")[0] for pod in _without_node(api))
    for collection in _COLLECTIONS:
        api.request("DELETE", collection, None, {"gracePeriodSeconds": 0})
    # The controller takes the finalizer of an allocated claim once its pod is gone.
    until(lambda: not any(_items(api, each, limit="1") for each in _COLLECTIONS), SECONDS, lambda: _remains(api))
    return dict(left)


def _outcomes(case: Case) -> list[Verdict]:
    """What lots can give; one outcome where none is drawn."""
    dice = Random(case.name)
    pods = [(workload, workload.replicas_max or 0) for workload in prioritized([case.graph])]
    found: list[Verdict] = []
    for _ in range(DRAWS):
        scheduled = schedule(pools(case.graph), pods, draw=dice.randrange)
        found.append({name: count for (_, name), count in scheduled.waiting.items()})
        if not scheduled.drawn:
            break
    return found


def _create(api: Api, cases: Iterable[Case]) -> None:
    for case in cases:
        for pool in pools(case.graph):
            for node in nodes_of(pool, pool.max_size or 0):
                node["metadata"]["labels"]["kubernetes.io/hostname"] = node["metadata"]["name"]
                api.create(node)
                if pool.labels.get(GPU_ALLOCATION) == "claim":
                    api.create(resource_slice(node["metadata"]["name"], pool))
        for thing in (*case.claim_templates(), *case.pods()):
            api.create(thing)
    api.close()


def _claimed(api: Api) -> bool:
    """Whether every claim of every pod is there."""
    return all(
        len(pod["status"].get("resourceClaimStatuses", [])) == len(pod["spec"].get("resourceClaims", []))
        for pod in _items(api, _COLLECTIONS[0])
    )


def _tried(api: Api) -> bool:
    """Whether the scheduler has found a node for every pod, or found that there is none."""
    return all(
        any(
            condition["type"] == "PodScheduled" and condition.get("reason") == "Unschedulable"
            for condition in pod["status"].get("conditions", [])
        )
        for pod in _without_node(api)
    )


def _without_node(api: Api) -> list[Object]:
    return _items(api, _COLLECTIONS[0], fieldSelector="spec.nodeName=")


def _items(api: Api, collection: str, **query: str) -> list[Object]:
    return api.request("GET", collection, query)["items"]


def _remains(api: Api) -> str:
    return "; ".join(f"{len(_items(api, each))} of {each} are left" for each in _COLLECTIONS)
