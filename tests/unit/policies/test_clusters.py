"""Rules on clusters and their networks."""

from __future__ import annotations

import json
from typing import Any

import pytest
from modelyard.graph import UNKNOWN, Resource

from .recorded import messages, resource

CLUSTER = "aws:eks/cluster:Cluster"
ADDON = "aws:eks/addon:Addon"
OPEN = (
    "which opens the API to the internet; list the networks that administer the cluster, or set endpointPublicAccess "
    "to false."
)


@pytest.mark.parametrize(
    ("vpc_config", "expected"),
    [
        ({"endpointPublicAccess": False}, []),
        ({"endpointPublicAccess": True, "publicAccessCidrs": ["203.0.113.0/24", "2001:db8::/32"]}, []),
        (
            {},
            [
                "vpcConfig.publicAccessCidrs is not set, which opens the API to 0.0.0.0/0; list the networks that "
                "administer the cluster, or set endpointPublicAccess to false."
            ],
        ),
        (
            {"endpointPublicAccess": True, "publicAccessCidrs": ["0.0.0.0/1", "203.0.113.0/24", "::/0"]},
            [
                f"vpcConfig.publicAccessCidrs holds '0.0.0.0/1', {OPEN}",
                f"vpcConfig.publicAccessCidrs holds '::/0', {OPEN}",
            ],
        ),
    ],
)
def test_cluster_endpoint_not_open(vpc_config: dict[str, Any], expected: list[str]) -> None:
    assert messages("cluster-endpoint-not-open", resource(CLUSTER, {"vpcConfig": vpc_config})) == expected


@pytest.mark.parametrize(
    ("rule", "inputs", "expected"),
    [
        ("cluster-secrets-encrypted", {"encryptionConfig": {"resources": ["secrets"], "provider": UNKNOWN}}, []),
        (
            "cluster-secrets-encrypted",
            {},
            [
                "encryptionConfig.resources is not set, so a copy of etcd gives every secret away; set it to "
                "['secrets'] with the ARN of a KMS key."
            ],
        ),
        ("cluster-logging", {"enabledClusterLogTypes": ["audit", "api", "authenticator", "scheduler"]}, []),
        (
            "cluster-logging",
            {"enabledClusterLogTypes": ["api"]},
            [
                "enabledClusterLogTypes is 'api' and lacks 'audit', 'authenticator'; enable at least 'api', 'audit', "
                "'authenticator'."
            ],
        ),
        (
            "cluster-logging",
            {},
            [
                "enabledClusterLogTypes is none and lacks 'api', 'audit', 'authenticator'; enable at least 'api', "
                "'audit', 'authenticator'."
            ],
        ),
    ],
)
def test_clusters(rule: str, inputs: dict[str, Any], expected: list[str]) -> None:
    assert messages(rule, resource(CLUSTER, inputs)) == expected


def addon(values: Any, **changes: Any) -> Resource:
    inputs = {"addonName": "vpc-cni", "clusterName": UNKNOWN, "configurationValues": values, **changes}
    return resource(ADDON, inputs, "cni", sources={"clusterName": (resource(CLUSTER, {}).urn,)})


NO_ADDON = (
    "the cluster has no vpc-cni add-on, so nothing enforces its NetworkPolicies; declare the add-on with "
    'configurationValues {"enableNetworkPolicy": "true"}, or install Cilium or Calico.'
)


@pytest.mark.parametrize(
    ("others", "expected"),
    [
        ([addon(json.dumps({"enableNetworkPolicy": "true"}))], []),
        ([addon(json.dumps({"enableNetworkPolicy": True}))], []),
        ([addon(UNKNOWN)], []),
        ([resource("kubernetes:helm.sh/v3:Release", {"chart": "oci://quay.io/cilium/cilium"})], []),
        ([resource("kubernetes:helm.sh/v3:Release", {"chart": "cert-manager"})], [NO_ADDON]),
        ([], [NO_ADDON]),
        ([addon(None, addonName="coredns")], [NO_ADDON]),
        (
            [addon(json.dumps({"env": {}}))],
            [
                "enableNetworkPolicy in configurationValues is not set, so the cluster stores NetworkPolicies and "
                'enforces none; set it to "true".'
            ],
        ),
        (
            [addon(json.dumps({"enableNetworkPolicy": "false"}))],
            [
                "enableNetworkPolicy in configurationValues is 'false', so the cluster stores NetworkPolicies and "
                'enforces none; set it to "true".'
            ],
        ),
    ],
)
def test_network_policy_enforced(others: list[Resource], expected: list[str]) -> None:
    assert messages("network-policy-enforced", resource(CLUSTER, {"name": "prod-use1"}), *others) == expected


