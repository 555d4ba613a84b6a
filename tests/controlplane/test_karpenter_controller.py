"""Karpenter's own controller does with planned NodePools and pods what the plan says of them.

The NodePools are the planned ones but for the node class that they name; its machines are simulated.
"""

from __future__ import annotations

import copy
import shutil
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
import yaml
from modelyard.graph import Resource, ResourceGraph
from modelyard.placement import place, pools
from plan.aws.node_pools import RESERVATION, cpu_pool, gpu_pool
from plan.aws.test_karpenter_pools import NODE_POOL, graph_with

from .api import Api, Object, until
from .build import COMMAND, built
from .control_plane import ControlPlane, NotHere
from .definitions import control_plane_with_definitions
from .environments import ROOT, Environment
from .karpenter import CAPACITY_LABEL, POOL_LABEL, TYPE_LABEL, is_ready, node_pool, refused_pods, start_karpenter, told

pytestmark = pytest.mark.whole

NAMESPACE = "models"
SECONDS = 180


@dataclass(frozen=True)
class Cluster:
    """A control plane with Karpenter, and nothing else that starts nodes."""

    plane: ControlPlane
    api: Api


@pytest.fixture(scope="module")
def cluster() -> Iterator[Cluster]:
    if built("karpenter") is None:
        pytest.skip(f"Karpenter's controller is not built; run `{COMMAND}`, which needs Go")
    try:
        with control_plane_with_definitions() as plane:
            api = plane.api()
            plane.start_scheduling()
            start_karpenter(plane, api)
            api.apply({"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": NAMESPACE}})
            yield Cluster(plane, api)
            plane.check()
            api.close()
    except NotHere as error:
        pytest.skip(f"no control plane to test against: {error}")


@dataclass(frozen=True)
class Pods:
    """A Deployment: how many pods, what each asks for, and of which pool."""

    count: int
    pool: str
    asked: dict[str, str]
    tolerates: tuple[str, ...] = ("nvidia.com/gpu",)

    def deployment(self, name: str) -> Object:
        labels = {"app.kubernetes.io/name": name}
        spec: dict[str, Any] = {
            "nodeSelector": {"modelyard.dev/pool": self.pool},
            "tolerations": [{"key": key, "operator": "Exists"} for key in self.tolerates],
            "terminationGracePeriodSeconds": 0,
            "containers": [
                {"name": "server", "image": "registry.example/server:1", "resources": {"limits": self.asked}}
            ],
        }
        template = {"metadata": {"labels": labels, "annotations": {"modelyard.dev/cluster": "east"}}, "spec": spec}
        return {
            "apiVersion": "apps/v1",
            "kind": "Deployment",
            "metadata": {"name": name, "namespace": NAMESPACE},
            "spec": {"replicas": self.count, "selector": {"matchLabels": labels}, "template": template},
        }


def one_gpu(count: int, pool: str, **more: Any) -> Pods:
    return Pods(count, pool, {"nvidia.com/gpu": "1", "cpu": "1", "memory": "2Gi"}, **more)


def karpenter_pool(name: str, **args: Any) -> Callable[..., None]:
    """One whose empty machines go soon."""
    return gpu_pool(f"prod-east-{name}", name=name, provisioner="karpenter", karpenter={"unused_minutes": 1}, **args)


