"""The real scheduler allocates the GPUs that pods claim as a plan places them, and leaves waiting whom the plan names.

Devices are published as NVIDIA's driver would; claims are made of the templates by Kubernetes' own controller.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from modelyard.governance.ownership import Ownership
from modelyard.graph import Resource, ResourceGraph
from modelyard.placement import Placement, place, pools
from modelyard.serving.triton.service_declaration import declaration, triton_workload
from modelyard.serving.workload.deployment import deployment
from modelyard.serving.workload.gpu_claim import claim_template
from modelyard.serving.workload.workload import Workload

from .api import Api, Object, until
from .control_plane import ControlPlane
from .nodes import SECONDS, empty, nodes_of, start, unschedulable, until_unschedulable
from .resource_slices import claims as all_claims
from .resource_slices import device_classes, publish, withdraw

pytestmark = pytest.mark.whole

SHOP = Ownership("shop", "CC-2000", "prod", "shop@retail.example")
CLAIMED = {"modelyard.dev/gpu-allocation": "claim"}
CUT = {**CLAIMED, "modelyard.dev/gpu-devices": "56", "modelyard.dev/gpu-sharing": "mig-1g.5gb"}
WHOLE: dict[str, Any] = {}
SLICE = {"mig_profile": "1g.5gb"}


@pytest.fixture
def claims(control_plane: ControlPlane, api: Api) -> Iterator[Api]:
    control_plane.start_scheduling()
    for each in ({"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": "shop"}}, *device_classes()):
        api.apply(each)
    yield api
    control_plane.check()
    empty(api)
    withdraw(api)


def model(name: str, gpus: int, claim: dict[str, Any] | None, pool: str = "gpu", **more: Any) -> Workload:
    """Triton's pods, small enough that GPUs alone decide."""
    resources = {"gpus": gpus, "cpu": 0.1, "memory_gib": 0.25, "shared_memory_mib": 64, **more}
    arguments: Any = {
        "ownership": SHOP.args(),
        "model": name,
        "cluster": "east",
        "pool": pool,
        **({"gpu_claim": claim} if claim is not None else {}),
        "resources": resources,
        "stored": {"bucket": "models", "region": "us-east-1", "digest": "f" * 64},
    }
    return triton_workload(declaration(name, arguments))


def group(instance_type: str, labels: dict[str, str], most: int, name: str = "gpu") -> Resource:
    inputs = {
        "clusterName": "east",
        "region": "us-east-1",
        "instanceTypes": [instance_type],
        "scalingConfig": {"desiredSize": 1, "minSize": 1, "maxSize": most},
        "labels": {"modelyard.dev/cluster": "east", "modelyard.dev/pool": name, **labels},
        "taints": [{"key": "nvidia.com/gpu", "value": "present", "effect": "NO_SCHEDULE"}],
    }
    return resource("aws:eks/nodeGroup:NodeGroup", name, inputs)


def resource(kind: str, name: str, inputs: dict[str, Any]) -> Resource:
    return Resource(urn=f"urn:pulumi:prod::claims::{kind}::{name}", type=kind, name=name, inputs=inputs, stack="prod")


def deployed(workload: Workload, replicas: int) -> list[Object]:
    """Its template, and its Deployment with as many pods."""
    template, made = claim_template(workload), deployment(workload)
    made["spec"]["replicas"] = replicas
    # The rest of what a pod needs is not made here.
    made["spec"]["template"]["spec"] |= {"serviceAccountName": "default"}
    return [made] if template is None else [template, made]


CASES: dict[str, tuple[Resource, list[tuple[Workload, int]], dict[str, int]]] = {
    # pool, models with replicas, pods that wait
    "all fit": (group("g6.xlarge", CLAIMED, 3), [(model("a", 1, WHOLE), 3)], {}),
    "one too many": (group("g6.xlarge", CLAIMED, 2), [(model("a", 1, WHOLE), 3)], {"a": 1}),
    "several of one node": (group("g6.12xlarge", CLAIMED, 2), [(model("a", 3, WHOLE), 3)], {"a": 1}),
    "more than a node has": (group("g6.xlarge", CLAIMED, 2), [(model("a", 2, WHOLE), 1)], {"a": 1}),
    "enough memory": (group("g6.xlarge", CLAIMED, 1), [(model("a", 1, WHOLE, gpu_memory_gib=20), 1)], {}),
    "too little memory": (group("g6.xlarge", CLAIMED, 1), [(model("a", 1, WHOLE, gpu_memory_gib=30), 1)], {"a": 1}),
    "instances": (group("p4d.24xlarge", CUT, 1), [(model("a", 1, SLICE), 56)], {}),
    "instances, one too many": (group("p4d.24xlarge", CUT, 1), [(model("a", 1, SLICE), 57)], {"a": 1}),
    "whole GPUs of a pool that is cut": (group("p4d.24xlarge", CUT, 1), [(model("a", 1, WHOLE), 1)], {"a": 1}),
    "instances of a pool that is not": (group("p4d.24xlarge", CLAIMED, 1), [(model("a", 1, SLICE), 1)], {"a": 1}),
}


