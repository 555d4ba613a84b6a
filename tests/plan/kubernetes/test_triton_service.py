"""What a TritonService makes: one test for each thing that its pods need to start, to run and to stop."""

from __future__ import annotations

from typing import Any

import pulumi
import pytest
from modelyard.capacity.software.cluster_software import ClusterSoftware
from modelyard.capacity.software.department_namespace import DepartmentNamespace
from modelyard.graph import ResourceGraph

from .program import PLATFORM, REGION, SHOP, graph_of, kubernetes_objects, one, run_program, waits_for
from .triton import pod, server, service


@pytest.fixture(scope="module")
def graph() -> ResourceGraph:
    return graph_of(service())


def test_it_makes_these_objects_and_no_others(graph: ResourceGraph) -> None:
    kinds = sorted(resource.inputs["kind"] for resource in kubernetes_objects(graph))
    assert kinds == [
        "BackendTrafficPolicy", "ConfigMap", "Deployment", "HTTPRoute", "HorizontalPodAutoscaler", "NetworkPolicy",
        "PodDisruptionBudget", "Service", "ServiceAccount",
    ]  # fmt: skip


def test_every_object_lies_in_the_departments_namespace_and_says_whose_it_is(graph: ResourceGraph) -> None:
    labels = {
        "modelyard.dev/department": "shop",
        "modelyard.dev/cost-center": "CC-2000",
        "modelyard.dev/environment": "prod",
        "modelyard.dev/model": "tagger",
        "app.kubernetes.io/managed-by": "modelyard",
    }
    metadata = [resource.inputs["metadata"] for resource in kubernetes_objects(graph)]
    metadata.append({**one(graph, "Deployment").inputs["spec"]["template"]["metadata"], "namespace": "shop"})
    assert all(one_metadata["namespace"] == "shop" for one_metadata in metadata)
    assert all(labels.items() <= one_metadata["labels"].items() for one_metadata in metadata)


def test_selectors_find_the_pods_and_stay_when_ownership_changes(graph: ResourceGraph) -> None:
    selector = {"app.kubernetes.io/name": "triton", "app.kubernetes.io/instance": "tagger"}
    deployment = one(graph, "Deployment").inputs["spec"]
    assert selector.items() <= deployment["template"]["metadata"]["labels"].items()
    assert deployment["selector"]["matchLabels"] == selector
    assert one(graph, "Service").inputs["spec"]["selector"] == selector
    assert one(graph, "NetworkPolicy").inputs["spec"]["podSelector"]["matchLabels"] == selector
    assert one(graph, "PodDisruptionBudget").inputs["spec"]["selector"]["matchLabels"] == selector
    spread = pod(one(graph, "Deployment"))["topologySpreadConstraints"]
    assert [constraint["labelSelector"]["matchLabels"] for constraint in spread] == [selector, selector]


def test_the_autoscaler_alone_owns_the_replicas(graph: ResourceGraph) -> None:
    assert "replicas" not in one(graph, "Deployment").inputs["spec"]
    spec = one(graph, "HorizontalPodAutoscaler").inputs["spec"]
    assert (spec["minReplicas"], spec["maxReplicas"]) == (2, 6)
    assert spec["scaleTargetRef"] == {"apiVersion": "apps/v1", "kind": "Deployment", "name": "tagger"}
    (metric,) = spec["metrics"]
    assert metric["pods"]["metric"]["name"] == "triton_queue_ms"
    assert metric["pods"]["target"] == {"type": "AverageValue", "averageValue": "7500m"}


def test_the_pod_is_restricted(graph: ResourceGraph) -> None:
    """The Pod Security Standard that the namespace enforces, and a root file system that nobody writes to."""
    spec = pod(one(graph, "Deployment"))
    assert spec["automountServiceAccountToken"] is False
    assert spec["securityContext"]["runAsNonRoot"] is True
    assert spec["securityContext"]["runAsUser"] == 1000
    assert spec["securityContext"]["seccompProfile"] == {"type": "RuntimeDefault"}
    for container in (*spec["containers"], *spec["initContainers"]):
        assert container["securityContext"] == {
            "allowPrivilegeEscalation": False,
            "readOnlyRootFilesystem": True,
            "capabilities": {"drop": ["ALL"]},
        }
        written = {mount["mountPath"] for mount in container["volumeMounts"] if not mount.get("readOnly")}
        assert "/tmp" in written
        assert {"name": "HOME", "value": "/tmp"} in container["env"]


