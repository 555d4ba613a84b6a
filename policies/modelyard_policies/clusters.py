"""Kubernetes clusters: EKS, GKE and AKS."""

from __future__ import annotations

import ipaddress
from collections.abc import Iterator, Mapping
from typing import Any, Final

from modelyard.graph import UNKNOWN, Resource, ResourceGraph
from pulumi_policy import ResourceValidationArgs

from modelyard_policies.inputs import elements, is_true, listed, read, require, shown
from modelyard_policies.resource_types import ResourceTypes
from modelyard_policies.rule import Finding, ResourceRule, StackRule

CLUSTER: Final = "aws:eks/cluster:Cluster"
GKE_CLUSTER: Final = "gcp:container/cluster:Cluster"
AKS_CLUSTER: Final = "azure-native:containerservice:ManagedCluster"
DIAGNOSTICS: Final = "azure-native:monitor:DiagnosticSetting"
_LOG_TYPES: Final = ("api", "audit", "authenticator")
_COMPONENTS: Final = ("SYSTEM_COMPONENTS", "APISERVER")
"""Of GKE, whose audit logs of who changed what cannot be switched off."""
_CATEGORIES: Final = ("kube-apiserver", "kube-audit-admin", "guard")
_SHORTEST_PREFIX: Final = {4: 8, 6: 16}
_TEXTS: Final = {"type": "array", "items": {"type": "string"}}


def rules() -> list[ResourceRule | StackRule]:
    types = ResourceTypes(CLUSTER, GKE_CLUSTER, AKS_CLUSTER)
    return [
        ResourceRule(
            "cluster-endpoint-not-open",
            "A cluster's API is not reachable from the whole internet.",
            types=types,
            check=_endpoint,
        ),
        ResourceRule(
            "cluster-secrets-encrypted",
            "A cluster's secrets are encrypted with a KMS key.",
            types=types,
            check=_secrets,
        ),
        StackRule(
            "cluster-logging",
            "A cluster's control plane keeps the logs that an investigation needs.",
            types=types | ResourceTypes(DIAGNOSTICS),
            check=_logging,
            settings={"required": _TEXTS, "required_components": _TEXTS, "required_categories": _TEXTS},
        ),
    ]


def _endpoint(args: ResourceValidationArgs) -> Iterator[str]:
    if args.resource_type == GKE_CLUSTER:
        yield from _google_endpoint(args.props)
        return
    if args.resource_type == AKS_CLUSTER:
        yield from _azure_endpoint(args.props)
        return
    public = require(args.props, "vpcConfig", "endpointPublicAccess", default=True)
    if public is False or public == "false":
        return
    cidrs = require(args.props, "vpcConfig", "publicAccessCidrs")
    if not cidrs:
        yield (
            "vpcConfig.publicAccessCidrs is not set, which opens the API to 0.0.0.0/0; list the networks that "
            "administer the cluster, or set endpointPublicAccess to false."
        )
    yield from _wide("vpcConfig.publicAccessCidrs", elements(cidrs), "set endpointPublicAccess to false")


def _google_endpoint(props: Any) -> Iterator[str]:
    """Addresses alone. A DNS endpoint is reached through Google's front end, which asks IAM before it lets a request
    to the cluster."""
    if is_true(require(props, "privateClusterConfig", "enablePrivateEndpoint")):
        return
    if require(props, "controlPlaneEndpointsConfig", "ipEndpointsConfig", "enabled", default=True) is False:
        return
    networks = require(props, "masterAuthorizedNetworksConfig")
    instead = "set privateClusterConfig.enablePrivateEndpoint to true"
    if networks is None:
        yield (
            "masterAuthorizedNetworksConfig is not set, which opens the API to 0.0.0.0/0; list the networks that "
            f"administer the cluster, or {instead}."
        )
        return
    cidrs = [require(each, "cidrBlock") for each in elements(require(networks, "cidrBlocks"))]
    yield from _wide("masterAuthorizedNetworksConfig.cidrBlocks", iter(cidrs), instead)


def _azure_endpoint(props: Any) -> Iterator[str]:
    profile = require(props, "apiServerAccessProfile")
    if is_true(require(profile, "enablePrivateCluster")):
        return
    cidrs = require(profile, "authorizedIPRanges")
    instead = "set apiServerAccessProfile.enablePrivateCluster to true"
    if not cidrs:
        yield (
            "apiServerAccessProfile.authorizedIPRanges is not set, which opens the API to 0.0.0.0/0; list the networks "
            f"that administer the cluster, or {instead}."
        )
    yield from _wide("apiServerAccessProfile.authorizedIPRanges", elements(cidrs), instead)