@pytest.mark.parametrize("case", CASES)
def test_pods_that_claim_wait_where_the_plan_says_so(claims: Api, case: str) -> None:
    nodes, models, waiting = CASES[case]
    made = [each for workload, replicas in models for each in deployed(workload, replicas)]
    placed = placement([nodes], made)
    assert {each.name: each.replicas for each in placed.waiting} == waiting

    offered = list(pools(ResourceGraph([nodes])))
    start(claims, [node for pool in offered for node in nodes_of(pool, pool.max_size or 0)])
    publish(claims, offered)
    for thing in made:
        claims.apply(thing)
    wanted = sum(replicas for _, replicas in models)
    left = sum(waiting.values())
    until(lambda: len(_pods(claims)) == wanted, SECONDS, lambda: f"pods: {len(_pods(claims))} of {wanted}")
    until(lambda: len(_placed(claims)) == wanted - left, SECONDS, lambda: _told(claims))
    if left:
        until_unschedulable(lambda: _pods(claims), "cannot allocate all claims")
    allocated = [each for each in all_claims(claims) if _devices(each)]
    assert len(allocated) == wanted - left
    devices = [(each["pool"], each["device"]) for claim in allocated for each in _devices(claim)]
    assert (
        len(devices)
        == len(set(devices))
        == sum(workload.share.gpus * (replicas - waiting.get(workload.name, 0)) for workload, replicas in models)
    )


def test_each_pool_hands_out_its_gpus_in_its_own_way(claims: Api) -> None:
    """Who asks in the other way waits, in the plan as in the cluster."""
    groups = [group("g6.xlarge", CLAIMED, 1), group("g6.xlarge", {}, 1, "plain")]
    models = {
        "claims": (model("claims", 1, WHOLE), True),
        "claims-more": (model("claims-more", 1, WHOLE), False),
        "asks": (model("asks", 1, None, "plain"), True),
        "claims-of-plain": (model("claims-of-plain", 1, WHOLE, "plain"), False),
        "asks-of-claimed": (model("asks-of-claimed", 1, None), False),
    }
    made = [each for workload, _ in models.values() for each in deployed(workload, 1)]
    placed = placement(groups, made)
    assert {each.name for each in placed.waiting} == {name for name, (_, runs) in models.items() if not runs}
    waits = {
        "claims-more": "cannot allocate all claims",
        "claims-of-plain": "cannot allocate all claims",
        "asks-of-claimed": "Insufficient nvidia.com/gpu",
    }
    reasons = {misfit.name: misfit.reasons for misfit in placed.misfits if misfit.at == "floor"}
    assert "plain: claims 1 GPU, a g6.xlarge node offers 0" in reasons["claims-of-plain"]
    assert "gpu: asks for 1 GPU, a g6.xlarge node offers 0" in reasons["asks-of-claimed"]

    offered = list(pools(ResourceGraph(groups)))
    start(claims, [node for pool in offered for node in nodes_of(pool, 1)])
    publish(claims, [pool for pool in offered if pool.name == "gpu"])
    for thing in made:
        claims.apply(thing)
        # The next one comes when this one has what it gets: the first to claim has the GPU.
        if thing["kind"] == "Deployment":
            name = thing["metadata"]["name"]
            _, runs = models[name]
            if runs:
                until(lambda name=name: _placed(claims, name), SECONDS, lambda: _told(claims))
            else:
                until_unschedulable(lambda name=name: _pods(claims, name), waits[name])
    assert {name for name in models if _placed(claims, name)} == {name for name, (_, runs) in models.items() if runs}


def placement(groups: list[Resource], made: list[Object]) -> Placement:
    """What a plan of these objects says."""
    found = [
        resource(f"kubernetes:{each['apiVersion']}:{each['kind']}", each["metadata"]["name"], each) for each in made
    ]
    return place(ResourceGraph([*groups, *found]))


def _pods(api: Api, model: str = "") -> list[Object]:
    return api.list("v1", "Pod", "shop", f"app.kubernetes.io/instance={model}" if model else "")


def _placed(api: Api, model: str = "") -> list[Object]:
    return [pod for pod in _pods(api, model) if pod["spec"].get("nodeName")]


def _told(api: Api) -> str:
    return f"{len(_placed(api))} placed; {unschedulable(_pods(api))}"


def _devices(claim: Object) -> list[Object]:
    return claim.get("status", {}).get("allocation", {}).get("devices", {}).get("results", [])
