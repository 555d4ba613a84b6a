"""That what Prometheus scrapes and what alerts ask for are the objects that the components make, for every runtime."""

from __future__ import annotations

import re
from typing import Any

import pytest
from custom_resources import NoDefinitions, faults, schemas
from modelyard.graph import ResourceGraph
from modelyard.monitoring.monitoring import Monitoring
from modelyard.monitoring.watched_track import Served, WatchedTrack, watched_tracks
from modelyard.serving.kserve.pods import pods_of
from modelyard.serving.kserve.service import KServeService
from modelyard.serving.rollout.split import Track
from modelyard.serving.seldon.service import SeldonService
from modelyard.serving.triton.service import TritonService

from .kserve_program import SERVERS, canary_revision, of_canary, on_cpu
from .program import SHOP, graph_of, kubernetes_objects, refusal, triton_arguments
from .seldon_program import of_canary as of_seldon_canary
from .seldon_program import seldon_arguments
from .test_canary_component import arguments as triton_rollout

INFERENCE = re.compile(r"/infer$|/predictions/|:(predict|classify|regress)|/(ModelInfer|ModelStreamInfer|Predict)$")


def manifests(graph: ResourceGraph, kind: str) -> dict[str, Any]:
    """By their names."""
    return {
        resource.inputs["metadata"]["name"]: resource.inputs
        for resource in kubernetes_objects(graph)
        if resource.inputs["kind"] == kind
    }


def watched(graph_of_model: Any, **entry: Any) -> ResourceGraph:
    """A model beside its department's monitoring."""

    def declare(opts: Any) -> None:
        models: Any = [{"model": "tagger", "max_replicas": 4, **entry}]
        Monitoring("prod-east-shop", {"ownership": SHOP.args(), "models": models}, opts)
        graph_of_model(opts)

    return graph_of(declare)


def kserve(server: str, format: str, **changes: Any) -> Any:
    changes.setdefault("scaling", {"max_replicas": 4})
    return lambda opts: KServeService("prod-east-tagger", on_cpu(server, format, **changes), opts)


def counted(graph: ResourceGraph) -> dict[str, tuple[set[str], bool]]:
    """By the name under which Envoy Gateway counts: the Services behind, and whether it is inference."""
    (route,) = manifests(graph, "HTTPRoute").values()
    found: dict[str, tuple[set[str], bool]] = {}
    for number, rule in enumerate(route["spec"]["rules"]):
        asked = any(INFERENCE.search(match["path"]["value"]) for match in rule["matches"])
        base = f"httproute/shop/{route['metadata']['name']}/rule/{number}"
        behind = [each["name"] for each in rule["backendRefs"]]
        if len(behind) == 1:
            found[base] = set(behind), asked
        for place, service in enumerate(behind) if len(behind) > 1 else ():
            found[f"{base}/backend/{place}"] = {service}, asked
    return found


def of(track: WatchedTrack, graph: ResourceGraph) -> tuple[set[str], set[bool]]:
    """Services whose requests an alert of this side counts, and whether they are inference."""
    assert track.clusters is not None
    matched = [found for name, found in counted(graph).items() if re.fullmatch(track.clusters, name)]
    return {service for services, _ in matched for service in services}, {asked for _, asked in matched}


def relabelled(endpoint: dict[str, Any], made: dict[str, Any]) -> str:
    """The label ``service`` of what is scraped of an object's pods."""
    (rule,) = [each for each in endpoint["relabelings"] if each["targetLabel"] == "service"]
    assert rule["regex"] == "(.+)"
    return rule["replacement"].replace("$1", made["metadata"]["name"])