def _wide(path: str, cidrs: Iterator[Any], instead: str) -> Iterator[str]:
    for cidr in cidrs:
        if open_to_the_world(cidr):
            yield (
                f"{path} holds {shown(cidr)}, which opens the API to the internet; list the "
                f"networks that administer the cluster, or {instead}."
            )


def _secrets(args: ResourceValidationArgs) -> Iterator[str]:
    if args.resource_type == GKE_CLUSTER:
        state = require(args.props, "databaseEncryption", "state")
        if state != "ENCRYPTED":
            yield (
                f"databaseEncryption.state is {shown(state)}, so a copy of etcd gives every secret away; set it to "
                "'ENCRYPTED' with a key of Cloud KMS (gke.kms_key of the cluster)."
            )
        return
    if args.resource_type == AKS_CLUSTER:
        enabled = require(args.props, "securityProfile", "azureKeyVaultKms", "enabled")
        if not is_true(enabled):
            yield (
                f"securityProfile.azureKeyVaultKms.enabled is {shown(enabled)}, so a copy of etcd gives every secret "
                "away; set it to true with a key of Key Vault (aks.kms_key of the cluster)."
            )
        return
    resources = require(args.props, "encryptionConfig", "resources")
    if "secrets" not in list(elements(resources)):
        yield (
            f"encryptionConfig.resources is {shown(resources)}, so a copy of etcd gives every secret away; "
            "set it to ['secrets'] with the ARN of a KMS key."
        )


def _logging(graph: ResourceGraph, config: Mapping[str, Any]) -> Iterator[Finding]:
    for cluster in graph.of_type(CLUSTER):
        required = config.get("required", _LOG_TYPES)
        yield from _lacking(cluster, "enabledClusterLogTypes", read(cluster.inputs, "enabledClusterLogTypes"), required)
    for cluster in graph.of_type(GKE_CLUSTER):
        required = config.get("required_components", _COMPONENTS)
        enabled = read(cluster.inputs, "loggingConfig", "enableComponents")
        yield from _lacking(cluster, "loggingConfig.enableComponents", enabled, required)
    for cluster in graph.of_type(AKS_CLUSTER):
        required = config.get("required_categories", _CATEGORIES)
        settings = [each for each in graph.of_type(DIAGNOSTICS) if _is_of(each, cluster)]
        if not settings:
            yield Finding(
                cluster.urn,
                "the cluster has no DiagnosticSetting, so nobody keeps its control plane's logs; declare one with the "
                f"categories {listed(required)}.",
            )
        for setting in settings:
            logs = read(setting.inputs, "logs")
            if logs is UNKNOWN or any(read(each, "categoryGroup") for each in elements(logs)):
                continue
            enabled = [read(each, "category") for each in elements(logs) if is_true(read(each, "enabled"))]
            if "kube-audit" in enabled:
                enabled.append("kube-audit-admin")
            yield from _lacking(setting, "logs", enabled, required)


def _lacking(resource: Resource, path: str, value: Any, required: Any) -> Iterator[Finding]:
    enabled = list(elements(value))
    if value is UNKNOWN or UNKNOWN in enabled:
        return
    missing = [each for each in required if each not in enabled]
    if missing:
        yield Finding(
            resource.urn,
            f"{path} is {listed(enabled)} and lacks {listed(missing)}; enable at least {listed(required)}.",
        )


def _is_of(setting: Resource, cluster: Resource) -> bool:
    if cluster.urn in setting.property_dependencies.get("resourceUri", ()):
        return True
    uri, name = setting.inputs.get("resourceUri"), cluster.inputs.get("resourceName")
    return isinstance(uri, str) and isinstance(name, str) and uri.lower().endswith(f"/managedclusters/{name.lower()}")


def open_to_the_world(cidr: Any) -> bool:
    """Whether a network is so wide that it means everybody: shorter than /8, or /16 for IPv6,."""
    if not isinstance(cidr, str):
        return False
    try:
        network = ipaddress.ip_network(cidr, strict=False)
    except ValueError:
        return False
    return network.prefixlen < _SHORTEST_PREFIX[network.version]
