"""One declaration of schedules on every cloud and provisioner: who follows it, and what keeps the nodes."""

from __future__ import annotations

import json
from dataclasses import dataclass
from functools import cache
from typing import Any

import pulumi
import pulumi_kubernetes as kubernetes
import pytest
from modelyard.capacity.cpu_node_pool import CpuNodePool
from modelyard.capacity.gpu_node_pool import GpuNodePool
from modelyard.cost import estimate
from modelyard.graph import Resource, ResourceGraph
from modelyard.offline import run
from modelyard.placement import place
from modelyard.review.verdicts import run_policies
from recorded_graph import one, waits_for

from .aws.node_pools import NODE_GROUP, OF_CLUSTER
from .aws.program import PLATFORM

DEPLOYMENT = "kubernetes:apps/v1:Deployment"
CRON_JOB = "kubernetes:batch/v1:CronJob"
SCHEDULE = "aws:autoscaling/schedule:Schedule"
DAY = {"name": "day", "recurrence": "0 8 * * 1-5", "timezone": "Europe/London"}
NIGHT = {"name": "night", "recurrence": "30 18 * * 1-7", "timezone": "Europe/London"}
SCHEDULES = [
    {**DAY, "min_nodes": 3, "desired_nodes": 3, "max_nodes": 4},
    {**NIGHT, "min_nodes": 1, "desired_nodes": 1, "max_nodes": 4},
]


@dataclass(frozen=True)
class Case:
    arguments: dict[str, Any]
    brings: str
    """Type of what brings the nodes."""
    tolerates: tuple[tuple[str, str], ...]
    """Keys and values."""
    selects: tuple[tuple[str, str], ...] = ()
    """Besides the pool."""


_EKS = OF_CLUSTER
_GKE: dict[str, Any] = {
    "cloud": "gcp",
    "region": "us-central1",
    "cluster": "east",
    "cluster_name": "prod-east",
    "service_account": "modelyard-prod@shop-prod.iam.gserviceaccount.com",
    "ownership": PLATFORM.args(),
}
_AKS: dict[str, Any] = {
    "cloud": "azure",
    "region": "eastus",
    "cluster": "east",
    "cluster_name": "prod-east",
    "resource_group": "ml",
    "ownership": PLATFORM.args(),
}
_GPU = ("nvidia.com/gpu", "present")
_L4, _T4 = {"accelerator": "L4", "max_nodes": 4}, {"accelerator": "T4", "max_nodes": 4}
_CLASS = ("cloud.google.com/compute-class", "pool")
CASES = {
    "karpenter": Case({**_EKS, **_L4, "provisioner": "karpenter"}, "kubernetes:karpenter.sh/v1:NodePool", (_GPU,)),
    "auto_mode": Case({**_EKS, **_L4, "provisioner": "auto_mode"}, "kubernetes:karpenter.sh/v1:NodePool", (_GPU,)),
    "gke": Case(
        {**_GKE, **_L4, "zones": ["us-central1-a"], "min_nodes": 1, "taints": [{"key": "team", "value": "vision"}]},
        "gcp:container/nodePool:NodePool",
        (_GPU, ("team", "vision")),
    ),
    "compute_class": Case(
        {**_GKE, **_L4, "provisioner": "compute_class"},
        "kubernetes:cloud.google.com/v1:ComputeClass",
        (_GPU, _CLASS),
        (_CLASS,),
    ),
    "tpu": Case(
        {**_GKE, "accelerator": "TPU-v5e", "gpus_per_node": 4, "max_nodes": 4, "region": "us-west1"},
        "gcp:container/nodePool:NodePool",
        (("google.com/tpu", "present"),),
        (
            ("cloud.google.com/gke-tpu-accelerator", "tpu-v5-lite-podslice"),
            ("cloud.google.com/gke-tpu-topology", "2x2"),
        ),
    ),
    "aks": Case({**_AKS, **_T4}, "azure-native:containerservice:AgentPool", (_GPU,)),
    "aks spot": Case(
        {**_AKS, **_T4, "capacity": "spot", "spot": {"on_demand_floor": 1}},
        "azure-native:containerservice:AgentPool",
        (_GPU, ("kubernetes.azure.com/scalesetpriority", "spot")),
    ),
    "cpu": Case(
        {**_AKS, "instance_types": ["Standard_D4s_v5"], "max_nodes": 4},
        "azure-native:containerservice:AgentPool",
        (),
    ),
}


@cache
def planned(name: str) -> ResourceGraph:
    return graph_of(CASES[name].arguments)


def graph_of(arguments: dict[str, Any], schedules: Any = SCHEDULES) -> ResourceGraph:
    told: Any = {"name": "pool", "schedules": schedules, **arguments}

    def program() -> None:
        cluster = kubernetes.Provider("cluster", kubeconfig="apiVersion: v1", cluster_identifier="east")
        component = GpuNodePool if "accelerator" in told else CpuNodePool
        component("prod-east-pool", told, pulumi.ResourceOptions(providers=[cluster]))

    return run(program, project="modelyard", stack="prod").graph


def pod_of(graph: ResourceGraph) -> dict[str, Any]:
    return dict(one(graph, DEPLOYMENT).inputs["spec"]["template"]["spec"])


