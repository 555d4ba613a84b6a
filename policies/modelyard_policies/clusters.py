"""Kubernetes clusters (EKS)."""

from __future__ import annotations

import ipaddress
from collections.abc import Iterator
from typing import Any, Final

from pulumi_policy import ResourceValidationArgs

from modelyard_policies.inputs import elements, listed, require, shown
from modelyard_policies.resource_types import ResourceTypes
from modelyard_policies.rule import ResourceRule

CLUSTER: Final = "aws:eks/cluster:Cluster"
_LOG_TYPES: Final = ("api", "audit", "authenticator")
_SHORTEST_PREFIX: Final = {4: 8, 6: 16}


def rules() -> list[ResourceRule]:
    types = ResourceTypes(CLUSTER)
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
        ResourceRule(
            "cluster-logging",
            "A cluster's control plane keeps the logs that an investigation needs.",
            types=types,
            check=_logging,
            settings={"required": {"type": "array", "items": {"type": "string"}}},
        ),
    ]


def _endpoint(args: ResourceValidationArgs) -> Iterator[str]:
    public = require(args.props, "vpcConfig", "endpointPublicAccess", default=True)
    if public is False or public == "false":
        return
    cidrs = require(args.props, "vpcConfig", "publicAccessCidrs")
    if not cidrs:
        yield (
            "vpcConfig.publicAccessCidrs is not set, which opens the API to 0.0.0.0/0; list the networks that "
            "administer the cluster, or set endpointPublicAccess to false."
        )
    for cidr in elements(cidrs):
        if open_to_the_world(cidr):
            yield (
                f"vpcConfig.publicAccessCidrs holds {shown(cidr)}, which opens the API to the internet; list the "
                "networks that administer the cluster, or set endpointPublicAccess to false."
            )


def _secrets(args: ResourceValidationArgs) -> Iterator[str]:
    resources = require(args.props, "encryptionConfig", "resources")
    if "secrets" not in list(elements(resources)):
        yield (
            f"encryptionConfig.resources is {shown(resources)}, so a copy of etcd gives every secret away; "
            "set it to ['secrets'] with the ARN of a KMS key."
        )


def _logging(args: ResourceValidationArgs) -> Iterator[str]:
    enabled = list(elements(require(args.props, "enabledClusterLogTypes")))
    required = args.get_config().get("required", _LOG_TYPES)
    missing = [each for each in required if each not in enabled]
    if missing:
        yield (
            f"enabledClusterLogTypes is {listed(enabled)} and lacks {listed(missing)}; "
            f"enable at least {listed(required)}."
        )


def open_to_the_world(cidr: Any) -> bool:
    """Whether a network is so wide that it means everybody: shorter than /8, or /16 for IPv6,."""
    if not isinstance(cidr, str):
        return False
    try:
        network = ipaddress.ip_network(cidr, strict=False)
    except ValueError:
        return False
    return network.prefixlen < _SHORTEST_PREFIX[network.version]
