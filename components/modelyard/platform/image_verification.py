"""Signatures of images on the clusters of an environment: Kyverno, who it is to the cloud, and its policy."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pulumi

from ..environment.cluster import Cluster
from ..governance.ownership import Ownership
from ..registry.container_registry import ContainerRegistry
from ..registry.image_verification import ACCOUNT, NAMESPACE, ImageVerification
from ..resolve.image_verification import CREDENTIALS, verified_images
from ..resolve.resolved import Resolution, ResolvedCluster
from .cluster_regions import ClusterRegions
from .handles import ClusterHandle


class SignedImages:
    """Declared in two steps: registries have to know who pulls, and on AWS the right to pull names the registry."""

    def __init__(
        self,
        resolution: Resolution,
        ownership: Ownership,
        clusters: Mapping[str, ClusterHandle],
        parent: pulumi.Resource,
    ) -> None:
        """``clusters``: handles of all of them, by name."""
        self._platform = resolution.environment.platform
        self._ownership, self._handles, self._parent = ownership, clusters, parent
        self._accounts: dict[str, dict[str, Any]] = {}
        wanted = self._platform.image_verification is not None
        self._clusters = [each for each in resolution.clusters if wanted and each.declared.existing is None]

    def add_pullers(self, pullers: dict[str, dict[str, pulumi.Input[str]]], elsewhere: ClusterRegions) -> None:
        """Add who reads signatures on clusters of Google Cloud and Azure, by region, as registries are told."""
        for cluster in self._clusters:
            handle = self._handles[cluster.declared.name]
            if handle.identity_issuer is not None:
                group = elsewhere.resource_group(cluster)
                reader = self._reader(cluster.declared, handle, group)
                pullers.setdefault(handle.region, {})[f"{cluster.declared.name}-kyverno"] = reader

    def _reader(self, cluster: Cluster, handle: ClusterHandle, group: pulumi.Input[str] | None) -> pulumi.Output[str]:
        name = f"{self._platform.environment}-{cluster.name}-kyverno"
        common: Any = {
            "namespace": NAMESPACE,
            "service_account": ACCOUNT,
            "ownership": self._ownership.args(),
        }
        if handle.cloud == "gcp":
            from ..governance.google_pod_account import GooglePodAccount

            told: Any = {**common, "workload_pool": handle.identity_issuer, "cluster": cluster.name}
            email = GooglePodAccount(name, told, self._opts(handle)).email
            self._accounts[cluster.name] = {"gcp_service_account": email}
            return email
        from ..capacity.aks.workload_identity import AzureWorkloadIdentity

        asked: Any = {**common, "location": handle.region, "resource_group": group, "issuer": handle.identity_issuer}
        identity = AzureWorkloadIdentity(name, asked, self._opts(handle))
        self._accounts[cluster.name] = {"azure_client_id": identity.client_id}
        return identity.principal_id

    def declare(self, registries: Mapping[str, ContainerRegistry]) -> None:
        """Kyverno and the policy of each cluster, whose registries are there."""
        for cluster in self._clusters:
            handle = self._handles[cluster.declared.name]
            after = self._right_to_pull(cluster, handle, registries)
            if handle.software is not None:
                after += handle.software.pod_identity_guard
            self._verified(cluster, handle, after)

    def _right_to_pull(
        self, cluster: ResolvedCluster, handle: ClusterHandle, registries: Mapping[str, ContainerRegistry]
    ) -> list[pulumi.Resource]:
        if handle.cloud != "aws" or handle.name is None or not self._platform.image_registry.repositories:
            return []
        from ..governance.pod_identity_role import PodIdentityRole

        role: Any = {
            "region": handle.region,
            "cluster_name": handle.name,
            "namespace": NAMESPACE,
            "service_account": ACCOUNT,
            "policy": registries[handle.region].pull_policy,
            "ownership": self._ownership.args(),
        }
        return [PodIdentityRole(f"{cluster.physical_name}-kyverno", role, self._opts(handle)).association]

    def _verified(self, cluster: ResolvedCluster, handle: ClusterHandle, after: list[pulumi.Resource]) -> None:
        declared = self._platform.image_verification
        assert declared is not None
        arguments: Any = {
            **declared.model_dump(mode="json", exclude_none=True, exclude_unset=True),
            "images": verified_images(self._platform, cluster),
            "registry_credentials": [CREDENTIALS[handle.cloud]],
            **self._accounts.get(cluster.declared.name, {}),
            "ownership": self._ownership.args(),
        }
        ImageVerification(f"{cluster.physical_name}-images", arguments, self._opts(handle, after))

    def _opts(self, handle: ClusterHandle, after: list[pulumi.Resource] | None = None) -> pulumi.ResourceOptions:
        providers = [handle.kubernetes, *([handle.provider] if handle.provider is not None else [])]
        return pulumi.ResourceOptions(parent=self._parent, providers=providers, depends_on=after)