H100 = {"accelerator": "H100", "gpus_per_node": 8, "instance_types": ["p5.48xlarge"]}
EIGHT = {"nvidia.com/gpu": "8", "cpu": "64", "memory": "256Gi"}
CASES: dict[str, tuple[Any, Pods, dict[str, int]]] = {
    # The pool, its pods, and the nodes that come, by how they are bought.
    "within the limit": (karpenter_pool("within", max_nodes=3), one_gpu(3, "within"), {"on-demand": 3}),
    "beyond the limit": (karpenter_pool("beyond", max_nodes=2), one_gpu(3, "beyond"), {"on-demand": 2}),
    "cheapest of several": (
        karpenter_pool("several", instance_types=["g6.xlarge", "g6.4xlarge", "g6.8xlarge"], max_nodes=2),
        one_gpu(1, "several"),
        {"on-demand": 1},
    ),
    "four on one machine": (
        karpenter_pool("four", accelerator="A10G", gpus_per_node=4, instance_types=["g5.12xlarge"], max_nodes=2),
        one_gpu(6, "four"),
        {"on-demand": 2},
    ),
    "more than a machine has": (
        karpenter_pool("large", max_nodes=2),
        Pods(1, "large", {"nvidia.com/gpu": "2", "cpu": "1"}),
        {},
    ),
    "more memory than it leaves": (
        karpenter_pool("heavy", max_nodes=2, instance_types=["g6.xlarge"]),
        Pods(1, "heavy", {"nvidia.com/gpu": "1", "memory": "14Gi"}),
        {},
    ),
    "no toleration": (karpenter_pool("closed", max_nodes=2), one_gpu(1, "closed", tolerates=()), {}),
    "a taint of one's own": (
        karpenter_pool("team", max_nodes=2, taints=[{"key": "team", "value": "vision", "effect": "NoSchedule"}]),
        one_gpu(1, "team", tolerates=("nvidia.com/gpu", "team")),
        {"on-demand": 1},
    ),
    "spot": (karpenter_pool("spot", capacity="spot", max_nodes=2), one_gpu(1, "spot"), {"spot": 1}),
    "within the floor": (
        karpenter_pool("ground", capacity="spot", spot={"on_demand_floor": 1}, max_nodes=3),
        one_gpu(1, "ground"),
        {"on-demand": 1},
    ),
    "beyond the floor": (
        karpenter_pool("floor", capacity="spot", spot={"on_demand_floor": 1}, max_nodes=3),
        one_gpu(4, "floor"),
        {"on-demand": 1, "spot": 2},
    ),
    "a reservation first": (
        karpenter_pool(
            "reserved", capacity="reservation", reservation={"id": RESERVATION, "affinity": "any"}, max_nodes=2, **H100
        ),
        # The simulation does not count what is left of a reservation.
        Pods(1, "reserved", EIGHT),
        {"reserved": 1},
    ),
    "neuron": (
        karpenter_pool("neuron", accelerator="Inferentia2", instance_types=["inf2.xlarge"], max_nodes=1),
        Pods(2, "neuron", {"aws.amazon.com/neuron": "1", "cpu": "1"}, ("aws.amazon.com/neuron",)),
        {"on-demand": 1},
    ),
    "arm": (
        karpenter_pool("arm", accelerator="T4G", instance_types=["g5g.xlarge"], max_nodes=1),
        one_gpu(1, "arm"),
        {"on-demand": 1},
    ),
    "cores": (
        cpu_pool("prod-east-cores", name="cores", provisioner="karpenter", instance_types=["m6i.2xlarge"], max_nodes=2),
        Pods(5, "cores", {"cpu": "3", "memory": "4Gi"}, ()),
        {"on-demand": 2},
    ),
}


def test_pods_that_stand_by_bring_a_machine_each(cluster: Cluster) -> None:
    times = {"recurrence": "0 8 * * *", "min_nodes": 2, "desired_nodes": 2, "max_nodes": 3}
    pool = karpenter_pool("standby", max_nodes=3, schedules=[{"name": "day", **times}])
    graph = graph_with(pool)
    _apply_pools(cluster, graph)
    kinds = ("Namespace", "PriorityClass", "Deployment")
    objects = [copy.deepcopy(dict(each.inputs)) for kind in kinds for each in graph if each.type.endswith(f":{kind}")]
    for each in objects:
        cluster.api.apply(each)
    deployment = objects[-1]
    scale = f"{cluster.api.path(deployment)}/scale"
    for nodes in (2, 3):
        cluster.api.request("PATCH", scale, None, {"spec": {"replicas": nodes}}, content="application/merge-patch+json")
        until(lambda all_=nodes: len(_running(cluster, deployment)) == all_, SECONDS, lambda: _state(cluster))
        until(lambda all_=nodes: len(_nodes(cluster, "standby")) == all_, SECONDS, lambda: _state(cluster))
    cluster.api.delete(deployment)