def test_an_addon_of_another_cluster_does_not_count() -> None:
    first, second = (resource(CLUSTER, {"name": name}, name) for name in ("prod-use1", "prod-usw2"))
    enabled = json.dumps({"enableNetworkPolicy": "true"})
    cni = resource(ADDON, {"addonName": "vpc-cni", "clusterName": "prod-usw2", "configurationValues": enabled})
    assert messages("network-policy-enforced", first, second, cni) == [NO_ADDON]


def namespace(
    department: str = "merchandising", enforce: str | None = "restricted", baseline_for: str | None = None
) -> Resource:
    labels = {"modelyard.dev/department": department}
    if enforce:
        labels["pod-security.kubernetes.io/enforce"] = enforce
    metadata: dict[str, Any] = {"name": department, "labels": labels}
    if baseline_for:
        metadata["annotations"] = {"modelyard.dev/baseline-for": baseline_for}
    return resource("kubernetes:core/v1:Namespace", {"metadata": metadata}, department)


def network_policy(spec: dict[str, Any], where: Any = "merchandising", **sources: Any) -> Resource:
    inputs = {"metadata": {"namespace": where}, "spec": spec}
    return resource("kubernetes:networking.k8s.io/v1:NetworkPolicy", inputs, "default", sources=sources)


NOT_CLOSED = (
    "namespace 'merchandising' has no NetworkPolicy that refuses by default, so every pod of the cluster reaches its "
    "servers; add one with an empty podSelector, policyTypes ['Ingress'] and no ingress."
)


@pytest.mark.parametrize(
    ("others", "expected"),
    [
        ([network_policy({"podSelector": {}, "policyTypes": ["Ingress", "Egress"]})], []),
        (
            [network_policy({"podSelector": {}, "policyTypes": ["Ingress"]}, UNKNOWN, metadata=(namespace().urn,))],
            [],
        ),
        ([], [NOT_CLOSED]),
        ([network_policy({"podSelector": {}, "policyTypes": ["Egress"]})], [NOT_CLOSED]),
        ([network_policy({"podSelector": {"matchLabels": {"a": "b"}}, "policyTypes": ["Ingress"]})], [NOT_CLOSED]),
        ([network_policy({"podSelector": {}, "policyTypes": ["Ingress"], "ingress": [{}]})], [NOT_CLOSED]),
        ([network_policy({"podSelector": {}, "policyTypes": ["Ingress"]}, "toys")], [NOT_CLOSED]),
    ],
)
def test_namespace_default_deny(others: list[Resource], expected: list[str]) -> None:
    assert messages("namespace-default-deny", namespace(), *others) == expected


def test_the_platforms_namespaces_need_no_default_deny() -> None:
    assert messages("namespace-default-deny", namespace("platform")) == []


@pytest.mark.parametrize(
    ("found", "expected"),
    [
        (namespace(), []),
        (namespace("platform", "privileged"), []),
        (
            namespace(enforce="baseline"),
            [
                "the namespace of department 'merchandising' has pod-security.kubernetes.io/enforce 'baseline', so it "
                "admits pods that run as root; set the label to 'restricted', or say in the annotation "
                "modelyard.dev/baseline-for whose pods cannot be."
            ],
        ),
        (namespace(enforce="baseline", baseline_for="a router that sets no seccomp profile"), []),
        (
            namespace(enforce="privileged", baseline_for="a router that sets no seccomp profile"),
            [
                "the namespace of department 'merchandising' has pod-security.kubernetes.io/enforce 'privileged', so "
                "it admits pods that can take over a node; set the label to 'restricted'."
            ],
        ),
        (
            namespace(enforce=None),
            [
                "the namespace of department 'merchandising' has pod-security.kubernetes.io/enforce not set, so it "
                "admits pods that can take over a node; set the label to 'restricted'."
            ],
        ),
    ],
)
def test_departments_namespaces_enforce_the_restricted_standard(found: Resource, expected: list[str]) -> None:
    assert messages("pod-security", found) == expected
