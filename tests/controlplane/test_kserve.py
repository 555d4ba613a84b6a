"""What KServe's own controller makes of our InferenceServices, on simulated nodes of a plan's pools."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from modelyard.governance.ownership import Ownership
from modelyard.graph import Resource, ResourceGraph
from modelyard.placement import Workload, workloads
from modelyard.placement.requests import pod_requests
from modelyard.serving.kserve.cluster_declaration import cluster_declaration, cluster_manifests
from modelyard.serving.kserve.graph_service import KServeGraph
from modelyard.serving.kserve.service import KServeService
from plan.kubernetes.program import manifests_of

from . import kserve
from .api import Api, Object, Refused, until
from .control_plane import ControlPlane
from .environments import Environment
from .nodes import SECONDS, empty, nodes_of, pool_of, start, until_unschedulable
from .reachability import GATEWAY, OTHER_PORTS, PROMETHEUS, STRANGERS, Attempt, Peer, reachable
from .resource_slices import device_classes, publish, withdraw
from .streamed_services import STREAMED, check_pod

pytestmark = pytest.mark.whole

ENVIRONMENT, CLUSTER = "prod", "east"
"""Whose pools the nodes are like."""
GPU_POOL = "l4"
SOURCES = [GATEWAY, PROMETHEUS, *STRANGERS.values()]
SHOP = Ownership("shop", "CC-2000", "prod", "shop@retail.example")
RISK = Ownership("risk", "CC-2100", "prod", "risk@retail.example")
STORED = {
    "bucket": "retail-prod-models",
    "prefix": "shop/v1",
    "region": "us-east-1",
    "digest": "e" * 64,
    "layout": "repository",
}
ON_GPU: dict[str, Any] = {"pool": GPU_POOL, "price_basis": "aws/us-east-1/g6.2xlarge/on_demand"}
ON_CPU: dict[str, Any] = {"resources": {"gpus": 0}}
CANARY = {
    "rollout": {"stable": 1, "canary": 2, "percent": 10},
    "canary": {"stored": {**STORED, "prefix": "shop/v2", "digest": "a" * 64}},
}
SERVICES: dict[str, dict[str, Any]] = {
    "triton": {"server": "triton", "format": "onnx", **ON_GPU},
    "claimed": {"server": "triton", "format": "onnx", **ON_GPU, "gpu_claim": {}},
    "tensorflow-serving": {"server": "tensorflow_serving", "format": "savedmodel", **ON_CPU},
    "torchserve": {"server": "torchserve", "format": "torch_mar", **ON_CPU},
    "mlserver": {"server": "mlserver", "format": "sklearn", **ON_CPU},
    "sklearn": {"server": "sklearnserver", "format": "sklearn", **ON_CPU},
    "xgboost": {"server": "xgbserver", "format": "xgboost", **ON_CPU},
    "hpa": {"server": "sklearnserver", "format": "sklearn", **ON_CPU, "autoscaler": "hpa"},
    **{
        f"companions-{scaler}": {
            "server": "sklearnserver",
            "format": "sklearn",
            "resources": {"gpus": 0, "cpu": 1, "memory_gib": 2},
            "autoscaler": scaler,
            "scaling": {"min_replicas": 2, "max_replicas": 2 if scaler == "none" else 3},
            "transformer": {"image": f"registry.example.com/pre@sha256:{'0' * 64}", "cpu": 0.5, "scaling": scaling},
        }
        for scaler, scaling in (
            ("external", {"min_replicas": 2, "max_replicas": 3}),
            ("hpa", {"min_replicas": 2, "max_replicas": 3}),
            ("none", {"min_replicas": 2, "max_replicas": 2}),
        )
    },
    "canary": {"server": "triton", "format": "onnx", **ON_GPU, **CANARY},
    **{name: {"server": "triton", "format": "onnx", **ON_GPU, **told} for name, told in STREAMED.items()},
}


@pytest.fixture(scope="module")
def cluster(control_plane: ControlPlane, api: Api, environment_named: dict[str, Environment]) -> Iterator[Api]:
    """Nodes of every pool, the departments' namespaces, and KServe. GPUs of one pool are there to be claimed, too."""
    control_plane.start_scheduling()
    environment = environment_named[ENVIRONMENT]
    pools = environment.pools(CLUSTER)
    start(api, [node for pool in pools for node in nodes_of(pool, 4)])
    for each in device_classes():
        api.apply(each)
    publish(api, [pool for pool in pools if pool.name == GPU_POOL])
    for thing in environment.objects(CLUSTER, "PriorityClass"):
        api.apply(thing)
    # KServe's router has no security context of its own, so that a graph's namespace cannot enforce "restricted".
    for ownership, level in ((SHOP, "restricted"), (RISK, "baseline")):
        labels = {"pod-security.kubernetes.io/enforce": level}
        metadata = {"name": ownership.department, "labels": labels}
        api.apply({"apiVersion": "v1", "kind": "Namespace", "metadata": metadata})
    kserve.start(control_plane, api)
    for thing in cluster_manifests(cluster_declaration(CLUSTER, {"ownership": SHOP.args()})):
        api.apply(thing)
    yield api
    control_plane.check()
    for thing in _left(api):
        api.delete(thing)
    # KServe would make the Deployments anew of a service that it has not let go of.
    until(lambda: not _left(api), SECONDS, lambda: f"left: {_left(api)}")
    empty(api)
    withdraw(api)


