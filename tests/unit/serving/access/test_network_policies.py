"""What may reach a model's pods and what they may reach, with and without a mesh."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from modelyard.capacity.software.mesh import Mesh
from modelyard.capacity.software.namespaces import department_namespace
from modelyard.governance.ownership import Ownership
from modelyard.serving.triton.service_declaration import declaration, triton_workload
from modelyard.serving.workload.network_policy import network_policy
from modelyard.serving.workload.workload import Workload

EVERY_PORT = [{"port": 0}]
SHOP = Ownership("shop", "CC-2000", "prod", "shop@retail.example")


@pytest.fixture(scope="module")
def workload() -> Workload:
    arguments: Any = {
        "ownership": SHOP.args(),
        "model": "tagger",
        "cluster": "east",
        "stored": {"bucket": "models", "prefix": "tagger", "region": "us-east-1", "digest": "1"},
        "resources": {"gpus": 0},
    }
    return triton_workload(declaration("tagger", arguments))


def opened(policy: dict[str, Any]) -> dict[str, list[int]]:
    """Ports by the namespace, or the addresses, that they are open to."""
    found: dict[str, list[int]] = {}
    for rule in policy["spec"]["ingress"]:
        (peer, *_) = rule["from"]
        who = peer.get("namespaceSelector", {}).get("matchLabels", {}).get("kubernetes.io/metadata.name")
        found.setdefault(who or peer["ipBlock"]["cidr"], []).extend(
            port["port"] for port in rule.get("ports", EVERY_PORT)
        )
    return found


@pytest.mark.parametrize(
    ("mesh", "expected"),
    [
        ("none", {"gateway-system": [8000, 8001], "monitoring": [8002]}),
        (
            "istio",
            {"gateway-system": [8000, 8001, 15008], "monitoring": [8002, 15008], "169.254.7.127/32": [0]},
        ),
        ("linkerd", {"gateway-system": [8000, 8001, 4143], "monitoring": [8002, 4143, 4191]}),
    ],
)
def test_pods_are_open_to_the_gateway_and_prometheus(workload: Workload, mesh: Mesh, expected: Any) -> None:
    assert opened(network_policy(workload, mesh=mesh)) == expected


@pytest.mark.parametrize(("left_out", "namespace"), [("metrics", "monitoring"), (("http", "grpc"), "gateway-system")])
def test_who_has_no_port_has_no_rule(workload: Workload, left_out: Any, namespace: str) -> None:
    """A rule without ports opens every port."""
    ports = tuple(port for port in workload.server.ports if port.name not in left_out)
    policy = network_policy(replace(workload, server=replace(workload.server, ports=ports)))
    assert namespace not in opened(policy)
    assert all(rule["ports"] for rule in policy["spec"]["ingress"])


@pytest.mark.parametrize(
    ("mesh", "label", "annotation", "kinds"),
    [
        ("none", None, None, ["Namespace", "NetworkPolicy"]),
        ("istio", "istio.io/dataplane-mode", None, ["Namespace", "NetworkPolicy", "PeerAuthentication"]),
        ("linkerd", None, "linkerd.io/inject", ["Namespace", "NetworkPolicy"]),
    ],
)
def test_a_department_starts_with_everything_closed(
    mesh: Mesh, label: str | None, annotation: str | None, kinds: list[str]
) -> None:
    namespace, deny, *_ = made = department_namespace(SHOP, mesh=mesh)
    assert [each["kind"] for each in made] == kinds
    assert deny["spec"] == {"podSelector": {}, "policyTypes": ["Ingress", "Egress"]}
    metadata = namespace["metadata"]
    assert metadata["labels"]["pod-security.kubernetes.io/enforce"] == "restricted"
    assert ("istio.io/dataplane-mode" in metadata["labels"]) is (label is not None)
    assert ("linkerd.io/inject" in metadata.get("annotations", {})) is (annotation is not None)