@pytest.mark.parametrize(("server", "format"), SERVERS)
def test_the_pods_of_each_server_of_kserves_are_scraped_at_their_port(server: str, format: str) -> None:
    graph = watched(kserve(server, format), runtime="kserve", server=server)
    ((name, monitor),) = manifests(graph, "PodMonitor").items()
    assert name == f"kserve-{server.replace('_', '-')}"
    (service,), (runtime,) = manifests(graph, "InferenceService").values(), manifests(graph, "ServingRuntime").values()
    (pods,) = pods_of(service, runtime)
    labels = pods.template["metadata"]["labels"]
    assert monitor["spec"]["selector"]["matchLabels"].items() <= labels.items()
    assert set(monitor["spec"]["podTargetLabels"]) <= labels.keys()
    (endpoint,) = monitor["spec"]["podMetricsEndpoints"]
    (container,) = pods.template["spec"]["containers"]
    ports = {port["name"]: port["containerPort"] for port in container["ports"]}
    told = runtime["spec"]["annotations"]
    assert str(ports[endpoint["port"]]) == told["prometheus.kserve.io/port"]
    assert endpoint["path"] == told["prometheus.kserve.io/path"]
    served = Served("tagger", "shop", runtime="kserve", server=server)
    (track,) = watched_tracks(served).values()
    assert container["name"] in track.containers
    assert track.targets == track.series == f'namespace="shop",service="{relabelled(endpoint, service)}"'
    assert track.available == f'kube_deployment_status_replicas_available{{namespace="shop",deployment="{pods.name}"}}'
    (autoscaler,) = manifests(graph, "HorizontalPodAutoscaler").values()
    assert track.autoscaler == autoscaler["metadata"]["name"]
    assert not manifests(graph, "ServiceMonitor"), "KServe's Services have no labels of ours"


def test_knatives_one_port_leads_to_the_one_of_metrics() -> None:
    graph = watched(
        kserve("triton", "onnx", mode="knative", hostname=None), runtime="kserve", server="triton", knative=True
    )
    (monitor,) = manifests(graph, "PodMonitor").values()
    (runtime,) = manifests(graph, "ServingRuntime").values()
    (endpoint,) = monitor["spec"]["podMetricsEndpoints"]
    addresses = [each["replacement"] for each in endpoint["relabelings"] if each["targetLabel"] == "__address__"]
    assert addresses == [f"$1:{runtime['spec']['annotations']['prometheus.kserve.io/port']}"]
    assert endpoint["port"] == "user-port"


@pytest.mark.parametrize(("server", "format"), SERVERS)
def test_both_sides_of_kserves_are_counted_apart(server: str, format: str) -> None:
    stored = {"canary": {"stored": on_cpu(server, format)["stored"]}}
    graph = graph_of(kserve(server, format, version=None, **{**of_canary(10), **stored}))
    tracks = watched_tracks(Served("tagger", "shop", runtime="kserve", server=server, stable=1, canary=2))
    assert of(tracks["stable"], graph) == ({"tagger-predictor"}, {True})
    assert of(tracks["canary"], graph) == ({"tagger-canary-v2-predictor"}, {True})
    for side, name in (("stable", "tagger"), ("canary", "tagger-canary-v2")):
        track = tracks[side]  # type: ignore[index]
        assert f'service="{name}-predictor"' in track.series
        assert track.autoscaler in manifests(graph, "HorizontalPodAutoscaler")


def test_a_transformer_takes_requests_over_http_alone() -> None:
    image = f"registry.example.com/pre@sha256:{'a' * 64}"
    graph = graph_of(kserve("triton", "onnx", transformer={"image": image}))
    served = Served("tagger", "shop", runtime="kserve", server="triton", transformer=True)
    assert of(watched_tracks(served)["stable"], graph) == ({"tagger-transformer"}, {True})


@pytest.mark.parametrize("percent", [0, 10, 100])
def test_both_sides_of_ours_are_counted_apart_at_every_share(percent: int) -> None:
    rollout = {"stable": 1, "canary": 2, "percent": percent}
    graph = graph_of(lambda opts: TritonService("prod-east-tagger", triton_rollout(rollout), opts))
    tracks = watched_tracks(Served("tagger", "shop", stable=1, canary=2))
    names: dict[Track, str] = {"stable": "tagger", "canary": "tagger-canary-v2"}
    for side, name in names.items():
        assert of(tracks[side], graph) == ({name}, {True})
        assert f'deployment="{name}"' in tracks[side].available
        assert name in manifests(graph, "Deployment")
        assert tracks[side].autoscaler == manifests(graph, "HorizontalPodAutoscaler")[name]["metadata"]["name"]
        assert tracks[side].labels == {"track": side, "version": "1" if side == "stable" else "2"}


