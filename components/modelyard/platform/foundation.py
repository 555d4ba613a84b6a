"""What all departments share: networks, clusters, GPU pools, registries, model stores, cluster software."""

from typing import Any

import pulumi

from ..capacity.existing_cluster import ExistingCluster
from ..capacity.gpu_node_pool import GpuNodePool
from ..capacity.serving_cluster import SYSTEM_POOL, ServingCluster
from ..capacity.software.cluster_software import ClusterSoftware
from ..capacity.software.department_namespace import DepartmentNamespace, DepartmentNamespaceArgs
from ..capacity.software.gpu_software import GpuSoftware
from ..capacity.software.gpu_software_args import GpuSoftwareArgs, GpuSoftwarePoolArgs
from ..capacity.software.secret_value import secret_value
from ..cost.budget import Budget
from ..environment.cluster import ExistingEks, ExistingKubeconfig
from ..environment.department import Department
from ..environment.gateway import Acme
from ..environment.network import ExistingNetwork
from ..governance.aws_provider import aws_provider
from ..governance.ownership import PLATFORM, Ownership, OwnershipArgs
from ..monitoring.monitoring import ClusterMonitoring
from ..network.network import Network
from ..registry.container_registry import ContainerRegistry
from ..registry.model_store import ModelStore
from ..resolve.gpu_pool import architecture_of
from ..resolve.graphs import loose_pods
from ..resolve.resolved import Resolution, ResolvedCluster
from .handles import (
    AZURE_WORKSPACES,
    GOOGLE_STORES,
    WORKSPACE_OUTPUTS,
    AzureHandle,
    ClusterHandle,
    FoundationHandles,
    GoogleHandle,
    StoreHandle,
)
from .storage import registry_arguments, store_arguments


def declare_foundation(resolution: Resolution, *, parent: pulumi.Resource) -> tuple[FoundationHandles, dict[str, Any]]:
    """Declare it, and give what departments need and what the stack exports."""
    return _Foundation(resolution, parent).declare()