def _left(api: Api) -> list[Object]:
    """What KServe still has to serve."""
    kinds = (("serving.kserve.io/v1alpha1", "InferenceGraph"), ("serving.kserve.io/v1beta1", "InferenceService"))
    return [
        {"apiVersion": version, "kind": kind, "metadata": {key: each["metadata"][key] for key in ("name", "namespace")}}
        for version, kind in kinds
        for each in api.list(version, kind)
    ]


@pytest.mark.parametrize(
    "name", [name for name in SERVICES if not name.startswith("companions") and name not in STREAMED]
)
def test_an_inference_service_becomes_ready_on_the_pool_that_it_names(cluster: Api, name: str, tmp_path: Path) -> None:
    made = _manifests(name, SHOP)
    services = _apply(cluster, made)
    assert len(services) == (2 if name == "canary" else 1)
    pools = pool_of(cluster)
    for service in services:
        _until_ready(cluster, service)
        pods = until(lambda service=service: _placed_pods(cluster, service), SECONDS, "pods without a node")
        assert {pools[pod["spec"]["nodeName"]] for pod in pods} == {SERVICES[name].get("pool", "system")}
        _check_paths(cluster, made, pods[0], tmp_path)
    assert _dangling(cluster, made) == []
    for service in services:
        cluster.delete(service)


@pytest.mark.parametrize(
    "name", ["triton", "hpa", "canary", "companions-external", "companions-hpa", "companions-none"]
)
def test_its_deployments_are_those_that_the_plan_counts(cluster: Api, name: str) -> None:
    """Placement, costs and policies read the plan, in which KServe's Deployments are not."""
    made = _manifests(name, SHOP, model=f"{name}-counted")
    services = _apply(cluster, made)
    counted = {each.name: each for each in workloads(_recorded(made))}
    assert len(counted) == (2 if name == "canary" or name.startswith("companions") else 1)
    for service in services:
        _until_ready(cluster, service)
    for each in counted.values():
        _check_counted(cluster, each)
    for service in services:
        cluster.delete(service)


def test_kserve_hands_claims_of_gpus_on_to_its_pods(cluster: Api) -> None:
    made = _manifests("claimed", SHOP, model="claiming")
    (template,) = [thing for thing in made if thing["kind"] == "ResourceClaimTemplate"]
    (service,) = _apply(cluster, made)
    _until_ready(cluster, service)
    pods = until(lambda: _placed_pods(cluster, service), SECONDS, "pods without a node")
    for pod in pods:
        (claim,) = pod["spec"]["resourceClaims"]
        assert claim["resourceClaimTemplateName"] == template["metadata"]["name"]
        assert pod["spec"]["containers"][0]["resources"]["claims"] == [{"name": claim["name"]}]
        named = next(each["resourceClaimName"] for each in pod["status"]["resourceClaimStatuses"])
        held = cluster.get("resource.k8s.io/v1", "ResourceClaim", named, SHOP.department)
        assert [each["device"] for each in held["status"]["allocation"]["devices"]["results"]] == ["gpu-0"]
    cluster.delete(service)


def test_streamed_weights_are_one_claim_that_nobody_copies(cluster: Api) -> None:
    made = {name: _manifests(name, SHOP) for name in STREAMED}
    services = {name: _apply(cluster, objects)[0] for name, objects in made.items()}
    for name, service in services.items():
        _until_ready(cluster, service)
        (claim,) = [thing["metadata"]["name"] for thing in made[name] if thing["kind"] == "PersistentVolumeClaim"]
        for pod in until(lambda service=service: _placed_pods(cluster, service), 60, "pods without a node"):
            check_pod(pod, claim)
    for thing in (thing for objects in made.values() for thing in objects):
        if thing["kind"] in ("InferenceService", "DaemonSet", "PersistentVolumeClaim", "PersistentVolume"):
            cluster.delete(thing)


def test_an_inference_service_without_its_toleration_is_not_ready(cluster: Api) -> None:
    # A name of its own: what is left of another service of the same name may still be Ready.
    made = _manifests("triton", SHOP, model="intolerant")
    for thing in made:
        if thing["kind"] == "InferenceService":
            del thing["spec"]["predictor"]["tolerations"]
    (service,) = _apply(cluster, made)
    until_unschedulable(lambda: _pods(cluster, service), "untolerated taint")
    assert not kserve.ready(cluster, service)
    cluster.delete(service)


