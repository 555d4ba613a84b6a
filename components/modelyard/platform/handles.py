"""What a department's models need of the foundation, made in this stack or read from another."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import pulumi

from ..capacity.software.cluster_software import ClusterSoftware


@dataclass(frozen=True, slots=True)
class ClusterHandle:
    """A cluster that models are served on."""

    region: str
    eks_name: pulumi.Output[str] | None
    """Physical name; None for a cluster that a kubeconfig reaches."""
    kubernetes: pulumi.ProviderResource
    namespaces: Mapping[str, Sequence[pulumi.Resource]] = field(default_factory=dict)
    """By department, where this stack makes them: what is in a namespace waits for it."""
    software: ClusterSoftware | None = None
    """Where this stack installs it: routes wait for the gateway, monitors for Prometheus."""
    controllers: Sequence[pulumi.Resource] = ()
    """What custom resources of KEDA, KServe, Argo Rollouts and Flagger wait for, where this stack makes it."""


@dataclass(frozen=True, slots=True)
class StoreHandle:
    """The model store of a region."""

    bucket: pulumi.Output[str]
    kms_key_arn: pulumi.Output[str]


@dataclass(frozen=True, slots=True)
class FoundationHandles:
    """By the names that declarations use; regions where a thing exists once a region."""

    clusters: Mapping[str, ClusterHandle]
    stores: Mapping[str, StoreHandle]
    repository_urls: Mapping[str, pulumi.Output[Mapping[str, str]]]
    aws: Mapping[str, pulumi.ProviderResource]
    """AWS provider of each region."""