def test_without_a_rollout_and_without_a_canary_the_whole_is_counted() -> None:
    tracks = watched_tracks(Served("tagger", "shop"))
    plain = graph_of(lambda opts: TritonService("prod-east-tagger", triton_arguments(), opts))
    steady = graph_of(lambda opts: TritonService("prod-east-tagger", triton_rollout({"stable": 1}), opts))
    for graph in (plain, steady):
        assert of(tracks["stable"], graph) == ({"tagger"}, {True})
    assert tracks["stable"].labels == {}


@pytest.mark.parametrize("by", ["argo_rollouts", "flagger"])
def test_a_controllers_sides_are_counted_where_its_gates_ask(by: str) -> None:
    """The canary's is the query of its own error gate; the stable side is the other backend."""
    rollout = {"stable": 1, "canary": 2, "by": by, "gates": {"error_rate": 0.01}}
    graph = graph_of(lambda opts: TritonService("prod-east-tagger", triton_rollout(rollout), opts))
    text = str([resource.inputs for resource in kubernetes_objects(graph)])
    tracks = watched_tracks(Served("tagger", "shop", stable=1, canary=2, by=by))  # type: ignore[arg-type]
    canary, stable = tracks["canary"].clusters, tracks["stable"].clusters
    assert canary is not None and stable is not None
    assert f'envoy_cluster_name=~"{canary}"' in text
    assert stable == canary.replace("backend/1", "backend/0")


def test_seldons_agents_are_scraped_and_count_by_model() -> None:
    graph = watched(
        lambda opts: SeldonService("prod-east-fraud", seldon_arguments(version=None, **of_seldon_canary()), opts),
        model="fraud",
        runtime="seldon",
        server="mlserver",
        stable=1,
        canary=2,
    )
    (monitor,) = manifests(graph, "PodMonitor").values()
    assert monitor["spec"]["podMetricsEndpoints"][0]["port"] == "metrics"
    tracks = watched_tracks(Served("fraud", "shop", runtime="seldon", server="mlserver", stable=1, canary=2))
    servers, models = manifests(graph, "Server"), manifests(graph, "Model")
    for track in tracks.values():
        (internal,) = re.findall(r'model_internal=~"([^"]+)"', track.series)
        assert len([name for name in models if re.fullmatch(internal, f"{name}_1")]) == 1
        (named,) = re.findall(r'statefulset="([^"]+)"', track.available)
        (endpoint,) = monitor["spec"]["podMetricsEndpoints"]
        assert track.targets == f'namespace="shop",service="{relabelled(endpoint, servers[named])}"'
        policies = manifests(graph, "NetworkPolicy")
        assert 9006 in [port["port"] for rule in policies[named]["spec"]["ingress"] for port in rule["ports"]]
    assert of(tracks["stable"], graph) == ({"seldon-mesh"}, {True}), "Seldon splits behind the gateway"
    assert tracks["canary"].clusters is None


def test_a_canary_of_knatives_is_watched_with_its_stable_revision() -> None:
    assert canary_revision()["mode"] == "knative"
    tracks = watched_tracks(
        Served("tagger", "shop", runtime="kserve", server="triton", knative=True, stable=1, canary=2)
    )
    assert list(tracks) == ["stable"]
    assert tracks["stable"].autoscaler is None


def test_one_monitor_for_each_kind_of_pods() -> None:
    models: Any = [
        {"model": "a", "max_replicas": 2},
        {"model": "b", "max_replicas": 2, "runtime": "torchserve"},
        {"model": "c", "max_replicas": 2, "runtime": "kserve", "server": "mlserver"},
        {"model": "d", "max_replicas": 2, "runtime": "kserve", "server": "mlserver"},
        {"model": "e", "max_replicas": 2, "runtime": "kserve", "server": "mlserver", "knative": True},
        {"model": "f", "max_replicas": 2, "runtime": "seldon", "server": "mlserver"},
    ]
    graph = graph_of(lambda opts: Monitoring("m", {"ownership": SHOP.args(), "models": models}, opts))
    assert set(manifests(graph, "ServiceMonitor")) == {"triton", "torchserve"}
    assert set(manifests(graph, "PodMonitor")) == {"kserve-mlserver", "kserve-mlserver-knative", "seldon-agents"}
    assert set(manifests(graph, "PrometheusRule")) == {"a", "b", "c", "d", "e", "f"}