def test_a_canary_without_a_pod_is_not_even_ready(cluster: Api) -> None:
    """Whoever waits for the condition alone, as GitOps tools do, sends it no request either."""
    made = _manifests("canary", SHOP, model="waiting")
    for thing in made:
        if thing["kind"] == "InferenceService":
            del thing["spec"]["predictor"]["tolerations"]
    _, canary = _apply(cluster, made)
    until_unschedulable(lambda: _pods(cluster, canary), "untolerated taint")
    for each in ("PredictorReady", "Ready"):
        # It says "Unknown" first.
        until(
            lambda each=each: kserve.condition(cluster, canary, each) == "False",
            SECONDS,
            lambda: kserve.conditions(cluster, canary),
        )


def test_kserve_says_ready_while_pods_of_the_version_before_serve(cluster: Api) -> None:
    """Why finishing a rollout moves its callers before all stable pods are replaced, as docs/kserve.md says. Where this
    fails, KServe has learnt to tell, and the route can wait for it."""
    (service,) = _apply(cluster, _manifests("sklearn", SHOP, model="rolling"))
    _until_ready(cluster, service)
    before = {pod["metadata"]["name"] for pod in _pods(cluster, service)}
    service["spec"]["predictor"]["annotations"]["modelyard.dev/artefact-digest"] = "f" * 64
    service["spec"]["predictor"]["model"]["resources"]["requests"]["cpu"] = "500"
    cluster.apply(service)
    until_unschedulable(lambda: _pods(cluster, service), "Insufficient cpu")
    assert before < {pod["metadata"]["name"] for pod in _pods(cluster, service)}
    assert kserve.ready(cluster, service)
    cluster.delete(service)


def test_a_graph_of_services_becomes_ready(cluster: Api) -> None:
    for model in ("sklearn", "xgboost"):
        for service in _apply(cluster, _manifests(model, RISK)):
            _until_ready(cluster, service)
    arguments: Any = {
        "ownership": RISK.args(),
        "name": "fraud",
        "cluster": CLUSTER,
        "nodes": {
            "root": {
                "router": "Sequence",
                "steps": [
                    {"name": "features", "model": "sklearn"},
                    {"name": "score", "model": "xgboost", "data": "$response"},
                ],
            }
        },
        "models": [{"name": "sklearn"}, {"name": "xgboost"}],
        "hostname": "fraud.east.ml.example.org",
    }
    made = manifests_of(lambda opts: KServeGraph("fraud", arguments, opts))
    for thing in made:
        cluster.apply(thing)
    graph = next(thing for thing in made if thing["kind"] == "InferenceGraph")
    _until_ready(cluster, graph)
    assert _dangling(cluster, made) == []
    (router,) = workloads(_recorded(made))
    _check_counted(cluster, router)


def test_kserves_webhook_refuses_what_its_definition_lets_through(cluster: Api) -> None:
    service = next(thing for thing in _manifests("sklearn", SHOP) if thing["kind"] == "InferenceService")
    service["metadata"]["name"] = "bad"
    service["spec"]["predictor"] |= {"minReplicas": 3, "maxReplicas": 2}
    with pytest.raises(Refused, match=r"[Mm]ax[Rr]eplicas"):
        cluster.apply(service, dry_run=True)


def _recorded(made: list[Object]) -> ResourceGraph:
    """The objects as a plan holds them."""
    found = []
    for thing in made:
        group = thing["apiVersion"] if "/" in thing["apiVersion"] else f"core/{thing['apiVersion']}"
        token, name = f"kubernetes:{group}:{thing['kind']}", thing["metadata"]["name"]
        found.append(Resource(f"urn:pulumi:prod::retail::{token}::{name}", token, name, dict(thing), "prod"))
    return ResourceGraph(found)


def _check_counted(api: Api, counted: Workload) -> None:
    """That the Deployment by this name asks for what was counted, by as many pods, on the same nodes."""
    deployment = until(lambda: _found(api, "apps/v1", "Deployment", counted), SECONDS, f"no Deployment {counted.name}")
    spec = deployment["spec"]
    pods = spec["template"]
    scaled = [
        each["spec"]
        for each in api.list("autoscaling/v2", "HorizontalPodAutoscaler", counted.namespace)
        if each["spec"]["scaleTargetRef"]["name"] == counted.name
    ]
    replicas = [(each["minReplicas"], each["maxReplicas"]) for each in scaled] or [(spec["replicas"],) * 2]
    assert replicas == [(counted.replicas_floor, counted.replicas_max)]
    assert pod_requests(pods["spec"]) == counted.requests
    assert counted.labels.items() <= pods["metadata"]["labels"].items()
    assert pods["spec"].get("nodeSelector", {}) == counted.node_selector
    assert pods["spec"].get("tolerations", []) == [*counted.tolerations]
    rolling = spec["strategy"]["rollingUpdate"]
    assert (rolling["maxSurge"], rolling["maxUnavailable"]) == (counted.max_surge, counted.max_unavailable)
    for key in ("modelyard.dev/cluster", "modelyard.dev/pool", "modelyard.dev/price-basis"):
        known = {"cluster": counted.cluster, "pool": counted.pool, "price-basis": counted.price_basis}
        assert pods["metadata"].get("annotations", {}).get(key) == known[key.partition("/")[2]]


