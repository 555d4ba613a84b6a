"""NetworkPolicies that hold, not only stand there."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, Final

from modelyard.graph import UNKNOWN, Resource, ResourceGraph

from modelyard_policies.clusters import AKS_CLUSTER, CLUSTER, GKE_CLUSTER
from modelyard_policies.inputs import decoded, elements, is_true, read, shown
from modelyard_policies.ownership import PLATFORM
from modelyard_policies.resource_types import ResourceTypes
from modelyard_policies.rule import Finding, StackRule

ADDON: Final = "aws:eks/addon:Addon"
RELEASE: Final = "kubernetes:helm.sh/v3:Release"
NAMESPACE: Final = "kubernetes:core/v1:Namespace"
NETWORK_POLICY: Final = "kubernetes:networking.k8s.io/v1:NetworkPolicy"
_ENFORCING_CHARTS: Final = ("cilium", "tigera-operator")


def rules() -> list[StackRule]:
    return [
        StackRule(
            "network-policy-enforced",
            "A cluster enforces its NetworkPolicies; a cloud stores them and ignores them unless it is told to.",
            types=ResourceTypes(CLUSTER, GKE_CLUSTER, AKS_CLUSTER, ADDON, RELEASE),
            check=_enforced,
        ),
        StackRule(
            "namespace-default-deny",
            "A department's namespace refuses connections that no NetworkPolicy allows.",
            types=ResourceTypes(NAMESPACE, NETWORK_POLICY),
            check=_default_deny,
        ),
    ]


def _enforced(graph: ResourceGraph, _: Mapping[str, Any]) -> Iterator[Finding]:
    yield from _of_google(graph)
    yield from _of_azure(graph)
    charts = {str(read(release.inputs, "chart", default="")).rpartition("/")[2] for release in graph.of_type(RELEASE)}
    if charts.intersection(_ENFORCING_CHARTS):
        return
    for cluster in graph.of_type(CLUSTER):
        addon = next((each for each in _addons(graph, cluster) if each.inputs.get("addonName") == "vpc-cni"), None)
        if addon is None:
            yield Finding(
                cluster.urn,
                "the cluster has no vpc-cni add-on, so nothing enforces its NetworkPolicies; declare the add-on with "
                'configurationValues {"enableNetworkPolicy": "true"}, or install Cilium or Calico.',
            )
            continue
        values = decoded(addon.inputs.get("configurationValues"))
        enabled = read(values, "enableNetworkPolicy")
        if enabled is not UNKNOWN and not is_true(enabled):
            yield Finding(
                addon.urn,
                f"enableNetworkPolicy in configurationValues is {shown(enabled)}, so the cluster stores "
                "NetworkPolicies "
                'and enforces none; set it to "true".',
            )


def _of_google(graph: ResourceGraph) -> Iterator[Finding]:
    for cluster in graph.of_type(GKE_CLUSTER):
        datapath = cluster.inputs.get("datapathProvider")
        if datapath in ("ADVANCED_DATAPATH", UNKNOWN) or is_true(cluster.inputs.get("enableAutopilot")):
            continue
        enabled = read(cluster.inputs, "networkPolicy", "enabled")
        if enabled is not UNKNOWN and not is_true(enabled):
            yield Finding(
                cluster.urn,
                f"datapathProvider is {shown(datapath)} and networkPolicy.enabled is {shown(enabled)}, so nothing "
                "enforces the cluster's NetworkPolicies; set datapathProvider to 'ADVANCED_DATAPATH'.",
            )


def _of_azure(graph: ResourceGraph) -> Iterator[Finding]:
    for cluster in graph.of_type(AKS_CLUSTER):
        engine = read(cluster.inputs, "networkProfile", "networkPolicy")
        if engine in (None, "none"):
            yield Finding(
                cluster.urn,
                f"networkProfile.networkPolicy is {shown(engine)}, so nothing enforces the cluster's NetworkPolicies; "
                "set it to 'cilium'.",
            )


def _addons(graph: ResourceGraph, cluster: Resource) -> Iterator[Resource]:
    for addon in graph.of_type(ADDON):
        if belongs(addon, "clusterName", cluster, "name"):
            yield addon


def belongs(resource: Resource, reference: str, owner: Resource, name: str) -> bool:
    """Whether an input of ``resource`` names ``owner``: it came from it, or is equal to its known name."""
    if owner.urn in resource.property_dependencies.get(reference, ()):
        return True
    value = resource.inputs.get(reference)
    return isinstance(value, str) and value == owner.inputs.get(name)


def _default_deny(graph: ResourceGraph, _: Mapping[str, Any]) -> Iterator[Finding]:
    closed: set[tuple[str | None, str]] = set()
    closed_urns: set[str] = set()
    for policy in graph.of_type(NETWORK_POLICY):
        spec = policy.inputs.get("spec")
        if read(spec, "podSelector") or read(spec, "ingress") or "Ingress" not in elements(read(spec, "policyTypes")):
            continue
        namespace = read(policy.inputs, "metadata", "namespace", default="default")
        if isinstance(namespace, str):
            closed.add((policy.provider, namespace))
        else:
            closed_urns.update(policy.property_dependencies.get("metadata", ()))
    for namespace in graph.of_type(NAMESPACE):
        department = read(namespace.inputs, "metadata", "labels", "modelyard.dev/department")
        if not department or department == PLATFORM or namespace.urn in closed_urns:
            continue
        name = read(namespace.inputs, "metadata", "name", default=namespace.name)
        if (namespace.provider, name) not in closed:
            yield Finding(
                namespace.urn,
                f"namespace {shown(name)} has no NetworkPolicy that refuses by default, so every pod of the cluster "
                "reaches its servers; add one with an empty podSelector, policyTypes ['Ingress'] and no ingress.",
            )
