"""The rendered NetworkPolicies open the few paths that are needed, by an evaluator that is not ours.

What is needed is read off the other manifests: the gateway asks the ports that routes name, Prometheus those that
monitors name, and nobody anything else.
"""

from __future__ import annotations

import copy
from collections.abc import Callable
from pathlib import Path

import pytest

from .api import Object
from .build import COMMAND, built
from .environments import Environment
from .every_runtime import ENVIRONMENTS
from .reachability import GATEWAY, OTHER_PORTS, PROMETHEUS, STRANGERS, Attempt, Peer, reachable


@pytest.fixture(autouse=True)
def _built() -> None:
    if built("reachability") is None:
        pytest.skip(f"no evaluator of NetworkPolicies to test against: run `{COMMAND}`, which needs Go")


@pytest.mark.parametrize("name", ENVIRONMENTS)
def test_only_the_gateway_and_prometheus_get_in_and_each_to_its_ports(
    environment_named: dict[str, Environment], name: str, tmp_path: Path
) -> None:
    environment = environment_named[name]
    for cluster in environment.document.clusters:
        servers = _servers(environment, cluster)
        assert servers
        expected: dict[tuple[str, str, int], bool] = {}
        attempts: list[Attempt] = []
        for server in servers:
            pod, routed, scraped = (
                _pod(server),
                _routed(environment, cluster, server),
                _scraped(environment, cluster, server),
            )
            assert routed and scraped
            others = {f"server {_name(other)}": _pod(other) for other in servers}
            others["pod of the same namespace"] = Peer(pod.namespace, {"app": "notebook"})
            sources = {"gateway": GATEWAY, "prometheus": PROMETHEUS, **STRANGERS, **others}
            for who, source in sources.items():
                for port in (*_ports(server), *OTHER_PORTS):
                    wanted = port in {"gateway": routed, "prometheus": scraped}.get(who, set())
                    expected[who, _name(server), port] = wanted
                    attempts.append(Attempt(source, pod, port))
        found = dict(zip(expected, reachable(_policies(environment, cluster), attempts, tmp_path), strict=True))
        assert _differences(found, expected) == []


@pytest.mark.parametrize("name", ENVIRONMENTS)
def test_a_server_gets_out_to_names_credentials_and_https_alone(
    environment_named: dict[str, Environment], name: str, tmp_path: Path
) -> None:
    environment = environment_named[name]
    for cluster in environment.document.clusters:
        expected: dict[tuple[str, str, int, str], bool] = {}
        attempts: list[Attempt] = []
        for server in _servers(environment, cluster):
            identity = "modelyard.dev/needs-aws-identity" in _pod(server).labels
            # GKE's metadata server, which gives a pod the account that it is bound to, and never the node's.
            bound = _is_bound_to_google(environment, cluster, server)
            for to, address, port, protocol, wanted in (
                ("names", Peer("kube-system", {"k8s-app": "kube-dns"}), 53, "UDP", True),
                ("names", Peer("kube-system", {"k8s-app": "kube-dns"}), 53, "TCP", True),
                ("names of a cache", Peer("kube-system", {"k8s-app": "node-local-dns"}), 53, "UDP", True),
                ("names of the node's cache", Peer(address="169.254.20.10"), 53, "UDP", True),
                ("the node's cache", Peer(address="169.254.20.10"), 443, "TCP", False),
                ("names' metrics", Peer("kube-system", {"k8s-app": "kube-dns"}), 9153, "TCP", False),
                ("names of somebody else", Peer("attacker", {"k8s-app": "kube-dns"}), 53, "UDP", False),
                ("object store", Peer(address="52.216.1.1"), 443, "TCP", True),
                ("object store", Peer(address="52.216.1.1"), 80, "TCP", False),
                ("object store", Peer(address="52.216.1.1"), 22, "TCP", False),
                ("credentials", Peer(address="169.254.170.23"), 80, "TCP", identity),
                ("credentials", Peer(address="169.254.170.23"), 443, "TCP", False),
                ("the metadata server", Peer(address="169.254.169.254"), 80, "TCP", bound),
                ("the metadata server", Peer(address="169.254.169.254"), 443, "TCP", False),
                ("prometheus", PROMETHEUS, 9090, "TCP", False),
                ("gateway", GATEWAY, 80, "TCP", False),
            ):
                expected[_name(server), to, port, protocol] = wanted
                attempts.append(Attempt(_pod(server), address, port, protocol))
        found = dict(zip(expected, reachable(_policies(environment, cluster), attempts, tmp_path), strict=True))
        assert _differences(found, expected) == []


def any_namespace(policy: Object) -> None:
    for rule in policy["spec"]["ingress"]:
        rule["from"][0]["namespaceSelector"] = {}


