"""Who reaches a TritonService, by which way, and what it reaches itself."""

from __future__ import annotations

import pytest
from modelyard.graph import ResourceGraph, Secret

from .program import graph_of, kubernetes_objects, one, run_program
from .triton import server, service


@pytest.fixture(scope="module")
def graph() -> ResourceGraph:
    return graph_of(service())


def test_the_gateway_tries_again_only_what_no_server_has_read(graph: ResourceGraph) -> None:
    policy = one(graph, "BackendTrafficPolicy").inputs["spec"]
    assert policy["targetRefs"] == [{"group": "gateway.networking.k8s.io", "kind": "HTTPRoute", "name": "tagger"}]
    assert policy["retry"]["retryOn"] == {"triggers": ["connect-failure", "refused-stream", "reset-before-request"]}
    assert policy["healthCheck"]["passive"]["splitExternalLocalOriginErrors"] is True


def test_several_versions_are_reached_side_by_side() -> None:
    rules = one(graph_of(service(version=2, versions=[1, 2])), "HTTPRoute").inputs["spec"]["rules"]
    paths = [match["path"]["value"] for match in rules[0]["matches"]]
    assert paths[:3] == [f"/v2/models/tagger/{path}infer" for path in ("", "versions/1/", "versions/2/")]


def test_a_model_without_a_hostname_has_no_route() -> None:
    kinds = [resource.inputs["kind"] for resource in kubernetes_objects(graph_of(service(hostname=None)))]
    assert "HTTPRoute" not in kinds
    assert "BackendTrafficPolicy" not in kinds


def test_only_the_gateway_and_prometheus_get_in(graph: ResourceGraph) -> None:
    spec = one(graph, "NetworkPolicy").inputs["spec"]
    assert spec["policyTypes"] == ["Ingress", "Egress"]
    opened = [
        (
            rule["from"][0]["namespaceSelector"]["matchLabels"]["kubernetes.io/metadata.name"],
            rule["from"][0]["podSelector"]["matchLabels"]["app.kubernetes.io/name"],
            [port["port"] for port in rule["ports"]],
        )
        for rule in spec["ingress"]
    ]
    assert opened == [("gateway-system", "envoy", [8000, 8001]), ("monitoring", "prometheus", [8002])]


def test_out_go_dns_the_pod_identity_agent_and_https(graph: ResourceGraph) -> None:
    dns, agent, https = one(graph, "NetworkPolicy").inputs["spec"]["egress"]
    assert [(port["port"], port["protocol"]) for port in dns["ports"]] == [(53, "UDP"), (53, "TCP")]
    assert [to["ipBlock"]["cidr"] for to in agent["to"]] == ["169.254.170.23/32", "fd00:ec2::23/128"]
    assert [port["port"] for port in agent["ports"]] == [80]
    assert https["to"] == [{"ipBlock": {"cidr": "0.0.0.0/0", "except": ["169.254.0.0/16"]}}]
    assert [port["port"] for port in https["ports"]] == [443]


def test_secrets_reach_the_server_by_reference_alone() -> None:
    references = {"HUB_TOKEN": {"config": "hub"}, "SIGNING": {"aws_secrets_manager": "prod/signing"}}
    graph = run_program(service(secret_env=references), {"modelyard:hub": Secret("planted-value")}, "up").graph
    held = one(graph, "Secret").inputs
    assert held["immutable"] is True
    assert isinstance(held["stringData"], Secret)
    assert held["stringData"].reveal().keys() == {"HUB_TOKEN", "SIGNING"}
    assert "planted-value" not in repr([resource.inputs for resource in graph])
    by_reference = {
        variable["name"]: variable["valueFrom"]["secretKeyRef"]["key"]
        for variable in server(graph)["env"]
        if "secretKeyRef" in variable.get("valueFrom", {})
    }
    assert by_reference == {"HUB_TOKEN": "HUB_TOKEN", "SIGNING": "SIGNING"}