@pytest.mark.parametrize(
    ("model", "message"),
    [
        (
            {"runtime": "kserve"},
            "server is needed with runtime kserve; allowed: triton, tensorflow_serving, torchserve, mlserver, "
            "sklearnserver, xgbserver",
        ),
        (
            {"runtime": "seldon", "server": "torchserve"},
            "server is needed with runtime seldon; allowed: mlserver, triton",
        ),
        ({"server": "mlserver"}, "server is for runtime kserve or seldon, and runtime is triton; delete it"),
        ({"runtime": "torchserve", "knative": True}, "knative is for runtime kserve, and runtime is torchserve"),
        ({"shared_server": "models"}, "shared_server is for runtime seldon, and runtime is triton; delete it"),
        ({"canary": 2}, "canary 2 has no stable version beside it; name in stable the one that serves"),
        (
            {"runtime": "kserve", "server": "triton", "rollout_by": "flagger"},
            "rollout_by flagger moves triton, tensorflow_serving, torchserve; delete it",
        ),
    ],
)
def test_what_cannot_be_watched_so(model: dict[str, Any], message: str) -> None:
    models: Any = [{"model": "tagger", "max_replicas": 2, **model}]
    refused = refusal(lambda opts: Monitoring("m", {"ownership": SHOP.args(), "models": models}, opts))
    assert f"models[0]: {message}" in refused


def test_every_object_of_a_side_says_which() -> None:
    rollout = {"stable": 1, "canary": 2, "percent": 10}
    graph = graph_of(lambda opts: TritonService("prod-east-tagger", triton_rollout(rollout), opts))
    for kind in ("Deployment", "Service", "HorizontalPodAutoscaler", "NetworkPolicy", "PodDisruptionBudget"):
        assert tracks_told(graph, kind) == {"tagger": "stable", "tagger-canary-v2": "canary"}, kind
    stored = {"canary": {"stored": on_cpu("triton", "onnx")["stored"]}}
    of_kserve = graph_of(kserve("triton", "onnx", version=None, **{**of_canary(10), **stored}))
    assert tracks_told(of_kserve, "HorizontalPodAutoscaler") == {"tagger": "stable", "tagger-canary-v2": "canary"}


def tracks_told(graph: ResourceGraph, kind: str) -> dict[str, str | None]:
    return {
        name: each["metadata"]["labels"].get("modelyard.dev/track") for name, each in manifests(graph, kind).items()
    }


def test_what_prometheus_operator_publishes_takes_every_object() -> None:
    try:
        files = [
            f"example/prometheus-operator-crd/monitoring.coreos.com_{kind}.yaml"
            for kind in ("podmonitors", "servicemonitors", "prometheusrules")
        ]
        published = schemas("github.com/prometheus-operator/prometheus-operator", "v0.85.0", *files)
    except NoDefinitions as missing:
        pytest.skip(f"no definitions of prometheus-operator to ask: {missing}")
    models: Any = [
        {"model": "a", "max_replicas": 2, "p99_ms": 80, "stable": 1, "canary": 2},
        {"model": "b", "max_replicas": 2, "runtime": "torchserve"},
        {"model": "c", "max_replicas": 2, "runtime": "kserve", "server": "tensorflow_serving"},
        {"model": "d", "max_replicas": 2, "runtime": "kserve", "server": "mlserver", "knative": True},
        {"model": "e", "max_replicas": 2, "runtime": "seldon", "server": "triton"},
    ]
    graph = graph_of(lambda opts: Monitoring("m", {"ownership": SHOP.args(), "models": models}, opts))
    made = [resource.inputs for resource in kubernetes_objects(graph)]
    assert {each["kind"] for each in made} == {"ServiceMonitor", "PodMonitor", "PrometheusRule"}
    assert [fault for each in made for fault in faults(each, published)] == []
    (wrong,) = [each for each in made if each["metadata"]["name"] == "seldon-agents"]
    (endpoint,) = wrong["spec"]["podMetricsEndpoints"]
    broken = {**wrong, "spec": {**wrong["spec"], "podMetricsEndpoints": [{**endpoint, "intervall": "15s"}]}}
    assert faults(broken, published) == ["PodMonitor.spec.podMetricsEndpoints[0].intervall is unknown"]