def any_port(policy: Object) -> None:
    for rule in policy["spec"]["ingress"]:
        rule.pop("ports")


def no_pods(policy: Object) -> None:
    policy["spec"]["podSelector"]["matchLabels"]["app.kubernetes.io/instance"] = "misspelt"


@pytest.mark.parametrize(
    ("fault", "source", "named", "before", "after"),
    [
        (any_namespace, STRANGERS["pod that calls itself the gateway"], "http", False, True),
        (any_port, GATEWAY, "metrics", False, True),
        (any_port, PROMETHEUS, "http", False, True),
        (no_pods, GATEWAY, "http", True, False),
    ],
)
def test_a_policy_with_a_fault_is_seen(
    environment_named: dict[str, Environment],
    tmp_path: Path,
    fault: Callable[[Object], None],
    source: Peer,
    named: str,
    before: bool,
    after: bool,
) -> None:
    environment = environment_named["dev"]
    cluster = environment.document.clusters[0]
    server = _servers(environment, cluster)[0]
    port = next(port["containerPort"] for port in _declared_ports(server) if port["name"] == named)
    policies = copy.deepcopy(_policies(environment, cluster))
    attempt = [Attempt(source, _pod(server), port)]
    assert reachable(policies, attempt, tmp_path) == [before]
    for policy in policies:
        if policy["metadata"]["name"] == server["metadata"]["name"]:
            fault(policy)
    assert reachable(policies, attempt, tmp_path) == [after]


def _policies(environment: Environment, cluster: str) -> list[Object]:
    return environment.objects(cluster, "NetworkPolicy")


def _servers(environment: Environment, cluster: str) -> list[Object]:
    return environment.objects(cluster, "Deployment")


def _is_bound_to_google(environment: Environment, cluster: str, server: Object) -> bool:
    where = (server["metadata"]["namespace"], server["spec"]["template"]["spec"]["serviceAccountName"])
    (account,) = [
        each["metadata"]
        for each in environment.objects(cluster, "ServiceAccount")
        if (each["metadata"]["namespace"], each["metadata"]["name"]) == where
    ]
    return "iam.gke.io/gcp-service-account" in account.get("annotations", {})


def _name(server: Object) -> str:
    return f"{server['metadata']['namespace']}/{server['metadata']['name']}"


def _pod(server: Object) -> Peer:
    return Peer(server["metadata"]["namespace"], server["spec"]["template"]["metadata"]["labels"])


def _declared_ports(server: Object) -> list[Object]:
    return [port for container in server["spec"]["template"]["spec"]["containers"] for port in container["ports"]]


def _ports(server: Object) -> list[int]:
    return [port["containerPort"] for port in _declared_ports(server)]


def _services(environment: Environment, cluster: str, server: Object) -> list[Object]:
    pod = _pod(server)
    return [
        service
        for service in environment.objects(cluster, "Service")
        if service["metadata"]["namespace"] == pod.namespace
        and service["spec"]["selector"].items() <= pod.labels.items()
    ]


def _routed(environment: Environment, cluster: str, server: Object) -> set[int]:
    """Container ports that a route leads to."""
    found: set[int] = set()
    services = {service["metadata"]["name"]: service for service in _services(environment, cluster, server)}
    for route in environment.objects(cluster, "HTTPRoute", "GRPCRoute"):
        for rule in route["spec"]["rules"]:
            for backend in rule.get("backendRefs", []):
                same = route["metadata"]["namespace"] == server["metadata"]["namespace"]
                if same and backend["name"] in services:
                    found |= {
                        _number(server, port)
                        for port in services[backend["name"]]["spec"]["ports"]
                        if port["port"] == backend["port"]
                    }
    return found


def _scraped(environment: Environment, cluster: str, server: Object) -> set[int]:
    """Container ports that a monitor names."""
    found: set[int] = set()
    for monitor in environment.objects(cluster, "ServiceMonitor"):
        for service in _services(environment, cluster, server):
            chosen = monitor["spec"]["selector"]["matchLabels"].items() <= service["metadata"]["labels"].items()
            if chosen and monitor["metadata"]["namespace"] == service["metadata"]["namespace"]:
                names = {endpoint["port"] for endpoint in monitor["spec"]["endpoints"]}
                found |= {_number(server, port) for port in service["spec"]["ports"] if port["name"] in names}
    return found


def _number(server: Object, port: Object) -> int:
    target = port.get("targetPort", port["port"])
    if isinstance(target, int):
        return target
    return next(each["containerPort"] for each in _declared_ports(server) if each["name"] == target)


def _differences(found: dict, expected: dict) -> list[str]:
    return [f"{key}: {'open' if found[key] else 'closed'}" for key in expected if found[key] != expected[key]]