@pytest.mark.parametrize("name", CASES)
def test_pods_stand_by_on_its_nodes_one_on_each(name: str) -> None:
    graph, case = planned(name), CASES[name]
    deployment = one(graph, DEPLOYMENT)
    pod = pod_of(graph)
    assert pod["nodeSelector"] == {"modelyard.dev/pool": "pool", **dict(case.selects)}
    assert [(each["key"], each.get("value", "")) for each in pod["tolerations"]] == list(case.tolerates)
    (apart,) = pod["affinity"]["podAntiAffinity"]["requiredDuringSchedulingIgnoredDuringExecution"]
    labels = deployment.inputs["spec"]["template"]["metadata"]["labels"]
    assert apart["topologyKey"] == "kubernetes.io/hostname"
    assert apart["labelSelector"]["matchLabels"].items() <= labels.items()
    assert all("gpu" not in key for each in pod["containers"] for key in each["resources"]["requests"])
    for group in graph.of_type(case.brings):
        assert waits_for(graph, deployment, group), group.name


@pytest.mark.parametrize("name", CASES)
def test_the_schedules_own_the_number_from_the_first_on(name: str) -> None:
    graph, case = planned(name), CASES[name]
    deployment = one(graph, DEPLOYMENT)
    assert deployment.inputs["spec"]["replicas"] == case.arguments.get("min_nodes", 0)
    assert list(deployment.ignore_changes) == ["spec.replicas"]
    jobs = {job.inputs["metadata"]["name"]: job for job in graph.of_type(CRON_JOB)}
    told = {name: (job.inputs["spec"]["schedule"], job.inputs["spec"]["timeZone"]) for name, job in jobs.items()}
    # CronJobs know no day 7.
    assert told == {"day": ("0 8 * * 1-5", "Europe/London"), "night": ("30 18 * * *", "Europe/London")}
    assert {name: replicas_of(job) for name, job in jobs.items()} == {"day": 3, "night": 1}
    assert all(waits_for(graph, job, deployment) for job in jobs.values())


def replicas_of(job: Resource) -> int:
    (container,) = job.inputs["spec"]["jobTemplate"]["spec"]["template"]["spec"]["containers"]
    (patch,) = (each.removeprefix("--patch=") for each in container["args"] if each.startswith("--patch="))
    return json.loads(patch)["spec"]["replicas"]


@pytest.mark.parametrize("name", CASES)
def test_nobody_else_is_scaled_and_nothing_else_allowed(name: str) -> None:
    graph = planned(name)
    (rule,) = one(graph, "kubernetes:rbac.authorization.k8s.io/v1:Role").inputs["rules"]
    assert rule == {
        "apiGroups": ["apps"],
        "resources": ["deployments/scale"],
        "resourceNames": [one(graph, DEPLOYMENT).inputs["metadata"]["name"]],
        "verbs": ["get", "patch"],
    }


@pytest.mark.parametrize("name", CASES)
def test_nodes_are_kept_and_counted(name: str) -> None:
    placed = place(planned(name))
    assert placed.misfits == () and placed.waiting == () and placed.undetermined == ()
    assert sum(pool.nodes_at_floor or 0 for pool in placed.pools) == 3


@pytest.mark.parametrize("name", ["karpenter", "gke"])
def test_nodes_cost_by_the_hours_that_keep_them(name: str) -> None:
    """Three nodes for ten and a half hours of five days, else one."""
    arguments = CASES[name].arguments
    by_day = 5 * 10.5 / 168
    one_node, three_nodes = (float(estimate(graph_of(arguments, [all_week(nodes)])).total) for nodes in (1, 3))
    assert one_node < three_nodes
    total = float(estimate(planned(name)).total)
    assert total == pytest.approx(one_node + (three_nodes - one_node) * by_day, abs=0.02)


def all_week(nodes: int) -> dict[str, Any]:
    return {**DAY, "min_nodes": nodes, "desired_nodes": nodes, "max_nodes": 4}


def test_a_managed_group_of_eks_follows_them_itself() -> None:
    graph = graph_of({**_EKS, **_L4})
    assert len(graph.of_type(SCHEDULE)) == 2 and graph.of_type(NODE_GROUP)
    assert graph.of_type(DEPLOYMENT, CRON_JOB) == []
    assert [pool.nodes_at_floor for pool in place(graph).pools] == [3]


def test_a_pool_without_schedules_has_no_pods() -> None:
    graph = graph_of(CASES["gke"].arguments, [])
    assert [each.type for each in graph if each.type.startswith("kubernetes:")] == []


@pytest.mark.parametrize("capacity", ["on_demand", "spot"])
@pytest.mark.parametrize("name", ["karpenter", "gke", "aks"])
def test_every_policy_is_kept(name: str, capacity: str) -> None:
    graph = graph_of({**CASES[name].arguments, "capacity": capacity})
    inner = {each.urn for each in graph if "standby" in each.name or each.type in (CRON_JOB, DEPLOYMENT)}
    assert inner
    found = [(verdict.policy, verdict.message) for verdict in run_policies(graph, {}) if verdict.urn in inner]
    assert found == []