def _found(api: Api, version: str, kind: str, counted: Workload) -> Object | None:
    try:
        return api.get(version, kind, counted.name, counted.namespace)
    except Refused:
        return None


def _until_ready(api: Api, thing: Object) -> None:
    until(lambda: kserve.ready(api, thing), SECONDS, lambda: kserve.conditions(api, thing))


def _placed_pods(api: Api, service: Object) -> list[Object]:
    """All pods of a service, once every one of them is on a node."""
    pods = _pods(api, service)
    return pods if all("nodeName" in pod["spec"] for pod in pods) else []


def _pods(api: Api, service: Object) -> list[Object]:
    metadata = service["metadata"]
    chosen = f"serving.kserve.io/inferenceservice={metadata['name']}"
    return [pod for pod in api.list("v1", "Pod", metadata["namespace"], chosen) if not _ending(pod)]


def _ending(pod: Object) -> bool:
    """Left over from a service that is gone."""
    return "deletionTimestamp" in pod["metadata"]


def _check_paths(api: Api, made: list[Object], pod: Object, folder: Path) -> None:
    """The labels are those that KServe gave the pod, and the ports those that its Services lead to."""
    inside = Peer(pod["metadata"]["namespace"], pod["metadata"]["labels"])
    routed = {port for route in made if route["kind"] == "HTTPRoute" for port in _led_to(api, route, inside)}
    scraped = {
        int(runtime["spec"]["annotations"]["prometheus.kserve.io/port"])
        for runtime in made
        if runtime["kind"] == "ServingRuntime"
    }
    assert routed and scraped
    open_to = {GATEWAY: routed, PROMETHEUS: scraped}
    declared = {port["containerPort"] for container in pod["spec"]["containers"] for port in container["ports"]}
    expected = {
        (number, port): port in open_to.get(source, set())
        for number, source in enumerate(SOURCES)
        for port in {*declared, *OTHER_PORTS}
    }
    attempts = [Attempt(SOURCES[number], inside, port) for number, port in expected]
    policies = [thing for thing in made if thing["kind"] == "NetworkPolicy"]
    assert dict(zip(expected, reachable(policies, attempts, folder), strict=True)) == expected


def _led_to(api: Api, route: Object, pod: Peer) -> set[int]:
    """Ports of a pod to which a route leads, by the Services that KServe made."""
    found: set[int] = set()
    for backend in (backend for rule in route["spec"]["rules"] for backend in rule.get("backendRefs", [])):
        spec = api.get("v1", "Service", backend["name"], route["metadata"]["namespace"])["spec"]
        if spec["selector"].items() <= pod.labels.items():
            found |= {port["targetPort"] for port in spec["ports"] if port["port"] == backend["port"]}
    return found


def _manifests(name: str, ownership: Ownership, model: str | None = None) -> list[Object]:
    arguments: Any = {
        "ownership": ownership.args(),
        "model": model or name,
        "cluster": CLUSTER,
        "hostname": f"{name}.{ownership.department}.east.ml.example.org",
        "stored": STORED,
        **SERVICES[name],
    }
    return manifests_of(lambda opts: KServeService(f"prod-east-{name}", arguments, opts))


def _apply(api: Api, made: list[Object]) -> list[Object]:
    """All of it; the InferenceServices."""
    for thing in made:
        api.apply(thing)
        assert api.warnings == []
    return [thing for thing in made if thing["kind"] == "InferenceService"]


def _dangling(api: Api, made: list[Object]) -> list[str]:
    """Backends of routes for which KServe made no Service with such a port."""
    wrong = []
    for route in (thing for thing in made if thing["kind"] == "HTTPRoute"):
        for backend in (backend for rule in route["spec"]["rules"] for backend in rule.get("backendRefs", [])):
            try:
                service = api.get("v1", "Service", backend["name"], route["metadata"]["namespace"])
                ports = [port["port"] for port in service["spec"]["ports"]]
            except Refused:
                ports = []
            if backend["port"] not in ports:
                wrong.append(f"{backend['name']}:{backend['port']} is none of {ports}")
    return wrong
