"""KEDA, KServe, Argo Rollouts and Flagger on a cluster: where they are wanted, in an order that can start and end."""

from __future__ import annotations

from typing import Any

import pytest
from modelyard.capacity.software.argo_rollouts import PLUGIN
from modelyard.capacity.software.cluster_software import ClusterSoftware
from modelyard.capacity.software.kubernetes_object import declare as declare_object
from modelyard.catalog import chart_plugins, charts
from modelyard.graph import ResourceGraph
from modelyard.serving.rollout.flagger import PROVIDER
from pulumi import ResourceOptions

from .program import PLATFORM, REGION, graph_of, kubernetes_objects, one, refusal, waits_for

ALL = ["keda", "kserve", "argo_rollouts", "flagger"]
ARGUMENTS: Any = {
    "ownership": PLATFORM.args(),
    "cluster": "east",
    "region": REGION,
    "kubernetes_version": "1.34",
    "domain": "ml.example.org",
    "node_autoscaler": "none",
    "system_nodes": {"modelyard.dev/pool": "system"},
}
CHARTS = [
    ("keda", "keda"),
    ("kserve-crd", "kserve"),
    ("kserve-resources", "kserve"),
    ("argo-rollouts", "argo-rollouts"),
    ("flagger", "flagger"),
]


def software(**changes: Any) -> Any:
    arguments: Any = {**ARGUMENTS, **changes}
    return lambda opts: ClusterSoftware("prod-east", arguments, opts)


@pytest.fixture(scope="module")
def graph() -> ResourceGraph:
    return graph_of(software(controllers=ALL))


@pytest.mark.parametrize(("chart", "namespace"), CHARTS)
def test_charts_are_pinned(graph: ResourceGraph, chart: str, namespace: str) -> None:
    release = one(graph, "Release", chart).inputs
    pinned = charts.get(chart)
    assert (release["version"], release["namespace"]) == (pinned.version, namespace)
    if pinned.repository.startswith("oci://"):
        assert release["chart"] == f"{pinned.repository}/{chart}"
    else:
        assert (release["chart"], release["repositoryOpts"]) == (chart, {"repo": pinned.repository})


@pytest.mark.parametrize(
    ("controllers", "brought"),
    [
        ([], []),
        (["keda"], ["keda"]),
        (["kserve"], ["kserve-crd", "kserve-resources"]),
        (["flagger", "argo_rollouts"], ["argo-rollouts", "flagger"]),
    ],
    ids=str,
)
def test_nothing_is_installed_that_nobody_wants(controllers: list[str], brought: list[str]) -> None:
    made = graph_of(software(controllers=controllers))
    found = {release.inputs["name"] for release in made.of_type("kubernetes:helm.sh/v3:Release")}
    assert found & {chart for chart, _ in CHARTS} == set(brought)
    spaces = {space.inputs["metadata"]["name"] for space in made.of_type("kubernetes:core/v1:Namespace")}
    assert spaces & {space for _, space in CHARTS} == {space for chart, space in CHARTS if chart in brought}


@pytest.mark.parametrize(
    ("later", "earlier"),
    [
        (("Release", "keda"), ("Release", "kube-prometheus-stack")),
        (("Release", "kserve-resources"), ("Release", "kserve-crd")),
        (("Release", "kserve-resources"), ("Release", "cert-manager")),
        (("ServiceMonitor", "kserve-controller"), ("Release", "kube-prometheus-stack")),
        (("Release", "argo-rollouts"), ("Release", "kube-prometheus-stack")),
        (("Release", "argo-rollouts"), ("PriorityClass", "modelyard-serving")),
        (("Release", "flagger"), ("Release", "gateway-helm")),
        (("Release", "flagger"), ("PriorityClass", "modelyard-serving")),
        *((("Release", chart), ("Namespace", namespace)) for chart, namespace in CHARTS),
    ],
    ids=str,
)
def test_nothing_starts_before_what_it_needs_nor_ends_after_it(
    graph: ResourceGraph, later: tuple[str, str], earlier: tuple[str, str]
) -> None:
    assert waits_for(graph, one(graph, *later), one(graph, *earlier))


def test_what_a_controller_serves_waits_for_it_and_goes_before_it() -> None:
    """KServe lets go of an InferenceService itself: without it, a deletion would never end."""

    def declare(opts: Any) -> None:
        arguments: Any = {**ARGUMENTS, "controllers": ["kserve"]}
        made = ClusterSoftware("prod-east", arguments, opts)
        kind = {"apiVersion": "serving.kserve.io/v1beta1", "kind": "InferenceService"}
        options = ResourceOptions(depends_on=list(made.controllers.values()))
        declare_object("tagger", {**kind, "metadata": {"name": "tagger"}}, ResourceOptions.merge(opts, options))

    made = graph_of(declare)
    for chart in ("kserve-resources", "kserve-crd"):
        assert waits_for(made, one(made, "InferenceService"), one(made, "Release", chart))


