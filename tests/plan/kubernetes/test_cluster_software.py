"""What every cluster runs: in an order that can start, at pinned versions, with no secret in any value."""

from __future__ import annotations

from typing import Any

import pulumi
import pytest
from modelyard.capacity.software.cluster_software import ClusterSoftware
from modelyard.capacity.software.department_namespace import DepartmentNamespace
from modelyard.capacity.software.gpu_software import GpuSoftware
from modelyard.catalog import charts
from modelyard.graph import ResourceGraph, Secret

from .program import PLATFORM, REGION, SHOP, graph_of, kubernetes_objects, one, refusal, waits_for

RECEIVERS = [
    {"name": "on-call", "severities": ["critical"], "pagerduty_routing_key": {"config": "pagerduty"}},
    {"name": "team", "slack_webhook": {"aws_secrets_manager": "prod/slack"}, "slack_channel": "#ml"},
]


def software(**changes: Any) -> Any:
    arguments: Any = {
        "ownership": PLATFORM.args(),
        "cluster": "east",
        "region": REGION,
        "kubernetes_version": "1.34",
        "eks_cluster": "prod-east",
        "domain": "ml.example.org",
        "system_nodes": {"modelyard.dev/pool": "system"},
        "monitoring": {"retention_days": 30, "storage_gib": 100, "replicas": 2, "receivers": RECEIVERS},
        **changes,
    }
    arguments = {key: value for key, value in arguments.items() if value is not None}

    def declare(opts: pulumi.ResourceOptions) -> None:
        made = ClusterSoftware("prod-east", arguments, opts)
        after = pulumi.ResourceOptions(depends_on=[made.prometheus_stack])
        GpuSoftware("prod-east", {"ownership": PLATFORM.args()}, pulumi.ResourceOptions.merge(opts, after))

    return declare


def planned(**changes: Any) -> ResourceGraph:
    return graph_of(software(**changes), {"modelyard:pagerduty": Secret("planted-value")})


@pytest.fixture(scope="module")
def graph() -> ResourceGraph:
    return planned()


CHARTS = [
    ("cluster-autoscaler", "kube-system"),
    ("kube-prometheus-stack", "monitoring"),
    ("prometheus-adapter", "monitoring"),
    ("gateway-helm", "gateway-system"),
    ("cert-manager", "cert-manager"),
    ("nvidia-device-plugin", "kube-system"),
    ("dcgm-exporter", "kube-system"),
]


@pytest.mark.parametrize(("chart", "namespace"), CHARTS)
def test_charts_are_pinned(graph: ResourceGraph, chart: str, namespace: str) -> None:
    release = one(graph, "Release", chart).inputs
    pinned = charts.get(chart)
    assert release["version"] == pinned.version
    assert release["namespace"] == namespace
    if pinned.repository.startswith("oci://"):
        assert release["chart"] == f"{pinned.repository}/{chart}"
    else:
        assert (release["chart"], release["repositoryOpts"]) == (chart, {"repo": pinned.repository})


def test_no_other_release_is_installed(graph: ResourceGraph) -> None:
    releases = graph.of_type("kubernetes:helm.sh/v3:Release")
    assert sorted(release.inputs["name"] for release in releases) == sorted(chart for chart, _ in CHARTS)


@pytest.mark.parametrize(
    ("later", "earlier"),
    [
        (("Release", "cert-manager"), ("Release", "gateway-helm")),
        (("Release", "prometheus-adapter"), ("Release", "kube-prometheus-stack")),
        (("Release", "dcgm-exporter"), ("Release", "kube-prometheus-stack")),
        (("Release", "kube-prometheus-stack"), ("StorageClass", "modelyard-gp3")),
        (("Release", "kube-prometheus-stack"), ("Secret", "alert-receivers")),
        (("Release", "kube-prometheus-stack"), ("Namespace", "monitoring")),
        (("Release", "gateway-helm"), ("Namespace", "gateway-system")),
        (("Release", "cert-manager"), ("Namespace", "cert-manager")),
        (("Gateway", "modelyard"), ("Release", "gateway-helm")),
        (("GatewayClass", "modelyard"), ("Release", "gateway-helm")),
        (("EnvoyProxy", "modelyard"), ("Release", "gateway-helm")),
        (("HTTPRoute", "https-only"), ("Release", "gateway-helm")),
        (("PodMonitor", "gateway-proxies"), ("Release", "kube-prometheus-stack")),
        (("ClusterIssuer", "modelyard"), ("Release", "cert-manager")),
        (("Certificate", "gateway"), ("ClusterIssuer", "modelyard")),
    ],
    ids=str,
)
def test_nothing_starts_before_what_it_needs(
    graph: ResourceGraph, later: tuple[str, str], earlier: tuple[str, str]
) -> None:
    assert waits_for(graph, one(graph, *later), one(graph, *earlier))


