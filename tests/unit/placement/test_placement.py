"""What placement promises: pods go where Kubernetes would let them, and what fits nowhere is said with its reason."""

from __future__ import annotations

import json
import random
from typing import Any

import pytest
from modelyard.catalog import allocatable, instance
from modelyard.graph import UNKNOWN, ResourceGraph, Secret
from modelyard.placement import Placement, Requests, place, workloads
from modelyard.placement.misfit_reasons import some
from modelyard.placement.quantity import mebibytes, millicores
from modelyard.placement.requests import pod_requests

from .plan import GPU_TOLERATION, autoscaler, deployment, graph, node_group, resource

ROOM = allocatable(instance("aws", "us-east-1", "g6.xlarge"))


@pytest.mark.parametrize(
    ("value", "cpu", "memory"),
    [
        ("500m", 500, 1),
        ("1.5", 1500, 1),
        (2, 2000, 1),
        ("0.1", 100, 1),
        ("100u", 1, 1),
        ("1Gi", 1024**3 * 1000, 1024),
        ("1G", 10**12, 954),
        ("1e3", 10**6, 1),
        ("four", None, None),
        (UNKNOWN, None, None),
        (Secret("4"), None, None),
        (True, None, None),
    ],
)
def test_quantities(value: Any, cpu: int | None, memory: int | None) -> None:
    assert millicores(value) == cpu
    assert mebibytes(value) == memory


def test_a_pod_asks_for_its_containers_or_its_largest_init_container() -> None:
    def container(cpu: str, memory: str, **more: Any) -> dict[str, Any]:
        return {"resources": {"requests": {"cpu": cpu, "memory": memory}}, **more}

    spec = {
        "initContainers": [container("4", "1Gi"), container("100m", "1Gi", restartPolicy="Always")],
        "containers": [container("1", "2Gi"), {"resources": {"limits": {"cpu": "500m", "nvidia.com/gpu": "1"}}}],
    }
    assert pod_requests(spec) == Requests(cpu_millicores=4000, memory_mib=3072, gpus=1)
    assert pod_requests({"initContainers": [container("1", "9Gi")], **{"containers": spec["containers"]}}) == Requests(
        cpu_millicores=1500, memory_mib=9216, gpus=1
    )


def test_gpu_pods_fill_nodes_and_an_autoscaler_sets_floor_and_maximum() -> None:
    # A g5.12xlarge has 4 GPUs: 6 guaranteed pods of one GPU need 2 nodes, 9 at most need 3.
    placed = place(
        graph(node_group("gpu", "g5.12xlarge", desired=1, most=3), deployment("a", replicas=1), autoscaler("a", 6, 9))
    )
    (pool,) = placed.pools
    assert (pool.nodes_needed_at_floor, pool.nodes_at_floor, pool.nodes_at_max) == (2, 2, 3)
    assert pool.fill_at_floor is not None and pool.fill_at_floor.gpu == 0.75
    # Of the 737 pods that it runs, six are on every node.
    assert pool.fill_at_floor.pods == round(6 / (2 * 731), 4)
    assert [(each.replicas_at_floor, each.replicas_at_max) for each in pool.residents] == [(6, 9)]
    assert placed.misfits == ()


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        ({"tolerations": []}, "gpu: does not tolerate the taint nvidia.com/gpu=present:NoSchedule"),
        (
            {"tolerations": [{"key": "other", "operator": "Equal", "value": "present"}]},
            "gpu: does not tolerate the taint nvidia.com/gpu=present:NoSchedule",
        ),
        (
            {"tolerations": [{"key": "nvidia.com/gpu", "operator": "Exists", "effect": "NoExecute"}]},
            "gpu: does not tolerate the taint nvidia.com/gpu=present:NoSchedule",
        ),
        (
            {"nodeSelector": {"modelyard.dev/accelerator": "H100"}},
            "gpu: asks for the node label modelyard.dev/accelerator=H100, the pool has none",
        ),
        ({"gpus": 2}, "gpu: asks for 2 GPU, a g6.xlarge node offers 1"),
        ({"memory": "16Gi"}, f"gpu: asks for 16384 MiB memory, a g6.xlarge node leaves {ROOM.memory_mib} MiB"),
        ({"cpu": "4"}, f"gpu: asks for 4000m CPU, a g6.xlarge node leaves {ROOM.cpu_millicores}m"),
        ({"replicas": 4}, "gpu: no room left on its 3 nodes (max_nodes)"),
        (
            {
                "affinity": {
                    "nodeAffinity": {
                        "requiredDuringSchedulingIgnoredDuringExecution": {
                            "nodeSelectorTerms": [
                                {"matchExpressions": [{"key": "gen", "operator": "In", "values": ["ada"]}]}
                            ]
                        }
                    }
                }
            },
            "gpu: requires nodes with gen In ada",
        ),
    ],
)
def test_what_fits_nowhere_says_why(changes: dict[str, Any], reason: str) -> None:
    placed = place(graph(node_group("gpu", most=3), deployment("a", **changes)))
    (misfit,) = (each for each in placed.misfits if each.at == "floor")
    assert misfit.replicas == 1
    assert misfit.reasons == (reason,)