def test_the_server_asks_for_what_was_declared() -> None:
    graph = graph_of(service(resources={"gpus": 2, "cpu": 3.5, "memory_gib": 12.5, "shared_memory_mib": 512}))
    assert server(graph)["resources"] == {
        "requests": {"cpu": "3500m", "memory": "12800Mi", "nvidia.com/gpu": "2"},
        "limits": {"memory": "12800Mi", "nvidia.com/gpu": "2"},
    }
    volumes = {volume["name"]: volume for volume in pod(one(graph, "Deployment"))["volumes"]}
    assert volumes["shared-memory"]["emptyDir"] == {"medium": "Memory", "sizeLimit": "512Mi"}
    mounts = {mount["name"]: mount["mountPath"] for mount in server(graph)["volumeMounts"]}
    assert mounts["shared-memory"] == "/dev/shm"


@pytest.mark.parametrize(
    ("changes", "nodes", "tolerated"),
    [
        pytest.param({}, {"nodeSelector": {"modelyard.dev/pool": "l4"}}, ["nvidia.com/gpu"], id="one pool"),
        pytest.param(
            {"tolerations": [{"key": "team", "value": "vision", "effect": "NoExecute"}]},
            {"nodeSelector": {"modelyard.dev/pool": "l4"}},
            ["nvidia.com/gpu", "team"],
            id="a taint of the pool's own",
        ),
        pytest.param({"pool": None, "price_basis": None, "resources": {"gpus": 0}}, {}, [], id="no GPU"),
    ],
)
def test_pods_go_to_their_pool(changes: dict[str, Any], nodes: dict[str, Any], tolerated: list[str]) -> None:
    spec = pod(one(graph_of(service(**changes)), "Deployment"))
    assert {key: spec[key] for key in ("nodeSelector", "affinity") if key in spec} == nodes
    assert [toleration["key"] for toleration in spec["tolerations"]] == tolerated


def test_overflow_is_allowed_and_the_pool_preferred() -> None:
    deployment = one(graph_of(service(overflow_pool="l4-spot")), "Deployment")
    affinity = pod(deployment)["affinity"]["nodeAffinity"]
    (term,) = affinity["requiredDuringSchedulingIgnoredDuringExecution"]["nodeSelectorTerms"]
    assert term["matchExpressions"] == [{"key": "modelyard.dev/pool", "operator": "In", "values": ["l4", "l4-spot"]}]
    (preferred,) = affinity["preferredDuringSchedulingIgnoredDuringExecution"]
    assert preferred["preference"]["matchExpressions"][0]["values"] == ["l4"]
    assert "nodeSelector" not in pod(deployment)


def test_pods_say_where_they_run_and_at_which_price(graph: ResourceGraph) -> None:
    annotations = one(graph, "Deployment").inputs["spec"]["template"]["metadata"]["annotations"]
    assert annotations == {
        "modelyard.dev/cluster": "east",
        "modelyard.dev/pool": "l4",
        "modelyard.dev/price-basis": "aws/us-east-1/g6.2xlarge/on_demand",
        "modelyard.dev/artefact-digest": "f" * 64,
    }


def test_images_are_pinned_by_digest(graph: ResourceGraph) -> None:
    spec = pod(one(graph, "Deployment"))
    assert all("@sha256:" in container["image"] for container in (*spec["containers"], *spec["initContainers"]))


@pytest.mark.parametrize(("request_timeout_seconds", "exit_timeout"), [(5, 60), (60, 60), (600, 600)])
def test_stopping_leaves_time_for_requests_in_flight(request_timeout_seconds: int, exit_timeout: int) -> None:
    """As long as the gateway gives one request, after the sleep in which proxies forget the pod."""
    graph = graph_of(service(request_timeout_seconds=request_timeout_seconds))
    drain = server(graph)["lifecycle"]["preStop"]["sleep"]["seconds"]
    assert f"--exit-timeout-secs={exit_timeout}" in server(graph)["args"]
    assert pod(one(graph, "Deployment"))["terminationGracePeriodSeconds"] > drain + exit_timeout
    assert one(graph, "Deployment").inputs["spec"]["minReadySeconds"] > 0