def test_the_device_plugin_waits_for_nothing(graph: ResourceGraph) -> None:
    assert one(graph, "Release", "nvidia-device-plugin").dependencies == ()


@pytest.mark.parametrize("chart", ["nvidia-device-plugin", "dcgm-exporter"])
def test_gpu_software_finds_our_gpu_nodes_whatever_their_taints(graph: ResourceGraph, chart: str) -> None:
    values = one(graph, "Release", chart).inputs["values"]
    required = values["affinity"]["nodeAffinity"]["requiredDuringSchedulingIgnoredDuringExecution"]
    (term,) = required["nodeSelectorTerms"]
    assert {"key": "nvidia.com/gpu.present", "operator": "In", "values": ["true"]} in term["matchExpressions"]
    assert {toleration["effect"] for toleration in values["tolerations"]} == {"NoSchedule", "NoExecute"}
    assert all(toleration["operator"] == "Exists" and "key" not in toleration for toleration in values["tolerations"])


def test_receivers_read_their_secrets_from_files(graph: ResourceGraph) -> None:
    values = one(graph, "Release", "kube-prometheus-stack").inputs["values"]["alertmanager"]
    assert values["alertmanagerSpec"]["secrets"] == ["alert-receivers"]
    on_call, team = values["config"]["receivers"][1:]
    below = "/etc/alertmanager/secrets/alert-receivers"
    assert on_call["pagerduty_configs"][0]["routing_key_file"] == f"{below}/on-call"
    assert team["slack_configs"][0]["api_url_file"] == f"{below}/team"
    assert "planted-value" not in repr([resource.inputs for resource in graph])


def test_each_severity_goes_to_who_asked_for_it(graph: ResourceGraph) -> None:
    route = one(graph, "Release", "kube-prometheus-stack").inputs["values"]["alertmanager"]["config"]["route"]
    assert route["receiver"] == "nobody"
    assert [(child["receiver"], child["matchers"]) for child in route["routes"]] == [
        ("on-call", ['severity=~"critical"']),
        ("team", ['severity=~"critical|warning"']),
    ]


def test_nobody_to_tell_needs_no_secret() -> None:
    graph = planned(monitoring={})
    assert not graph.of_type("kubernetes:core/v1:Secret")
    values = one(graph, "Release", "kube-prometheus-stack").inputs["values"]["alertmanager"]
    assert values["alertmanagerSpec"]["secrets"] == []


def test_prometheus_keeps_what_was_declared_and_never_fills_its_volume(graph: ResourceGraph) -> None:
    spec = one(graph, "Release", "kube-prometheus-stack").inputs["values"]["prometheus"]["prometheusSpec"]
    assert (spec["retention"], spec["replicas"]) == ("30d", 2)
    claim = spec["storageSpec"]["volumeClaimTemplate"]["spec"]
    assert claim["storageClassName"] == "modelyard-gp3"
    assert claim["resources"]["requests"]["storage"] == "100Gi"
    assert int(spec["retentionSize"].removesuffix("MiB")) == 85 * 1024
    selectors = [key for key in spec if key.endswith("SelectorNilUsesHelmValues")]
    assert len(selectors) == 5
    assert not any(spec[key] for key in selectors)


def test_volumes_are_encrypted_and_tagged(graph: ResourceGraph) -> None:
    storage = one(graph, "StorageClass").inputs
    assert storage["parameters"] == {
        "type": "gp3",
        "encrypted": "true",
        "tagSpecification_1": "department=platform",
        "tagSpecification_2": "cost-center=CC-1000",
        "tagSpecification_3": "environment=prod",
        "tagSpecification_4": "managed-by=modelyard",
    }
    assert storage["volumeBindingMode"] == "WaitForFirstConsumer"


@pytest.mark.parametrize(("reach", "internal"), [("internal", True), ("internet", False)])
def test_the_load_balancer_has_the_reach_that_was_declared(reach: str, internal: bool) -> None:
    proxy = one(planned(reach=reach), "EnvoyProxy").inputs["spec"]
    annotations = proxy["provider"]["kubernetes"]["envoyService"]["annotations"]
    prefix = "service.beta.kubernetes.io/aws-load-balancer"
    assert annotations[f"{prefix}-type"] == "nlb"
    assert (f"{prefix}-internal" in annotations) is internal
    assert "department=platform" in annotations[f"{prefix}-additional-resource-tags"]


def test_proxies_say_whose_they_are_and_leave_envoy_gateway_the_labels_it_selects_them_by(
    graph: ResourceGraph,
) -> None:
    proxy = one(graph, "EnvoyProxy").inputs["spec"]["provider"]["kubernetes"]["envoyDeployment"]["pod"]
    assert proxy["labels"] == {
        "modelyard.dev/department": "platform",
        "modelyard.dev/cost-center": "CC-1000",
        "modelyard.dev/environment": "prod",
    }


