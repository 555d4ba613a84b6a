"""What a plan says of pods that find no node is what the real scheduler does, in random clusters.

Claimed of each case: the number of pods of each Deployment that stay without a node is the same. The scheduler draws
lots between nodes that it likes equally; where our own outcome depends on them, the real one has to be among those
that lots can give.
"""

from __future__ import annotations

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

SEED = 20261122
import os

CASES = int(os.environ.get("CASES", "500"))
DRAWS = 60
BATCH = 100
"""Cases at a time: the scheduler looks at every node for each pod."""
THREADS = 3

Verdict = dict[str, int]
"""Pods without a node, by their Deployment."""


@pytest.fixture(scope="module")
def without_nodes_yet() -> Iterator[ControlPlane]:
    """A control plane of its own: no other test's nodes, no kubelets, and the scheduler still off."""
    if built("kubernetes") is None:
        pytest.skip("no control plane to test against: kubernetes not built")
    try:
        with control_plane() as plane:
            yield plane
    except NotHere as error:
        pytest.skip(f"no control plane to test against: {error}")


@pytest.mark.whole
def test_pods_that_a_plan_says_wait_are_those_that_the_scheduler_leaves(without_nodes_yet: ControlPlane) -> None:
    cases = list(random_cases(SEED, CASES))
    api = without_nodes_yet.api()
    api.create({"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": NAMESPACE}})
    api.create({"apiVersion": "v1", "kind": "ServiceAccount", "metadata": {"name": "default", "namespace": NAMESPACE}})
    for each in priority_classes():
        api.create(each)
    left: Verdict = {}
    for start in range(0, CASES, BATCH):
        left |= _scheduled(without_nodes_yet, api, cases[start : start + BATCH])

    by_lot, wrong = 0, []
    for case in cases:
        planned, real = _planned(case), {name: left[name] for name in left if name.startswith(case.name)}
        outcomes = [planned] if planned == real else _outcomes(case)
        by_lot += planned != real and real in outcomes
        if real not in outcomes:
            wrong.append(f"{case}\n  plan: {planned}\n  scheduler: {real}")
    print(f"seed {SEED}: {CASES} cases, {len(left)} Deployments wait in part, {by_lot} cases decided by lot")
    assert not wrong, f"seed {SEED}: {len(wrong)} of {CASES} cases differ:\n" + "\n".join(wrong[:2])


def _scheduled(plane: ControlPlane, api: Api, cases: list[Case]) -> Verdict:
    """What the scheduler does when it finds all nodes and pods of these cases at once."""
    _in_parallel(plane, cases)
    plane.start_scheduler()
    left = until(lambda: _decided(api), 180, lambda: plane.log("scheduler")[-2000:])
    plane.check()
    plane.stop("scheduler")
    for collection in (f"/api/v1/namespaces/{NAMESPACE}/pods", "/api/v1/nodes"):
        api.request("DELETE", collection, None, {"gracePeriodSeconds": 0})
    return left


def _planned(case: Case) -> Verdict:
    return {each.name: each.replicas for each in place(case.graph).waiting}


def _outcomes(case: Case) -> list[Verdict]:
    """What lots can give; one outcome where none is drawn."""
    dice = Random(case.name)
    pods = [(workload, workload.replicas_max or 0) for workload in prioritized([case.graph])]
    found = []
    for _ in range(DRAWS):
        scheduled = schedule(pools(case.graph), pods, draw=dice.randrange)
        found.append({name: count for (_, name), count in scheduled.waiting.items()})
        if not scheduled.drawn:
            break
    return found


def _in_parallel(plane: ControlPlane, cases: list[Case]) -> None:
    with ThreadPoolExecutor(THREADS) as pool:
        list(pool.map(lambda part: _create(plane.api(), part), [cases[start::THREADS] for start in range(THREADS)]))


def _create(api: Api, cases: Iterable[Case]) -> None:
    for case in cases:
        for pool in pools(case.graph):
            for node in nodes_of(pool, pool.max_size or 0):
                _create_ready(api, node)
        for _, pod in case.pods():
            api.create(pod)
    api.close()


def _create_ready(api: Api, node: Object) -> None:
    """The API server calls a new node not ready, until its kubelet and a controller say otherwise."""
    name = node["metadata"]["name"]
    node["metadata"]["labels"]["kubernetes.io/hostname"] = name
    api.create(node)
    taints = {"spec": {"taints": node["spec"]["taints"]}}
    api.request("PATCH", api.path(node), None, taints, content="application/merge-patch+json")


def _decided(api: Api) -> Verdict | None:
    """Once the scheduler has tried every pod."""
    left: Counter[str] = Counter()
    query = {"fieldSelector": "spec.nodeName="}
    for pod in api.request("GET", f"/api/v1/namespaces/{NAMESPACE}/pods", query)["items"]:
        if not any(each["type"] == "PodScheduled" for each in pod["status"].get("conditions", [])):
            return None
        left[pod["metadata"]["name"].rpartition("-")[0]] += 1
    return dict(left)
