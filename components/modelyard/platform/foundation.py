"""What all departments share: networks, clusters, GPU pools, registries, model stores, cluster software."""

from dataclasses import asdict
from typing import Any

import pulumi

from ..capacity.cpu_node_pool import CpuNodePool
from ..capacity.existing_cluster import ExistingCluster
from ..capacity.gpu_node_pool import GpuNodePool
from ..capacity.serving_cluster import SYSTEM_POOL, ServingCluster
from ..capacity.software.cluster_software import ClusterSoftware
from ..capacity.software.department_namespace import DepartmentNamespace, DepartmentNamespaceArgs
from ..capacity.software.gpu_software import GpuSoftware
from ..capacity.software.secret_value import secret_value
from ..cost.budget import Budget
from ..environment.cluster import Cluster, ExistingKubeconfig
from ..environment.department import Department
from ..environment.gateway import Acme
from ..environment.target import Cloud
from ..governance.aws_provider import aws_provider
from ..governance.ownership import PLATFORM, Ownership, OwnershipArgs
from ..monitoring.monitoring import ClusterMonitoring
from ..resolve.gpu_pool import architecture_of
from ..resolve.graphs import loose_pods
from ..resolve.resolved import Resolution, ResolvedCluster
from ..resolve.resolved_pool import ResolvedCpuPool, ResolvedGpuPool
from .captured import days_by_endpoint, days_by_folder
from .cloud_budgets import declare_cloud_budgets
from .cluster_ground import ClusterGround
from .cluster_regions import ClusterRegions
from .gpu_software import cluster_alerts, gpu_software_arguments
from .handles import (
    AZURE_WORKSPACES,
    GOOGLE_STORES,
    WORKSPACE_OUTPUTS,
    AzureHandle,
    ClusterHandle,
    FoundationHandles,
    GoogleHandle,
)
from .image_verification import SignedImages
from .storage import declare_registries, declare_stores, exported_stores


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
        self.pullers: dict[str, dict[str, pulumi.Input[str]]] = {}
        self.azure: dict[str, AzureHandle] = {}

    @property
    def owner(self) -> OwnershipArgs:
        return self.ownership.args()

    def declare(self) -> tuple[FoundationHandles, dict[str, Any]]:
        managed = self.platform.managed
        regions = [each.declared.region for each in self.resolution.clusters if each.declared.cloud == "aws"]
        for region in dict.fromkeys((*regions, *(managed.regions("aws") if managed is not None else ()))):
            self.aws[region] = aws_provider(
                region, self.ownership, self.platform.aws_account_id, pulumi.ResourceOptions(parent=self.parent)
            )
        google, azure = self._google(), self._azure()
        self.azure = azure
        elsewhere = ClusterRegions(self.resolution, self.ownership, google, azure, self.parent)
        providers = self._providers(elsewhere)
        groups = elsewhere.resource_groups()

        def within(cloud: Cloud, region: str) -> pulumi.ResourceOptions:
            return self._within(providers[cloud, region])

        captured = {region: days_by_folder(self.resolution, region) for region in self.aws}
        stores = declare_stores(self.platform, self.ownership, within, google, captured, groups)
        for cluster in self.resolution.clusters:
            self._cluster(cluster, elsewhere)
        signed = SignedImages(self.resolution, self.ownership, self.clusters, self.parent)
        signed.add_pullers(self.pullers, elsewhere)
        registries = declare_registries(self.platform, self.ownership, within, self.pullers, groups)
        signed.declare(registries)
        if self.platform.monthly_budget_usd is not None:
            usd = float(self.platform.monthly_budget_usd)
            if self.aws:
                Budget(
                    f"{self.platform.environment}-{PLATFORM}",
                    {"monthly_usd": usd, "whole_environment": True, "ownership": self.owner},
                    self._within(next(iter(self.aws.values()))),
                )
            declare_cloud_budgets(managed, self.ownership, usd, google, azure, self.parent, whole=True)
        handles = FoundationHandles(
            clusters=self.clusters,
            stores=stores,
            repository_urls={region: registry.repository_urls for region, registry in registries.items()},
            aws=self.aws,
            google=google,
            azure=azure,
        )
        exports: dict[str, Any] = {
            "clusters": self.exported,
            "modelStores": exported_stores(stores),
            "imageRepositories": handles.repository_urls,
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

        locations = self.platform.managed.regions("azure")
        captured = {location: days_by_endpoint(self.resolution, location) for location in locations}
        return declare_azure(self.platform, self.ownership, captured, self.parent)

    def _within(self, *providers: pulumi.ProviderResource, **more: Any) -> pulumi.ResourceOptions:
        return pulumi.ResourceOptions(parent=self.parent, providers=[*providers], **more)

    def _providers(self, elsewhere: ClusterRegions) -> dict[tuple[Cloud, str], pulumi.ProviderResource]:
        """Of every place that has a store and a registry."""
        found: dict[tuple[Cloud, str], pulumi.ProviderResource] = {
            ("aws", region): provider for region, provider in self.aws.items()
        }
        for cluster in self.resolution.clusters:
            if cluster.declared.cloud != "aws":
                found.setdefault((cluster.declared.cloud, cluster.declared.region), elsewhere.provider(cluster))
        return found

    def _cluster(self, cluster: ResolvedCluster, elsewhere: ClusterRegions) -> None:
        name, declared = cluster.physical_name, cluster.declared
        ground = self._ground(cluster, elsewhere)
        if declared.existing is not None:
            made: ServingCluster | ExistingCluster = self._existing_cluster(cluster, ground)
            if isinstance(declared.existing, ExistingKubeconfig) and declared.existing.arc is not None:
                from .arc import connect

                managed, azure = self.platform.managed, self.azure
                connect(name, declared.existing.arc, managed, self.ownership, azure, self.parent)
        else:
            made = self._new_cluster(cluster, ground)
        pools = self._pools(cluster, made, ground)
        software = self._software(cluster, made, ground) if isinstance(made, ServingCluster) else None
        if software is not None and pools:
            after_prometheus = self._within(ground.provider, made.provider, depends_on=[software.prometheus_stack])
            told = gpu_software_arguments(cluster, self.owner, self.platform.monitoring.scrape_interval_seconds)
            GpuSoftware(name, told, after_prometheus)
            ClusterMonitoring(name, cluster_alerts(cluster, self.owner), after_prometheus)
        namespaces = {
            department.department: DepartmentNamespace(
                f"{name}-{department.department}",
                self._namespace(department, cluster),
                self._within(ground.provider, made.provider),
            ).resources
            for department in self.resolution.environment.departments
        }
        by_kubeconfig = isinstance(declared.existing, ExistingKubeconfig)
        issuer = _issuer(declared, made)
        self.clusters[declared.name] = ClusterHandle(
            region=declared.region,
            name=None if by_kubeconfig else made.name,
            kubernetes=made.provider,
            cloud=declared.cloud,
            provider=ground.provider,
            identity_issuer=issuer,
            subscription_id=cluster.account.subscription_id,
            namespaces=namespaces,
            software=software,
            controllers=self._controllers(cluster, made, software, ground),
        )
        self.exported[declared.name] = {
            "name": made.name,
            "region": declared.region,
            "identifier": made.identifier,
            "kubeconfig": made.kubeconfig,
            "securityGroupId": made.security_group_id,
            **({"tunnelCommand": made.tunnel_command} if isinstance(made, ServingCluster) else {}),
            **({} if issuer is None else {"identityIssuer": issuer}),
        }
        puller = _puller(declared, made)
        if puller is not None:
            self.pullers.setdefault(declared.region, {})[declared.name] = puller

    def _ground(self, cluster: ResolvedCluster, elsewhere: ClusterRegions) -> ClusterGround:
        if cluster.declared.cloud == "aws":
            from .aws_ground import aws_ground

            account = self.resolution.environment.account
            return aws_ground(cluster, self.owner, self.aws[cluster.declared.region], self.parent, account)
        provider = elsewhere.provider(cluster)
        if cluster.declared.cloud == "gcp":
            from .google_ground import google_ground

            return google_ground(cluster, self.owner, provider, self.parent)
        from .azure_ground import azure_ground

        return azure_ground(cluster, self.owner, provider, elsewhere.resource_group(cluster), self.parent)

    def _controllers(
        self,
        cluster: ResolvedCluster,
        made: ServingCluster | ExistingCluster,
        software: ClusterSoftware | None,
        ground: ClusterGround,
    ) -> list[pulumi.Resource]:
        """Those that are installed here, and the objects that we add to KServe, by whose hand ever it is there."""
        installed = {} if software is None else software.controllers
        if not cluster.kserve:
            return list(installed.values())
        from ..serving.kserve.cluster import KServeCluster

        after = [installed["kserve"]] if "kserve" in installed else []
        within = self._within(ground.provider, made.provider, depends_on=after)
        return [*installed.values(), KServeCluster(cluster.physical_name, {"ownership": self.owner}, within)]

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

    def _new_cluster(self, cluster: ResolvedCluster, ground: ClusterGround) -> ServingCluster:
        declared = cluster.declared
        arguments: Any = {
            "name": declared.name,
            "region": declared.region,
            **ground.cluster,
            "kubernetes_version": declared.kubernetes_version,
            "api_access": declared.api_access.model_dump(mode="json"),
            "control_plane_logs": declared.control_plane_logs,
            "log_retention_days": declared.log_retention_days,
            "system_nodes": declared.system_nodes.model_dump(exclude_none=True),
            "deletion_protection": declared.deletion_protection,
            "node_repair": any(pool.repair for pool in (*declared.gpu_pools, *declared.cpu_pools)),
            "ownership": self.owner,
            **({"weight_streaming": True} if cluster.streams_weights and declared.cloud == "aws" else {}),
            **_of_its_cloud(cluster),
        }
        return ServingCluster(cluster.physical_name, arguments, self._within(ground.provider))

    def _existing_cluster(self, cluster: ResolvedCluster, ground: ClusterGround) -> ExistingCluster:
        declared, existing = cluster.declared, cluster.declared.existing
        arguments: Any = {"region": declared.region, "ownership": self.owner}
        if declared.cloud != "aws":
            arguments["cloud"] = declared.cloud
        if isinstance(existing, ExistingKubeconfig):
            arguments["kubeconfig"] = secret_value(existing.kubeconfig, self.parent, ground.provider)
            if existing.context is not None:
                arguments["context"] = existing.context
        elif existing is not None:
            arguments |= existing.model_dump(exclude_none=True)
            if declared.cloud == "aws" and declared.node_autoscaler == "karpenter":
                arguments["karpenter"] = True
            if declared.cloud == "aws" and declared.eks.disk_kms_key is not None:
                arguments["disk_kms_key_arn"] = declared.eks.disk_kms_key
            for key in ("project", "subscription_id"):
                value = getattr(cluster.account, key)
                if value is not None:
                    arguments[key] = value
        return ExistingCluster(cluster.physical_name, arguments, self._within(ground.provider))

    def _pools(
        self, cluster: ResolvedCluster, made: ServingCluster | ExistingCluster, ground: ClusterGround
    ) -> list[GpuNodePool]:
        """Those with GPUs; the others are made, too."""
        within = self._within(ground.provider, made.provider)
        for pool in cluster.cpu_pools:
            name = f"{cluster.physical_name}-{pool.declared.name}"
            CpuNodePool(name, self._pool(cluster, made, ground, pool), within)
        return [
            GpuNodePool(
                f"{cluster.physical_name}-{pool.declared.name}", self._pool(cluster, made, ground, pool), within
            )
            for pool in cluster.gpu_pools
        ]

    def _pool(
        self,
        cluster: ResolvedCluster,
        made: ServingCluster | ExistingCluster,
        ground: ClusterGround,
        pool: ResolvedGpuPool | ResolvedCpuPool,
    ) -> Any:
        declared = cluster.declared
        arguments: dict[str, Any] = {
            **pool.declared.model_dump(mode="json", exclude_none=True, exclude_unset=True),
            "instance_types": list(pool.instance_types),
            "region": declared.region,
            "cluster": declared.name,
            "cluster_name": made.name,
            **made.nodes,
            **ground.pool(pool),
            "ownership": self.owner,
        }
        if declared.cloud == "aws":
            arguments["security_group_id"] = made.security_group_id
        else:
            arguments["cloud"] = declared.cloud
        if isinstance(made, ServingCluster):
            arguments["kubernetes_version"] = made.kubernetes_version
        return arguments

    def _software(self, cluster: ResolvedCluster, made: ServingCluster, ground: ClusterGround) -> ClusterSoftware:
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
        if any(pool.declared.dra for pool in cluster.gpu_pools):
            arguments["gpu_claims"] = True
        if "boot_disk_kms_key" in made.nodes:
            arguments["volume_kms_key"] = made.nodes["boot_disk_kms_key"]
        if (disks := cluster.disk_encryption_set_id) is not None:
            arguments["disk_encryption_set_id"] = disks
        way = gateway.access.authentication
        if way is not None and way.mtls is not None:
            arguments["client_certificates"] = way.mtls.model_dump(exclude_none=True)
        if gateway.access.rate_limit_redis is not None:
            arguments["rate_limit_redis"] = gateway.access.rate_limit_redis
        if isinstance(gateway.certificates, Acme):
            arguments["acme"] = gateway.certificates.model_dump()
            arguments["hostnames"] = self.resolution.hostnames(cluster.declared.name)
        return ClusterSoftware(cluster.physical_name, arguments, self._within(ground.provider, made.provider))


def _of_its_cloud(cluster: ResolvedCluster) -> dict[str, Any]:
    """Settings of ServingCluster that a cluster of AWS need not name."""
    declared = cluster.declared
    if declared.cloud == "aws":
        eks = declared.eks.model_dump(exclude_defaults=True)
        told: dict[str, Any] = {"eks": eks} if eks else {}
        if declared.node_autoscaler == "karpenter":
            told["node_autoscaler"] = declared.node_autoscaler
        return told
    account = {key: value for key, value in asdict(cluster.account).items() if value is not None}
    own = declared.gke if declared.cloud == "gcp" else declared.aks
    key = "gke" if declared.cloud == "gcp" else "aks"
    return {"cloud": declared.cloud, key: {**own.model_dump(exclude_none=True, exclude_unset=True), **account}}


def _issuer(declared: Cluster, made: ServingCluster | ExistingCluster) -> pulumi.Output[str] | None:
    """Whose tokens the cloud takes for those of pods; None where the cloud has a way of its own, or nobody knows."""
    if isinstance(declared.existing, ExistingKubeconfig):
        known = declared.existing.identity_issuer
        return None if known is None else pulumi.Output.from_input(known)
    return None if declared.cloud == "aws" else made.identity_issuer


def _puller(declared: Cluster, made: ServingCluster | ExistingCluster) -> pulumi.Output[str] | None:
    """Whose nodes pull the region's images, where the registry has to know it and the cloud says who they are."""
    if isinstance(declared.existing, ExistingKubeconfig):
        return None
    if declared.cloud == "gcp":
        return made.nodes.get("service_account")
    return made.pull_principal_id if declared.cloud == "azure" else None