@pytest.mark.parametrize("case", CASES)
def test_machines_come_and_pods_wait_as_planned(cluster: Cluster, case: str) -> None:
    pool, pods, bought = CASES[case]
    deployment = pods.deployment(f"{pods.pool}-model")
    graph = graph_with(pool)
    waiting = sum(each.replicas for each in place(ResourceGraph([*graph, _resource(deployment)])).waiting)
    named = {each.name: each.instance_type for each in pools(graph)}

    _apply_pools(cluster, graph)
    cluster.api.create(deployment)
    until(lambda: len(_running(cluster, deployment)) == pods.count - waiting, SECONDS, lambda: _state(cluster))
    until(lambda: len(_given_up(cluster, deployment)) == waiting, SECONDS, lambda: _state(cluster))

    # A machine too many, which came in passing, goes.
    until(lambda: _bought(cluster, pods.pool) == bought, SECONDS, lambda: _state(cluster))
    assert len(_running(cluster, deployment)) == pods.count - waiting
    nodes = _nodes(cluster, pods.pool)
    assert {each["metadata"]["labels"][TYPE_LABEL] for each in nodes} <= {named[pods.pool]}
    planned = {each.inputs["metadata"]["name"]: each.inputs["spec"]["template"] for each in graph.of_type(NODE_POOL)}
    for node in nodes:
        template = planned[node["metadata"]["labels"][POOL_LABEL]]
        assert template["metadata"]["labels"].items() <= node["metadata"]["labels"].items()
        assert _taints(template["spec"]["taints"]) <= _taints(node["spec"].get("taints", []))


def test_a_plan_becomes_true(cluster: Cluster, tmp_path: Path) -> None:
    """Models of an environment whose pools are Karpenter's run where the plan says, on the machines that it prices."""
    environment = _production(tmp_path)
    for thing in environment.objects("east", "Namespace", "PriorityClass"):
        cluster.api.apply(thing)
    for thing in environment.objects("east", "ServiceAccount", "ConfigMap"):
        cluster.api.apply(thing)
    for stack in environment.document.stacks:
        _apply_pools(cluster, stack.graph)
    scalers = {
        each["spec"]["scaleTargetRef"]["name"]: each for each in environment.objects("east", "HorizontalPodAutoscaler")
    }
    deployments = []
    for planned in environment.objects("east", "Deployment"):
        thing = copy.deepcopy(planned)
        thing["spec"]["replicas"] = scalers[thing["metadata"]["name"]]["spec"]["minReplicas"]
        deployments.append(cluster.api.apply(thing))
    assert deployments
    for each in deployments:
        count = each["spec"]["replicas"]
        until(lambda one=each, all_=count: len(_running(cluster, one)) == all_, SECONDS, lambda: _state(cluster))

    counted = 0
    for each in environment.document.placement.pools:
        if each.pool.cluster != "east" or each.pool.name == "system":
            continue
        name, needed = each.pool.name, each.nodes_needed_at_floor
        # The scheduler may fill its machines otherwise than the controller reckoned: a machine too many then comes for
        # the spread that a pod prefers, stays empty, and goes.
        until(lambda one=name, all_=needed: len(_nodes(cluster, one)) == all_, SECONDS, lambda: _state(cluster))
        nodes = _nodes(cluster, name)
        assert {node["metadata"]["labels"][TYPE_LABEL] for node in nodes} <= {each.pool.instance_type}
        counted += len(nodes)
    assert counted


def test_nodes_are_exchanged_as_the_budget_says(cluster: Cluster) -> None:
    """A changed label makes every node another; no more than one goes at a time, and each successor is there first."""
    deployment = one_gpu(3, "budget").deployment("budget-model")
    _apply_pools(cluster, graph_with(karpenter_pool("budget", max_nodes=4)))
    cluster.api.create(deployment)
    until(lambda: len(_running(cluster, deployment)) == 3, SECONDS, lambda: _state(cluster))
    until(lambda: len(_nodes(cluster, "budget")) == 3, SECONDS, lambda: _state(cluster))
    before = {node["metadata"]["name"] for node in _nodes(cluster, "budget")}

    _apply_pools(cluster, graph_with(karpenter_pool("budget", max_nodes=4, labels={"example.com/kind": "new"})))
    most, fewest = 0, 3

    def exchanged() -> bool:
        nonlocal most, fewest
        nodes = _nodes(cluster, "budget")
        going = [
            each for each in nodes if any(one["key"] == "karpenter.sh/disrupted" for one in each["spec"]["taints"])
        ]
        most = max(most, len(going))
        fewest = min(fewest, len(nodes))
        return not before & {node["metadata"]["name"] for node in nodes} and len(_running(cluster, deployment)) == 3

    until(exchanged, 2 * SECONDS, lambda: _state(cluster))
    assert most == 1
    assert fewest == 3
    labels = [node["metadata"]["labels"].get("example.com/kind") for node in _nodes(cluster, "budget")]
    assert set(labels) == {"new"}


