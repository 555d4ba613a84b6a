"""What a department's models need of the foundation, made in this stack or read from another."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import pulumi

from ..capacity.software.cluster_software import ClusterSoftware
from ..environment.target import Cloud


@dataclass(frozen=True, slots=True)
class ClusterHandle:
    """A cluster that models are served on."""

    region: str
    name: pulumi.Output[str] | None
    """Physical name; None for a cluster that a kubeconfig reaches."""
    kubernetes: pulumi.ProviderResource
    cloud: Cloud = "aws"
    provider: pulumi.ProviderResource | None = None
    """Of the cluster's region in its cloud."""
    identity_issuer: pulumi.Output[str] | None = None
    """GKE: the workload pool. AKS: whose tokens managed identities trust. None on EKS, and for clusters of others."""
    subscription_id: str | None = None
    """Azure."""
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
    """Its name; on Azure of the container."""
    kms_key_arn: pulumi.Output[str]
    """Empty for a key of the cloud's own."""
    cloud: Cloud = "aws"
    url: pulumi.Output[str] | None = None
    """``s3://...``, ``gs://...`` or ``https://...``; None where it is the bucket's."""
    account: pulumi.Output[str] | None = None
    """Storage account on Azure."""
    resource_group: pulumi.Input[str] | None = None
    """Of the storage account on Azure."""
    locked: bool = False
    """Whether its objects cannot be deleted for some time."""


GOOGLE_STORES, AZURE_WORKSPACES = "googleModelStores", "azureWorkspaces"
"""Outputs of the foundation's stack that departments with models in these clouds need."""


@dataclass(frozen=True, slots=True)
class GoogleHandle:
    """What models at Vertex AI need in a region."""

    provider: pulumi.ProviderResource
    bucket: pulumi.Output[str]
    """For models."""
    locked: bool = False
    """Whether its objects cannot be deleted for some time."""


WORKSPACE_OUTPUTS = {
    "workspace_name": "workspaceName",
    "workspace_id": "workspaceId",
    "storage_account_id": "storageAccountId",
    "storage_account_name": "storageAccountName",
    "model_container": "modelContainer",
    "container_registry_id": "containerRegistryId",
    "log_analytics_id": "logAnalyticsId",
}
"""Of ``AzureMLWorkspace``, what endpoints in it need, and what the foundation's stack exports it as."""


@dataclass(frozen=True, slots=True)
class AzureHandle:
    """What models at Azure Machine Learning need in a location."""

    provider: pulumi.ProviderResource
    workspace: Mapping[str, pulumi.Output[str]]
    """By name of :data:`WORKSPACE_OUTPUTS`."""
    resource_group: pulumi.Output[str] | None = None
    """Where this stack makes it."""


@dataclass(frozen=True, slots=True)
class FoundationHandles:
    """By the names that declarations use; regions where a thing exists once a region."""

    clusters: Mapping[str, ClusterHandle]
    stores: Mapping[str, StoreHandle]
    repository_urls: Mapping[str, pulumi.Output[Mapping[str, str]]]
    aws: Mapping[str, pulumi.ProviderResource]
    """AWS provider of each region."""
    google: Mapping[str, GoogleHandle] = field(default_factory=dict)
    azure: Mapping[str, AzureHandle] = field(default_factory=dict)

    def registry_providers(self) -> dict[str, tuple[Cloud, pulumi.ProviderResource | None]]:
        """By region that has an image registry, its cloud and that cloud's provider."""
        found: dict[str, tuple[Cloud, pulumi.ProviderResource | None]] = {
            region: ("aws", provider) for region, provider in self.aws.items()
        }
        for cluster in self.clusters.values():
            if cluster.cloud != "aws":
                found.setdefault(cluster.region, (cluster.cloud, cluster.provider))
        return found
