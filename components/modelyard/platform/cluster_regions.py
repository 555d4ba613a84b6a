"""What clusters of Google Cloud and Azure share with others of their region: a provider and, on Azure, a resource
group."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

import pulumi

from ..environment.target import Cloud
from ..governance.ownership import Ownership
from ..resolve.cluster_cloud import CloudAccount
from ..resolve.resolved import Resolution, ResolvedCluster
from .handles import AzureHandle, GoogleHandle


class ClusterRegions:
    """Made as clusters ask for them, each once; what managed endpoints have in the same region is used as it is."""

    def __init__(
        self,
        resolution: Resolution,
        ownership: Ownership,
        google: Mapping[str, GoogleHandle],
        azure: Mapping[str, AzureHandle],
        parent: pulumi.Resource,
    ) -> None:
        self._platform, self._clusters = resolution.environment.platform, resolution.clusters
        self._ownership, self._google, self._azure, self._parent = ownership, google, azure, parent
        self._providers: dict[tuple[str, CloudAccount], pulumi.ProviderResource] = {}
        self._groups: dict[tuple[str | None, str], pulumi.Output[str]] = {}

    def provider(self, cluster: ResolvedCluster) -> pulumi.ProviderResource:
        """Of the cluster's account and region."""
        cloud, region = cluster.declared.cloud, cluster.declared.region
        # A provider reaches every group of its subscription.
        account = replace(cluster.account, resource_group=None)
        key = (region, account)
        if key not in self._providers:
            self._providers[key] = self._managed(cloud, region, account) or self._made(cloud, region, account)
        return self._providers[key]

    def _managed(self, cloud: Cloud, region: str, account: CloudAccount) -> pulumi.ProviderResource | None:
        managed = self._platform.managed
        if cloud == "gcp":
            same = managed is not None and managed.gcp is not None and managed.gcp.project == account.project
            return self._google[region].provider if same and region in self._google else None
        azure = managed.azure if managed is not None else None
        same = azure is not None and azure.subscription_id == account.subscription_id
        return self._azure[region].provider if same and region in self._azure else None

    def _made(self, cloud: Cloud, region: str, account: CloudAccount) -> pulumi.ProviderResource:
        taken = any(each == region for each, _ in self._providers)
        mark = f"-{account.project or account.subscription_id or 'default'}" if taken else ""
        if cloud == "gcp":
            from .google_cloud import google_provider

            name = f"modelyard-gcp-{region}{mark}"
            return google_provider(account.project, region, self._ownership, self._parent, name, "a GKE cluster")
        from .azure_cloud import azure_provider

        return azure_provider(account, region, self._parent, f"modelyard-azure-{region}{mark}", "an AKS cluster")

    def resource_group(self, cluster: ResolvedCluster) -> pulumi.Input[str] | None:
        """Azure: of the cluster and all that stands beside it, made here unless managed endpoints have it."""
        account = cluster.account
        if cluster.declared.cloud != "azure" or account.resource_group is None:
            return None
        if cluster.declared.existing is not None:
            return account.resource_group
        managed = self._platform.managed.azure if self._platform.managed is not None else None
        if managed is not None and managed.resource_group == account.resource_group:
            for handle in self._azure.values():
                if handle.resource_group is not None:
                    return handle.resource_group
        key = account.subscription_id, account.resource_group
        if key not in self._groups:
            from ..governance.azure_sdk import azure

            taken = any(each == account.resource_group for _, each in self._groups)
            mark = f"-{account.subscription_id or 'default'}" if taken else ""
            group = azure("ServingCluster", "resources").ResourceGroup(
                f"{self._ownership.environment}-{account.resource_group}{mark}",
                resource_group_name=account.resource_group,
                location=cluster.declared.region,
                tags=self._ownership.aws_tags(),
                opts=pulumi.ResourceOptions(parent=self._parent, provider=self.provider(cluster)),
            )
            self._groups[key] = group.name
        return self._groups[key]

    def resource_groups(self) -> dict[str, pulumi.Input[str]]:
        """By location of a cluster of Azure, where everything beside it is."""
        found: dict[str, pulumi.Input[str]] = {}
        for cluster in self._clusters:
            group = self.resource_group(cluster)
            if group is not None:
                found.setdefault(cluster.declared.region, group)
        return found