def test_namespaces_of_controllers_are_restricted(graph: ResourceGraph) -> None:
    for space in {namespace for _, namespace in CHARTS}:
        labels = one(graph, "Namespace", space).inputs["metadata"]["labels"]
        assert labels["pod-security.kubernetes.io/enforce"] == "restricted"


def test_every_object_says_whose_it_is(graph: ResourceGraph) -> None:
    for resource in kubernetes_objects(graph):
        assert PLATFORM.kubernetes_labels().items() <= resource.inputs["metadata"]["labels"].items(), resource.urn


def test_kserve_makes_deployments_and_leaves_routes_to_us(graph: ResourceGraph) -> None:
    controller = one(graph, "Release", "kserve-resources").inputs["values"]["kserve"]["controller"]
    assert controller["deploymentMode"] == "Standard"
    assert controller["gateway"] == {"disableIstioVirtualHost": True}
    assert controller["nodeSelector"] == {"modelyard.dev/pool": "system"}


def test_its_metrics_are_asked_for_with_a_name(graph: ResourceGraph) -> None:
    (endpoint,) = one(graph, "ServiceMonitor", "kserve-controller").inputs["spec"]["endpoints"]
    assert (endpoint["port"], endpoint["scheme"], endpoint["interval"]) == ("https", "https", "15s")
    assert endpoint["bearerTokenFile"].endswith("/serviceaccount/token")


@pytest.mark.parametrize(("architecture", "word"), [("x86_64", "amd64"), ("arm64", "arm64")])
def test_argo_rollouts_gets_the_plugin_that_its_nodes_can_run_by_checksum(architecture: Any, word: str) -> None:
    made = graph_of(software(controllers=["argo_rollouts"], system_architecture=architecture))
    values = one(made, "Release", "argo-rollouts").inputs["values"]
    (plugin,) = values["controller"]["trafficRouterPlugins"]
    known = chart_plugins.get(PLUGIN, architecture)
    assert plugin == {"name": PLUGIN, "location": known.location, "sha256": known.sha256}
    assert plugin["location"].endswith(f"/v{known.version}/gatewayapi-plugin-linux-{word}")
    assert len(known.sha256) == 64
    assert values["controller"]["nodeSelector"] == {"modelyard.dev/pool": "system", "kubernetes.io/arch": word}


def test_argo_rollouts_may_change_routes_of_gateway_api_alone(graph: ResourceGraph) -> None:
    values = one(graph, "Release", "argo-rollouts").inputs["values"]
    assert [name for name, may in values["providerRBAC"]["providers"].items() if may] == ["gatewayAPI"]
    assert values["controller"]["replicas"] == 2
    assert values["controller"]["pdb"] == {"enabled": True, "maxUnavailable": 1}


def test_flagger_tells_models_apart_and_asks_our_prometheus(graph: ResourceGraph) -> None:
    values = one(graph, "Release", "flagger").inputs["values"]
    assert values["meshProvider"] == PROVIDER
    assert values["selectorLabels"] == "app.kubernetes.io/instance"
    assert values["metricsServer"] == "http://prometheus-operated.monitoring.svc:9090"
    assert values["leaderElection"] == {"enabled": True, "replicaCount": 2}
    assert values["podDisruptionBudget"] == {"enabled": True, "minAvailable": 1}
    assert values["podMonitor"] == {"enabled": True, "interval": "15s"}
    context = values["securityContext"]["context"]
    assert context["seccompProfile"] == {"type": "RuntimeDefault"}
    assert context["runAsNonRoot"] and context["capabilities"] == {"drop": ["ALL"]}


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        (
            {"controllers": ["keda", "argo"]},
            "ClusterSoftware prod-east: controllers[1]: 'argo' is not an allowed value; did you mean 'argo_rollouts'? "
            "Allowed: keda, kserve, argo_rollouts, flagger",
        ),
        (
            {"system_architecture": "ppc"},
            "ClusterSoftware prod-east: system_architecture: 'ppc' is not an allowed value; allowed: x86_64, arm64",
        ),
    ],
)
def test_what_is_no_controller_is_refused(changes: dict[str, Any], said: str) -> None:
    assert refusal(software(**changes)) == said