def test_a_private_authority_signs_for_every_name_of_the_cluster(graph: ResourceGraph) -> None:
    assert one(graph, "Certificate", "gateway").inputs["spec"]["dnsNames"] == ["*.east.ml.example.org"]
    assert one(graph, "ClusterIssuer", "modelyard").inputs["spec"] == {"ca": {"secretName": "modelyard-ca"}}
    listener = one(graph, "Gateway").inputs["spec"]["listeners"][1]
    assert listener["hostname"] == "*.east.ml.example.org"
    assert listener["tls"]["certificateRefs"][0]["name"] == "gateway-tls"


def test_acme_signs_for_each_model_and_is_answered_over_http() -> None:
    names = ["tagger.east.ml.example.org", "reviews.east.ml.example.org"]
    graph = planned(reach="internet", acme={"email": "ml@example.org"}, hostnames=names)
    assert one(graph, "Certificate", "gateway").inputs["spec"]["dnsNames"] == sorted(names)
    (solver,) = one(graph, "ClusterIssuer").inputs["spec"]["acme"]["solvers"]
    (parent,) = solver["http01"]["gatewayHTTPRoute"]["parentRefs"]
    gateway = one(graph, "Gateway").inputs
    assert (parent["name"], parent["namespace"]) == (gateway["metadata"]["name"], gateway["metadata"]["namespace"])
    assert parent["sectionName"] in [listener["name"] for listener in gateway["spec"]["listeners"]]


def test_the_node_autoscaler_is_of_the_clusters_version_and_changes_only_its_groups(graph: ResourceGraph) -> None:
    values = one(graph, "Release", "cluster-autoscaler").inputs["values"]
    assert values["image"]["tag"].startswith("v1.34.")
    assert values["autoDiscovery"] == {"clusterName": "prod-east"}
    (association,) = graph.of_type("aws:eks/podIdentityAssociation:PodIdentityAssociation")
    assert (association.inputs["namespace"], association.inputs["serviceAccount"]) == (
        "kube-system",
        values["rbac"]["serviceAccount"]["name"],
    )
    assert waits_for(graph, one(graph, "Release", "cluster-autoscaler"), association)
    (policy,) = graph.of_type("aws:iam/rolePolicy:RolePolicy")
    assert '"aws:ResourceTag/k8s.io/cluster-autoscaler/prod-east": "owned"' in policy.inputs["policy"]


def test_without_a_node_autoscaler_there_is_no_role() -> None:
    graph = planned(node_autoscaler="none", eks_cluster=None)
    assert not [resource for resource in graph if resource.type.startswith("aws:")]


def test_namespaces_enforce_pod_security(graph: ResourceGraph) -> None:
    levels = {
        resource.inputs["metadata"]["name"]: resource.inputs["metadata"]["labels"]["pod-security.kubernetes.io/enforce"]
        for resource in graph.of_type("kubernetes:core/v1:Namespace")
    }
    assert levels == {"monitoring": "privileged", "gateway-system": "restricted", "cert-manager": "restricted"}


def test_a_departments_namespace_is_restricted_closed_and_seen_by_the_gateway(graph: ResourceGraph) -> None:
    shop = graph_of(lambda opts: DepartmentNamespace("prod-east-shop", {"ownership": SHOP.args()}, opts))
    labels = one(shop, "Namespace").inputs["metadata"]["labels"]
    assert labels["pod-security.kubernetes.io/enforce"] == "restricted"
    assert labels["modelyard.dev/department"] == "shop"
    selector = one(graph, "Gateway").inputs["spec"]["listeners"][1]["allowedRoutes"]["namespaces"]["selector"]
    assert selector["matchLabels"].items() <= labels.items()
    policy = one(shop, "NetworkPolicy")
    assert policy.inputs["spec"] == {"podSelector": {}, "policyTypes": ["Ingress", "Egress"]}
    assert waits_for(shop, policy, one(shop, "Namespace"))


def test_every_object_says_whose_it_is(graph: ResourceGraph) -> None:
    labels = PLATFORM.kubernetes_labels()
    for resource in kubernetes_objects(graph):
        assert labels.items() <= resource.inputs["metadata"]["labels"].items(), resource.urn


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"eks_cluster": None}, "node_autoscaler cluster_autoscaler needs eks_cluster; name it, or choose none"),
        (
            {"acme": {"email": "ml@example.org"}, "hostnames": ["a.east.ml.example.org"]},
            "certificates by ACME need reach: internet; an internal gateway takes private_ca",
        ),
        (
            {"acme": {"email": "ml@example.org"}, "reach": "internet"},
            "certificates by ACME cover 1 to 100 models in a cluster, and cluster east serves 0; take private_ca",
        ),
        ({"reech": "internal"}, "did you mean"),
    ],
)
def test_bad_arguments_are_refused(changes: dict[str, Any], said: str) -> None:
    assert said in refusal(software(**changes))