@pytest.mark.parametrize(("request_timeout_seconds", "stuck_seconds"), [(60, 300), (600, 660)])
def test_probes_ask_for_every_model_and_spare_a_busy_server(request_timeout_seconds: int, stuck_seconds: int) -> None:
    container = server(graph_of(service(request_timeout_seconds=request_timeout_seconds)))
    probes = {kind: container[f"{kind}Probe"] for kind in ("startup", "liveness", "readiness")}
    assert {probe["httpGet"]["path"] for probe in probes.values()} == {"/v2/health/ready"}
    patience = {kind: probe["periodSeconds"] * probe["failureThreshold"] for kind, probe in probes.items()}
    assert patience["readiness"] == 15
    assert patience["liveness"] == stuck_seconds


SERVER_OPTIONS: list[tuple[dict[str, Any], list[str]]] = [
    ({}, []),
    ({"response_cache_mib": 64}, ["--cache-config=local,size=67108864"]),
    (
        {
            "rate_limiter": True,
            "rate_limit_resources": [{"name": "R1", "count": 4}, {"name": "R2", "count": 1, "device": 0}],
        },
        ["--rate-limit=execution_count", "--rate-limit-resource=R1:4", "--rate-limit-resource=R2:1:0"],
    ),
    (
        {"backend_config": {"python": {"shm-default-byte-size": "16777216"}, "onnxruntime": {"a": "1"}}},
        ["--backend-config=onnxruntime,a=1", "--backend-config=python,shm-default-byte-size=16777216"],
    ),
]  # fmt: skip


@pytest.mark.parametrize(("options", "expected"), SERVER_OPTIONS, ids=["none", "cache", "rate limiter", "backends"])
def test_the_server_is_started_with_what_the_repository_asks_for(options: dict[str, Any], expected: list[str]) -> None:
    plain = server(graph_of(service()))["args"]
    assert server(graph_of(service(server=options)))["args"] == [*plain, *expected]


@pytest.mark.parametrize(
    ("profile", "resource"), [("1g.10gb", "nvidia.com/mig-1g.10gb"), ("1g.10gb+me", "nvidia.com/mig-1g.10gb.me")]
)
def test_slices_of_a_gpu_are_a_resource_of_their_own(profile: str, resource: str) -> None:
    graph = graph_of(service(mig_profile=profile, resources={"gpus": 2}))
    limits = server(graph)["resources"]["limits"]
    assert {key: value for key, value in limits.items() if key.startswith("nvidia.com")} == {resource: "2"}
    assert "nvidia.com/gpu" in [toleration["key"] for toleration in pod(one(graph, "Deployment"))["tolerations"]]


@pytest.mark.parametrize("scaling", [{"min_replicas": 1, "max_replicas": 1}, {"min_replicas": 2, "max_replicas": 2}])
def test_a_drain_always_ends(scaling: dict[str, int]) -> None:
    spec = one(graph_of(service(scaling=scaling)), "PodDisruptionBudget").inputs["spec"]
    assert spec["maxUnavailable"] == 1
    assert "minAvailable" not in spec
    assert spec["unhealthyPodEvictionPolicy"] == "AlwaysAllow"


def test_in_one_stack_everything_waits_for_the_namespace_and_the_gateway() -> None:
    def declare(opts: pulumi.ResourceOptions) -> None:
        software = ClusterSoftware(
            "prod-east",
            {
                "ownership": PLATFORM.args(),
                "cluster": "east",
                "region": REGION,
                "kubernetes_version": "1.34",
                "eks_cluster": "prod-east",
                "domain": "ml.example.org",
            },
            opts,
        )
        place = DepartmentNamespace("prod-east-shop", {"ownership": SHOP.args()}, opts)
        after = pulumi.ResourceOptions(depends_on=[*place.resources, software.gateway, software.priority_class])
        service()(pulumi.ResourceOptions.merge(opts, after))

    graph = graph_of(declare)
    namespace, gateway = one(graph, "Namespace", "shop"), one(graph, "Gateway")
    for resource in kubernetes_objects(graph):
        if resource.inputs["metadata"].get("namespace") == "shop" and resource.inputs["metadata"]["name"] == "tagger":
            assert waits_for(graph, resource, namespace), resource.urn
            assert waits_for(graph, resource, gateway), resource.urn


def test_outputs_say_where_it_answers() -> None:
    def declare(opts: pulumi.ResourceOptions) -> None:
        made = service()(opts)
        pulumi.export("url", made.url)
        pulumi.export("namespace", made.namespace)
        pulumi.export("deployment", made.deployment_name)

    outputs = run_program(declare).outputs
    assert outputs == {"url": "https://tagger.east.ml.example.org", "namespace": "shop", "deployment": "tagger"}