def _production(folder: Path) -> Environment:
    """Production's environment with one cluster, whose GPU nodes Karpenter starts."""
    shutil.copy(ROOT / "Pulumi.yaml", folder)
    shutil.copytree(ROOT / "stacks", folder / "stacks")
    platform = folder / "stacks" / "prod" / "platform.yaml"
    declared = yaml.safe_load(platform.read_text(encoding="utf-8"))
    for each in declared["clusters"]:
        each["node_autoscaler"] = "karpenter"
        for pool in each["gpu_pools"]:
            pool.update(provisioner="karpenter", min_nodes=0, karpenter={"unused_minutes": 1})
    platform.write_text(yaml.safe_dump(declared), encoding="utf-8")
    return Environment(folder / "stacks" / "prod", "prod")


def _apply_pools(cluster: Cluster, graph: ResourceGraph) -> None:
    planned = [copy.deepcopy(dict(each.inputs)) for each in graph.of_type(NODE_POOL)]
    for each in planned:
        if each["spec"]["template"]["metadata"]["labels"]["modelyard.dev/cluster"] != "east":
            continue
        machines, pool = node_pool(each)
        cluster.api.apply(machines)
        cluster.api.apply(pool)
        until(
            lambda one=pool: is_ready(cluster.api.request("GET", cluster.api.path(one))),
            SECONDS,
            lambda one=pool: told(cluster.api.request("GET", cluster.api.path(one))),
        )


def _resource(deployment: Object) -> Resource:
    name = deployment["metadata"]["name"]
    kind = "kubernetes:apps/v1:Deployment"
    return Resource(
        urn=f"urn:pulumi:prod::modelyard::{kind}::{name}", type=kind, name=name, inputs=deployment, stack="prod"
    )


def _pods(cluster: Cluster, deployment: Object) -> list[Object]:
    labels = deployment["spec"]["selector"]["matchLabels"]
    selector = ",".join(f"{key}={value}" for key, value in labels.items())
    return cluster.api.list("v1", "Pod", deployment["metadata"]["namespace"], selector)


def _running(cluster: Cluster, deployment: Object) -> list[Object]:
    cluster.plane.check()
    return [
        each
        for each in _pods(cluster, deployment)
        if each["status"].get("phase") == "Running" and "deletionTimestamp" not in each["metadata"]
    ]


def _given_up(cluster: Cluster, deployment: Object) -> set[str]:
    """Pods of which the controller has said that no machine that it may start would take them."""
    names = {each["metadata"]["name"] for each in _pods(cluster, deployment) if "nodeName" not in each["spec"]}
    return names & refused_pods(cluster.plane)


def _nodes(cluster: Cluster, pool: str) -> list[Object]:
    nodes = cluster.api.list("v1", "Node", selector=f"modelyard.dev/pool={pool}")
    assert all(POOL_LABEL in each["metadata"]["labels"] for each in nodes)
    return nodes


def _bought(cluster: Cluster, pool: str) -> dict[str, int]:
    """Nodes, by how they are bought."""
    return Counter(each["metadata"]["labels"][CAPACITY_LABEL] for each in _nodes(cluster, pool))


def _taints(taints: list[Object]) -> set[tuple[str, str, str]]:
    return {(each["key"], each.get("value", ""), each["effect"]) for each in taints}


def _state(cluster: Cluster) -> str:
    pods = {
        each["metadata"]["name"]: f"{each['status'].get('phase')} on {each['spec'].get('nodeName')}"
        for each in cluster.api.list("v1", "Pod")
    }
    return f"{pods}\n{cluster.plane.log('karpenter')[-4000:]}"