def test_each_reason_is_said_once_with_its_pools() -> None:
    others = [node_group(f"other-{number}") for number in range(30)]
    team = {"key": "example.com/team", "value": "text", "effect": "NO_SCHEDULE"}
    tainted = [node_group(name, taints=[team], most=1, desired=0) for name in ("a", "b")]
    service = deployment("a", replicas=3, gpus=2, nodeSelector={})
    assert place(graph(*tainted, node_group("gpu", most=2), service)).misfits[0].reasons == (
        "gpu, a, b: asks for 2 GPU, a g6.xlarge node offers 1",
        "a, b: does not tolerate the taint example.com/team=text:NoSchedule",
    )
    assert place(graph(*others, *tainted, deployment("a"))).misfits[0].reasons == (
        "other-0, other-1, other-2, other-3, other-4, other-5, other-6, other-7 and 24 more pools: "
        "asks for the pool gpu",
    )


def test_where_a_workload_asks_for_a_pool_no_other_is_spoken_of() -> None:
    others = [node_group(f"other-{number}") for number in range(30)]
    cases: list[tuple[dict[str, Any], str]] = [
        ({"replicas": 3}, "gpu: no room left on its 1 node (max_nodes)"),
        ({"gpus": 2}, "gpu: asks for 2 GPU, a g6.xlarge node offers 1"),
    ]
    for asked, reason in cases:
        placed = place(graph(*others, node_group("gpu", most=1), deployment("a", **asked)))
        assert placed.misfits[0].reasons == (reason,)


def test_of_very_many_reasons_only_some_are_said() -> None:
    tainted = [
        node_group(f"pool-{number}", taints=[{"key": f"team-{number}", "effect": "NO_SCHEDULE"}])
        for number in range(12)
    ]
    reasons = place(graph(*tainted, deployment("a", nodeSelector={}))).misfits[0].reasons
    assert reasons[0] == "pool-0: does not tolerate the taint team-0:NoSchedule"
    assert (len(reasons), reasons[-1]) == (11, "2 more reasons of other pools")


@pytest.mark.parametrize(
    ("terms", "reason"),
    [
        ([[("modelyard.dev/pool", "In", "one", "two")]], "asks for the pool one or two"),
        (
            [[("modelyard.dev/pool", "In", "one")], [("modelyard.dev/pool", "In", "two")]],
            "asks for the pool one or two",
        ),
        (
            [[("modelyard.dev/pool", "In", "gpu"), ("gen", "In", "ada")]],
            "requires nodes with modelyard.dev/pool In gpu and gen In ada",
        ),
        (
            [[("modelyard.dev/pool", "In", "one")], [("gen", "Exists")]],
            "requires nodes with modelyard.dev/pool In one or gen Exists",
        ),
    ],
)
def test_affinity_that_asks_for_other_pools(terms: list[list[tuple[str, ...]]], reason: str) -> None:
    selected = [
        {"matchExpressions": [{"key": key, "operator": how, "values": values} for key, how, *values in term]}
        for term in terms
    ]
    required = {"requiredDuringSchedulingIgnoredDuringExecution": {"nodeSelectorTerms": selected}}
    service = deployment("a", nodeSelector={}, affinity={"nodeAffinity": required})
    assert place(graph(node_group("gpu"), service)).misfits[0].reasons == (f"gpu: {reason}",)


def test_guaranteed_replicas_stay_on_their_pool_and_further_ones_go_where_they_are_preferred() -> None:
    prefers_spot = {
        "nodeAffinity": {
            "preferredDuringSchedulingIgnoredDuringExecution": [
                {
                    "weight": 100,
                    "preference": {
                        "matchExpressions": [
                            {"key": "eks.amazonaws.com/capacityType", "operator": "In", "values": ["SPOT"]}
                        ]
                    },
                }
            ]
        }
    }
    placed = place(
        graph(
            node_group("steady", most=5),
            node_group("spot", spot=True, most=2, desired=0),
            deployment("a", pool="steady", nodeSelector={}, affinity=prefers_spot),
            autoscaler("a", 2, 5),
        )
    )
    steady, spot = placed.pools
    assert [(each.replicas_at_floor, each.replicas_at_max) for each in steady.residents] == [(2, 3)]
    assert [(each.replicas_at_floor, each.replicas_at_max) for each in spot.residents] == [(0, 2)]


@pytest.mark.parametrize(
    ("most", "strategy", "blocked"),
    [
        (3, {"rollingUpdate": {"maxSurge": 1, "maxUnavailable": 0}}, False),
        (2, {"rollingUpdate": {"maxSurge": 1, "maxUnavailable": 0}}, True),
        (2, {"rollingUpdate": {"maxSurge": 0, "maxUnavailable": 1}}, False),
        (2, {"type": "Recreate"}, False),
        # The default (25 %) rounds unavailable pods down to none of two, and surge up to one.
        (2, None, True),
    ],
)
def test_a_rollout_on_a_full_pool(most: int, strategy: dict[str, Any] | None, blocked: bool) -> None:
    service = deployment("a", replicas=2, strategy=strategy)
    placed = place(graph(node_group("gpu", most=most), service))
    assert placed.blocked["max"].get(placed.pools[0].pool.key, ()) == ((service.urn,) if blocked else ())


