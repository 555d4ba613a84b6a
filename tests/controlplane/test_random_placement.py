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
from modelyard.placement.priority import prioritized
from modelyard.placement.scheduler import schedule

from .api import Api, Object, until
from .build import built
from .control_plane import ControlPlane, NotHere, control_plane
from .nodes import nodes_of
from .random_cases import NAMESPACE, Case, priority_classes, random_cases

SEED = os.environ.get("MODELYARD_PLACEMENT_SEED", "20261122")
CASES = 500
BATCH = 100
"""Cases at a time: the scheduler looks at every node for each pod."""
DRAWS = 60
THREADS = 3

Verdict = dict[str, int]
"""Pods without a node, by their Deployment."""


@pytest.fixture(scope="module")
def without_nodes_yet() -> Iterator[ControlPlane]:
    """A control plane of its own: no other test's nodes, no kubelets, and the scheduler still off."""
    try:
        with control_plane() as plane:
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
    for each in priority_classes():
        api.create(each)
    left: Verdict = {}
    for start in range(0, CASES, BATCH):
        left |= _scheduled(without_nodes_yet, api, cases[start : start + BATCH])

    seen, wrong = Counter[str](), []
    for case in cases:
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
    assert seen["only closer packing would do"] > CASES / 50
    assert seen["decided by lot"] < CASES / 50


def _scheduled(plane: ControlPlane, api: Api, cases: list[Case]) -> Verdict:
    """What the scheduler does when it finds all nodes and pods of these cases at once."""
    with ThreadPoolExecutor(THREADS) as pool:
        list(pool.map(lambda part: _create(plane.api(), part), [cases[start::THREADS] for start in range(THREADS)]))
    plane.start_scheduler()
    until(lambda: _tried(api), 180, lambda: plane.log("scheduler")[-2000:])
    plane.check()
    plane.stop("scheduler")
    left = Counter(pod["metadata"]["name"].rpartition("-")[0] for pod in _without_node(api))
    for collection in (f"/api/v1/namespaces/{NAMESPACE}/pods", "/api/v1/nodes"):
        api.request("DELETE", collection, None, {"gracePeriodSeconds": 0})
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
                _create_ready(api, node)
        for pod in case.pods():
            api.create(pod)
    api.close()


def _create_ready(api: Api, node: Object) -> None:
    """The API server calls a new node not ready, until its kubelet and a controller say otherwise."""
    node["metadata"]["labels"]["kubernetes.io/hostname"] = node["metadata"]["name"]
    api.create(node)
    taints = {"spec": {"taints": node["spec"]["taints"]}}
    api.request("PATCH", api.path(node), None, taints, content="application/merge-patch+json")


def _tried(api: Api) -> bool:
    """Whether the scheduler has tried every pod."""
    return all(
        any(condition["type"] == "PodScheduled" for condition in pod["status"].get("conditions", []))
        for pod in _without_node(api)
    )


def _without_node(api: Api) -> list[Object]:
    return api.request("GET", f"/api/v1/namespaces/{NAMESPACE}/pods", {"fieldSelector": "spec.nodeName="})["items"]
