"""Production's stacks fit together: what each department's pods need, the foundation declares."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from modelyard.graph import Resource, ResourceGraph
from modelyard.review.build import plan
from modelyard.review.plan import PlanDocument

STACKS = Path(__file__).resolve().parents[2] / "stacks"
DEPLOYMENT = "kubernetes:apps/v1:Deployment"
SERVICES = [
    (cluster, department, model)
    for cluster in ("east", "west")
    for department, model in (
        ("merchandising", "product-tagging"),
        ("customer-insights", "review-analysis"),
        ("supply-chain", "demand-forecasting"),
    )
]


@pytest.fixture(scope="module")
def prod() -> PlanDocument:
    return plan(STACKS / "prod", STACKS)


@pytest.fixture(scope="module")
def foundation(prod: PlanDocument) -> ResourceGraph:
    return graph(prod, "prod-foundation")


def graph(document: PlanDocument, stack: str) -> ResourceGraph:
    return next(each.graph for each in document.stacks if each.name == stack)


def deployment(prod: PlanDocument, cluster: str, department: str, model: str) -> Resource:
    return named(graph(prod, f"prod-{department}"), DEPLOYMENT, cluster, model)


def deployments(prod: PlanDocument) -> Iterator[Resource]:
    return (each for stack in prod.stacks for each in stack.graph.of_type(DEPLOYMENT))


def named(among: ResourceGraph, kind: str, cluster: str, model: str) -> Resource:
    (found,) = (each for each in among.of_type(kind) if each.name == f"prod-{cluster}-{model}")
    return found


def pod(deployed: Resource) -> dict[str, Any]:
    return deployed.inputs["spec"]["template"]


def on_cluster(foundation: ResourceGraph, cluster: str, kind: str) -> Iterator[Resource]:
    """Resources of a cluster, whose names begin with its physical name."""
    return (each for each in foundation.of_type(kind) if each.name.startswith(f"prod-{cluster}"))


def test_production_is_planned_whole_and_nothing_is_broken(prod: PlanDocument) -> None:
    assert prod.exit_code == 0
    assert prod.costs.unpriced == []
    assert prod.placement.to_json()["misfits"] == []
    assert len(list(deployments(prod))) == len(SERVICES)


@pytest.mark.parametrize(("cluster", "department", "model"), SERVICES)
def test_a_gpu_pod_is_scheduled(
    prod: PlanDocument, foundation: ResourceGraph, cluster: str, department: str, model: str
) -> None:
    template = pod(deployment(prod, cluster, department, model))
    allowed = allowed_pools(template["spec"])
    pools = {
        group.inputs["labels"]["modelyard.dev/pool"]: group
        for group in on_cluster(foundation, cluster, "aws:eks/nodeGroup:NodeGroup")
    }
    assert allowed <= set(pools)
    tolerated = {(each["key"], each["effect"]) for each in template["spec"]["tolerations"]}
    for name in allowed:
        taints = {(taint["key"], taint["effect"]) for taint in pools[name].inputs["taints"]}
        assert taints == {("nvidia.com/gpu", "NO_SCHEDULE")}
        assert pools[name].inputs["amiType"] == "AL2023_x86_64_NVIDIA"
    assert tolerated == {("nvidia.com/gpu", "NoSchedule")}
    guaranteed = pools[template["metadata"]["annotations"]["modelyard.dev/pool"]]
    assert guaranteed.inputs["capacityType"] == "ON_DEMAND"
    assert guaranteed.inputs["scalingConfig"]["minSize"] >= 2
    charts = [each.inputs["chart"] for each in on_cluster(foundation, cluster, "kubernetes:helm.sh/v3:Release")]
    assert any("nvidia-device-plugin" in chart for chart in charts)


def allowed_pools(spec: dict[str, Any]) -> set[str]:
    if "affinity" not in spec:
        return {spec["nodeSelector"]["modelyard.dev/pool"]}
    required = spec["affinity"]["nodeAffinity"]["requiredDuringSchedulingIgnoredDuringExecution"]
    (expression,) = (each for term in required["nodeSelectorTerms"] for each in term["matchExpressions"])
    assert (expression["key"], expression["operator"]) == ("modelyard.dev/pool", "In")
    return set(expression["values"])


@pytest.mark.parametrize(("cluster", "department", "model"), SERVICES)
def test_its_namespace_class_and_gateway_exist(
    prod: PlanDocument, foundation: ResourceGraph, cluster: str, department: str, model: str
) -> None:
    deployed = deployment(prod, cluster, department, model)
    namespaces = {
        each.inputs["metadata"]["name"] for each in on_cluster(foundation, cluster, "kubernetes:core/v1:Namespace")
    }
    assert deployed.inputs["metadata"]["namespace"] == department
    assert department in namespaces
    classes = on_cluster(foundation, cluster, "kubernetes:scheduling.k8s.io/v1:PriorityClass")
    assert pod(deployed)["spec"]["priorityClassName"] in {each.inputs["metadata"]["name"] for each in classes}
    route = named(
        graph(prod, f"prod-{department}"), "kubernetes:gateway.networking.k8s.io/v1:HTTPRoute", cluster, model
    )
    (parent,) = route.inputs["spec"]["parentRefs"]
    (gateway,) = on_cluster(foundation, cluster, "kubernetes:gateway.networking.k8s.io/v1:Gateway")
    metadata = gateway.inputs["metadata"]
    assert (parent["name"], parent["namespace"]) == (metadata["name"], metadata["namespace"])
    listener = next(each for each in gateway.inputs["spec"]["listeners"] if each["name"] == parent["sectionName"])
    (hostname,) = route.inputs["spec"]["hostnames"]
    assert hostname.partition(".")[2] == listener["hostname"].removeprefix("*.")


@pytest.mark.parametrize(("cluster", "department", "model"), SERVICES)
def test_it_pulls_by_digest_and_reads_what_is_uploaded(
    prod: PlanDocument, cluster: str, department: str, model: str
) -> None:
    stack = graph(prod, f"prod-{department}")
    deployed = deployment(prod, cluster, department, model)
    spec = pod(deployed)["spec"]
    assert all(
        re.search(r"@sha256:[0-9a-f]{64}$", container["image"])
        for container in (*spec["containers"], *spec["initContainers"])
    )
    environment = {each["name"]: each.get("value") for each in spec["initContainers"][0]["env"]}
    objects = [
        each for each in stack.of_type("aws:s3/bucketObjectv2:BucketObjectv2") if each.urn in deployed.dependencies
    ]
    keys = {each.inputs["key"] for each in objects}
    files = next(volume["configMap"]["name"] for volume in spec["volumes"] if volume["name"] == "files")
    lists = [each for each in stack.of_type("kubernetes:core/v1:ConfigMap") if each.urn in deployed.dependencies]
    (listed,) = (each.inputs["data"]["list"] for each in lists if each.inputs["metadata"]["name"] == files)
    rows = [line.split("\t") for line in listed.splitlines()]
    assert {row[3] for row in rows} == {f"{model}/config.pbtxt", f"{model}/1/model.onnx"}
    assert keys == {f"{environment['MODEL_PREFIX']}/{row[2]}" for row in rows}
    assert {each.inputs["region"] for each in objects} == {environment["AWS_REGION"]}
    association = named(stack, "aws:eks/podIdentityAssociation:PodIdentityAssociation", cluster, model)
    assert association.urn in deployed.dependencies
    assert (association.inputs["namespace"], association.inputs["serviceAccount"]) == (
        deployed.inputs["metadata"]["namespace"],
        spec["serviceAccountName"],
    )


@pytest.mark.parametrize("cluster", ["east", "west"])
def test_the_autoscalers_metric_is_served(prod: PlanDocument, foundation: ResourceGraph, cluster: str) -> None:
    (adapter,) = (
        each
        for each in on_cluster(foundation, cluster, "kubernetes:helm.sh/v3:Release")
        if "prometheus-adapter" in each.inputs["chart"]
    )
    rules = json.dumps(adapter.inputs["values"]["rules"])
    scaler = named(
        graph(prod, "prod-merchandising"),
        "kubernetes:autoscaling/v2:HorizontalPodAutoscaler",
        cluster,
        "product-tagging",
    )
    (metric,) = scaler.inputs["spec"]["metrics"]
    assert f'"{metric["pods"]["metric"]["name"]}"' in rules


@pytest.mark.parametrize(("cluster", "department", "model"), SERVICES)
def test_no_pod_starts_without_its_identity(
    prod: PlanDocument, foundation: ResourceGraph, cluster: str, department: str, model: str
) -> None:
    group = "kubernetes:admissionregistration.k8s.io/v1"
    (guard,) = on_cluster(foundation, cluster, f"{group}:ValidatingAdmissionPolicy")
    (binding,) = on_cluster(foundation, cluster, f"{group}:ValidatingAdmissionPolicyBinding")
    assert binding.inputs["spec"] == {
        "policyName": guard.inputs["metadata"]["name"],
        "validationActions": ["Deny"],
    }
    watched = guard.inputs["spec"]["matchConstraints"]["objectSelector"]["matchLabels"]
    labels = pod(deployment(prod, cluster, department, model))["metadata"]["labels"]
    assert watched.items() <= labels.items()
    (autoscaler,) = (
        each
        for each in on_cluster(foundation, cluster, "kubernetes:helm.sh/v3:Release")
        if "cluster-autoscaler" in each.inputs["chart"]
    )
    assert watched.items() <= autoscaler.inputs["values"]["podLabels"].items()
    assert guard.urn in autoscaler.dependencies