def test_pools_and_pods_may_be_in_different_stacks() -> None:
    foundation = graph(node_group("gpu"))
    department = graph(deployment("a", stack="prod-merchandising"))
    assert [each.workload.name for each in place(foundation, department).pools[0].residents] == ["a"]
    (alone,) = place(department).undetermined
    assert alone.reason == "the node pools of cluster main are in another stack"


@pytest.mark.parametrize(
    ("pool", "service", "reason"),
    [
        ({}, {"replicas": UNKNOWN}, "the number of replicas is not known before the deployment"),
        ({}, {"memory": UNKNOWN}, "a resource request or claim of its pods is not known before the deployment"),
        ({}, {"memory": Secret("4Gi")}, "a resource request or claim of its pods is not known before the deployment"),
        (
            {"instance_type": UNKNOWN},
            {},
            "the room on its nodes is not known (instance type: not known yet)",
        ),
        (
            {"instance_type": "x9.huge"},
            {},
            "the room on its nodes is not known (instance type: x9.huge)",
        ),
    ],
)
def test_what_a_plan_cannot_know_is_undetermined(pool: dict[str, Any], service: dict[str, Any], reason: str) -> None:
    placed = place(graph(node_group("gpu", **pool), deployment("a", **service)))
    assert [each.reason for each in placed.undetermined] == [reason]
    assert placed.misfits == ()


def test_an_autoscaler_whose_target_is_unknown_is_found_by_dependency() -> None:
    target = deployment("a")
    scaler = autoscaler("a", 3, 7, dependencies=(target.urn,))
    scaler.inputs["spec"]["scaleTargetRef"]["name"] = UNKNOWN
    (found,) = workloads(graph(target, scaler))
    assert (found.replicas_floor, found.replicas_max) == (3, 7)


def test_charts_and_nodes_started_on_demand_are_said_to_be_left_out() -> None:
    placed = place(
        graph(
            resource("kubernetes:helm.sh/v3:Release", "prometheus", {}),
            resource("kubernetes:karpenter.sh/v1:NodePool", "any", {}),
        )
    )
    assert placed.notes == (
        "pods that Helm charts create are not placed: prometheus",
        "nodes of pools whose machines are chosen as pods come are not counted: any",
    )


@pytest.mark.parametrize("seed", range(8))
def test_no_node_is_overfull_and_no_replica_is_lost(seed: int) -> None:
    """On random graphs: placed and misfit replicas add up, and no pool holds more than its nodes' room."""
    dice = random.Random(seed)
    made = [
        node_group(name, dice.choice(["g6.xlarge", "g5.12xlarge", "g6e.2xlarge"]), most=dice.randint(1, 8))
        for name in ("one", "two")
    ]
    for number in range(40):
        made.append(
            deployment(
                f"service-{number}",
                pool=dice.choice(["one", "two"]),
                replicas=dice.randint(0, 3),
                gpus=dice.choice([0, 1, 1, 2]),
                cpu=f"{dice.randint(100, 3000)}m",
                memory=f"{dice.randint(1, 12)}Gi",
                tolerations=[GPU_TOLERATION],
            )
        )
    dice.shuffle(made)
    plan = graph(*made)
    placed = place(plan)
    _adds_up(placed, plan)
    assert json.dumps(placed.to_json()) == json.dumps(place(plan).to_json())


def _adds_up(placed: Placement, plan: ResourceGraph) -> None:
    wanted = sum(each.replicas_floor or 0 for each in workloads(plan))
    housed = sum(resident.replicas_at_floor for pool in placed.pools for resident in pool.residents)
    assert wanted == housed + sum(each.replicas for each in placed.misfits if each.at == "floor")
    for each in placed.pools:
        assert each.pool.max_size is not None and each.nodes_needed_at_floor is not None
        assert each.nodes_needed_at_floor <= each.pool.max_size
        for fill in (each.fill_at_floor, each.fill_at_max):
            assert fill is not None and all((share or 0) <= 1 for share in (fill.gpu, fill.cpu, fill.memory))


def test_of_very_many_pools_some_are_named() -> None:
    assert some(("a", "b")) == "a, b"
    assert some([f"pool-{number}" for number in range(1200)]) == (
        "pool-0, pool-1, pool-2, pool-3, pool-4, pool-5, pool-6, pool-7 and 1,192 more pools"
    )


def test_ten_thousand_different_workloads_are_all_placed() -> None:
    made = [node_group("gpu", "g6e.12xlarge", most=10_000)]
    made += [
        deployment(f"model-{number}", cpu=f"{500 + number % 977}m", memory=f"{2000 + number}Mi")
        for number in range(10_000)
    ]
    placed = place(graph(*made))
    assert placed.misfits == ()
    # Four GPUs a node: never fewer than 2,500 nodes, and largest-first wastes few.
    assert 2_500 <= (placed.pools[0].nodes_needed_at_floor or 0) <= 2_600