class _Foundation:
    def __init__(self, resolution: Resolution, parent: pulumi.Resource) -> None:
        self.resolution, self.parent = resolution, parent
        self.platform = resolution.environment.platform
        self.ownership = Ownership(PLATFORM, self.platform.cost_center, self.platform.environment, self.platform.owner)
        self.aws: dict[str, pulumi.ProviderResource] = {}
        self.clusters: dict[str, ClusterHandle] = {}
        self.exported: dict[str, Any] = {}

    @property
    def owner(self) -> OwnershipArgs:
        return self.ownership.args()

    def declare(self) -> tuple[FoundationHandles, dict[str, Any]]:
        managed = self.platform.managed
        regions = [cluster.declared.region for cluster in self.resolution.clusters]
        for region in dict.fromkeys((*regions, *(managed.regions("aws") if managed is not None else ()))):
            self.aws[region] = aws_provider(
                region, self.ownership, self.platform.aws_account_id, pulumi.ResourceOptions(parent=self.parent)
            )
        stores = {region: self._store(region) for region in self.aws}
        registries = {region: self._registry(region) for region in self.aws}
        for cluster in self.resolution.clusters:
            self._cluster(cluster)
        if self.platform.monthly_budget_usd is not None and self.aws:
            Budget(
                f"{self.platform.environment}-{PLATFORM}",
                {
                    "monthly_usd": float(self.platform.monthly_budget_usd),
                    "whole_environment": True,
                    "ownership": self.owner,
                },
                self._within(next(iter(self.aws))),
            )
        google, azure = self._google(), self._azure()
        handles = FoundationHandles(
            clusters=self.clusters,
            stores={
                region: StoreHandle(store.bucket, store.kms_key_arn, locked=self.platform.model_store.lock is not None)
                for region, store in stores.items()
            },
            repository_urls={region: registry.repository_urls for region, registry in registries.items()},
            aws=self.aws,
            google=google,
            azure=azure,
        )
        exports: dict[str, Any] = {
            "clusters": self.exported,
            "modelStores": {
                region: {"bucket": store.bucket, "kmsKeyArn": store.kms_key_arn} for region, store in stores.items()
            },
            "imageRepositories": {region: registry.repository_urls for region, registry in registries.items()},
            "controllers": {cluster.declared.name: sorted(cluster.controllers) for cluster in self.resolution.clusters},
        }
        if google:
            exports[GOOGLE_STORES] = {region: {"bucket": each.bucket} for region, each in google.items()}
        if azure:
            exports[AZURE_WORKSPACES] = {
                location: {key: each.workspace[name] for name, key in WORKSPACE_OUTPUTS.items()}
                for location, each in azure.items()
            }
        return handles, exports

    def _google(self) -> dict[str, GoogleHandle]:
        if self.platform.managed is None or self.platform.managed.gcp is None:
            return {}
        from .google_cloud import declare_google

        return declare_google(self.platform, self.ownership, self.parent)

    def _azure(self) -> dict[str, AzureHandle]:
        if self.platform.managed is None or self.platform.managed.azure is None:
            return {}
        from .azure_cloud import declare_azure

        return declare_azure(self.platform, self.ownership, self.parent)

    def _within(self, region: str, *providers: pulumi.ProviderResource, **more: Any) -> pulumi.ResourceOptions:
        return pulumi.ResourceOptions(parent=self.parent, providers=[self.aws[region], *providers], **more)

    def _store(self, region: str) -> ModelStore:
        return ModelStore(
            f"{self.platform.environment}-models-{region}",
            store_arguments(self.platform, "aws", region, self.ownership),
            self._within(region),
        )

    def _registry(self, region: str) -> ContainerRegistry:
        return ContainerRegistry(
            f"{self.platform.environment}-images-{region}",
            registry_arguments(self.platform, "aws", region, self.ownership),
            self._within(region),
        )

    def _cluster(self, cluster: ResolvedCluster) -> None:
        name, region = cluster.physical_name, cluster.declared.region
        network = self._network(cluster)
        if cluster.declared.existing is not None:
            made: ServingCluster | ExistingCluster = self._existing_cluster(cluster)
        else:
            assert network is not None
            made = self._new_cluster(cluster, network)
        pools = self._pools(cluster, made, network)
        software = self._software(cluster, made) if isinstance(made, ServingCluster) else None
        if software is not None and pools:
            after_prometheus = self._within(region, made.provider, depends_on=[software.prometheus_stack])
            GpuSoftware(name, self._gpu_software(cluster), after_prometheus)
            ClusterMonitoring(name, {"ownership": self.owner}, after_prometheus)
        namespaces = {
            department.department: DepartmentNamespace(
                f"{name}-{department.department}",
                self._namespace(department, cluster),
                self._within(region, made.provider),
            ).resources
            for department in self.resolution.environment.departments
        }
        by_kubeconfig = isinstance(cluster.declared.existing, ExistingKubeconfig)
        self.clusters[cluster.declared.name] = ClusterHandle(
            region,
            None if by_kubeconfig else made.name,
            made.provider,
            namespaces,
            software,
            self._controllers(cluster, made, software),
        )
        self.exported[cluster.declared.name] = {
            "name": made.name,
            "region": region,
            "identifier": made.identifier,
            "kubeconfig": made.kubeconfig,
            "securityGroupId": made.security_group_id,
            **({"tunnelCommand": made.tunnel_command} if isinstance(made, ServingCluster) else {}),
        }

    def _controllers(
        self, cluster: ResolvedCluster, made: ServingCluster | ExistingCluster, software: ClusterSoftware | None
    ) -> list[pulumi.Resource]:
        """Those that are installed here, and the objects that we add to KServe, by whose hand ever it is there."""
        installed = {} if software is None else software.controllers
        if not cluster.kserve:
            return list(installed.values())
        from ..serving.kserve.cluster import KServeCluster

        after = [installed["kserve"]] if "kserve" in installed else []
        within = self._within(cluster.declared.region, made.provider, depends_on=after)
        return [*installed.values(), KServeCluster(cluster.physical_name, {"ownership": self.owner}, within)]

    def _gpu_software(self, cluster: ResolvedCluster) -> GpuSoftwareArgs:
        pools: list[GpuSoftwarePoolArgs] = []
        for pool in cluster.gpu_pools:
            declared = pool.declared
            wanted: Any = {
                "name": declared.name,
                "accelerator": declared.accelerator,
                "provisioner": declared.provisioner,
                "driver_by": pool.driver_by,
                "image": declared.image,
                "dra": declared.dra or None,
                "sharing": declared.sharing.model_dump(exclude_none=True) if declared.sharing is not None else None,
            }
            pools.append({key: value for key, value in wanted.items() if value is not None})  # pyright: ignore[reportArgumentType]
        return {
            "ownership": self.owner,
            "cloud": cluster.declared.cloud,
            "kubernetes_version": cluster.declared.kubernetes_version,
            "pools": pools,
            "scrape_interval_seconds": self.platform.monitoring.scrape_interval_seconds,
            "pod_labels": cluster.declared.gpu_software.pod_labels,
            "system_nodes": {"modelyard.dev/pool": SYSTEM_POOL},
        }

    def _namespace(self, department: Department, cluster: ResolvedCluster) -> DepartmentNamespaceArgs:
        arguments: DepartmentNamespaceArgs = {
            "ownership": self._department(department).args(),
            "mesh": self.platform.gateway.access.mesh,
        }
        if any(pool.declared.dra for pool in cluster.gpu_pools):
            arguments["gpu_claims"] = True
        whose = loose_pods(department, cluster.declared.name)
        return arguments if whose is None else {**arguments, "baseline_for": whose}

    def _department(self, department: Department) -> Ownership:
        return Ownership(department.department, department.cost_center, self.ownership.environment, department.owner)

    def _network(self, cluster: ResolvedCluster) -> Network | None:
        """None for an existing cluster whose subnets nobody has named."""
        declared, region = cluster.declared.network, cluster.declared.region
        if isinstance(declared, ExistingNetwork):
            return Network(
                cluster.physical_name,
                {"region": region, "existing": declared.model_dump(), "ownership": self.owner},  # pyright: ignore[reportArgumentType]
                self._within(region),
            )
        if cluster.declared.existing is not None:
            return None
        arguments: Any = {
            **declared.model_dump(mode="json", exclude_none=True),
            "flow_logs": declared.flow_logs.model_dump() if declared.flow_logs else None,
            "zones": list(cluster.zones),
            "region": region,
            "cluster_name": cluster.physical_name,
            "ownership": self.owner,
        }
        return Network(cluster.physical_name, arguments, self._within(region))

    def _new_cluster(self, cluster: ResolvedCluster, network: Network) -> ServingCluster:
        declared = cluster.declared
        arguments: Any = {
            "name": declared.name,
            "region": declared.region,
            "vpc_id": network.vpc_id,
            "private_subnet_ids": network.private_subnet_ids,
            "kubernetes_version": declared.kubernetes_version,
            "api_access": declared.api_access.model_dump(mode="json"),
            "control_plane_logs": declared.control_plane_logs,
            "log_retention_days": declared.log_retention_days,
            "system_nodes": declared.system_nodes.model_dump(exclude_none=True),
            "deletion_protection": declared.deletion_protection,
            "node_repair": any(pool.repair for pool in declared.gpu_pools),
            "ownership": self.owner,
        }
        return ServingCluster(cluster.physical_name, arguments, self._within(declared.region))

    def _existing_cluster(self, cluster: ResolvedCluster) -> ExistingCluster:
        declared, existing = cluster.declared, cluster.declared.existing
        arguments: Any = {"region": declared.region, "ownership": self.owner}
        if isinstance(existing, ExistingEks):
            arguments["name"] = existing.name
        elif existing is not None:
            arguments["kubeconfig"] = secret_value(existing.kubeconfig, self.parent, self.aws[declared.region])
            if existing.context is not None:
                arguments["context"] = existing.context
        return ExistingCluster(cluster.physical_name, arguments, self._within(declared.region))

    def _pools(
        self, cluster: ResolvedCluster, made: ServingCluster | ExistingCluster, network: Network | None
    ) -> list[GpuNodePool]:
        pools = []
        for pool in cluster.gpu_pools:
            assert network is not None
            arguments: Any = {
                **pool.declared.model_dump(mode="json", exclude_none=True, exclude={"zones"}),
                "instance_types": list(pool.instance_types),
                "region": cluster.declared.region,
                "cluster": cluster.declared.name,
                "cluster_name": made.name,
                "node_role_arn": made.node_role_arn,
                "subnet_ids": network.private_subnets(pool.declared.zones, instance_types=pool.instance_types),
                "ownership": self.owner,
            }
            if isinstance(made, ServingCluster):
                arguments["kubernetes_version"] = made.kubernetes_version
            pools.append(
                GpuNodePool(
                    f"{cluster.physical_name}-{pool.declared.name}", arguments, self._within(cluster.declared.region)
                )
            )
        return pools

    def _software(self, cluster: ResolvedCluster, made: ServingCluster) -> ClusterSoftware:
        gateway, region = self.platform.gateway, cluster.declared.region
        arguments: Any = {
            "ownership": self.owner,
            "cluster": cluster.declared.name,
            "cloud": cluster.declared.cloud,
            "region": region,
            "kubernetes_version": cluster.declared.kubernetes_version,
            **({"eks_cluster": made.name} if cluster.declared.cloud == "aws" else {}),
            "auto_mode": cluster.declared.eks.auto_mode,
            "domain": gateway.domain,
            "reach": gateway.reach,
            "monitoring": self.platform.monitoring.model_dump(exclude_none=True),
            "node_autoscaler": cluster.declared.node_autoscaler,
            "system_nodes": {"modelyard.dev/pool": SYSTEM_POOL},
            "mesh": gateway.access.mesh,
            "controllers": sorted(cluster.controllers),
            "system_architecture": architecture_of(cluster.declared.system_instance_types[0]),
            "system_machine": cluster.declared.system_instance_types[0],
        }
        if cluster.declared.aks.disk_encryption_set_id is not None:
            arguments["disk_encryption_set_id"] = cluster.declared.aks.disk_encryption_set_id
        way = gateway.access.authentication
        if way is not None and way.mtls is not None:
            arguments["client_certificates"] = way.mtls.model_dump(exclude_none=True)
        if gateway.access.rate_limit_redis is not None:
            arguments["rate_limit_redis"] = gateway.access.rate_limit_redis
        if isinstance(gateway.certificates, Acme):
            arguments["acme"] = gateway.certificates.model_dump()
            arguments["hostnames"] = self.resolution.hostnames(cluster.declared.name)
        return ClusterSoftware(cluster.physical_name, arguments, self._within(region, made.provider))
