"""Arguments of components: what other Pulumi languages see, and that they say the same as the declarations."""

from __future__ import annotations

from typing import Any

import pytest
from component_arguments import mirrors, usable_elsewhere
from modelyard.capacity import cpu_node_pool_args, gpu_node_pool_args, node_pool_args, serving_cluster_args
from modelyard.capacity.cpu_node_pool import CpuNodePool
from modelyard.capacity.existing_cluster import ExistingCluster
from modelyard.capacity.gpu_node_pool import GpuNodePool
from modelyard.capacity.karpenter.controller import Karpenter
from modelyard.capacity.serving_cluster import ServingCluster
from modelyard.cost.budget import Budget
from modelyard.environment import (
    aks,
    aks_nodes,
    cluster,
    cpu_pool,
    eks,
    eks_nodes,
    gke,
    gpu_pool,
    gpu_sharing,
    image_registry,
    image_start,
    karpenter_nodes,
    model,
    model_store,
    network,
    node_capacity,
    pool_update,
    sagemaker,
    sagemaker_quality,
)
from modelyard.environment.declaration import Declaration
from modelyard.governance.pod_identity_role import PodIdentityRole
from modelyard.network import network_args
from modelyard.network.network import Network
from modelyard.registry import container_registry_args, model_store_args
from modelyard.registry.container_registry import ContainerRegistry
from modelyard.registry.model_store import ModelStore
from modelyard.registry.model_upload import ModelUpload
from modelyard.serving.sagemaker import endpoint_args, endpoint_declaration, quality_args
from modelyard.serving.sagemaker.endpoint import SageMakerEndpoint

COMPONENTS: list[Any] = [
    Network,
    ServingCluster,
    ExistingCluster,
    GpuNodePool,
    CpuNodePool,
    Karpenter,
    ContainerRegistry,
    ModelStore,
    ModelUpload,
    PodIdentityRole,
    Budget,
    SageMakerEndpoint,
]

OWN_OF_ENDPOINTS = set(endpoint_args.SageMakerEndpointArgs.__annotations__) - set(sagemaker.SageMaker.model_fields)

OWN_OF_POOLS = {
    "cloud",
    "region",
    "cluster",
    "cluster_name",
    "node_role_arn",
    "auto_mode_role_arn",
    "subnet_ids",
    "security_group_id",
    "vpc_id",
    "project",
    "location",
    "boot_disk_kms_key",
    "disk_kms_key_arn",
    "service_account",
    "resource_group",
    "subnet_id",
    "kubernetes_version",
    "ownership",
}

MIRRORS: list[tuple[type[Declaration], type, set[str], set[str]]] = [
    # declaration, arguments, fields decided elsewhere, arguments of the component's own
    (network.FlowLogs, network_args.FlowLogsArgs, set(), set()),
    (network.ExistingNetwork, network_args.ExistingNetworkArgs, set(), set()),
    (
        network.Network,
        network_args.NetworkArgs,
        {"pods_cidr", "services_cidr"},
        {"region", "cluster_name", "existing", "ownership"},
    ),
    (cluster.ApiAccess, serving_cluster_args.ApiAccessArgs, set(), set()),
    (cluster.SystemNodes, serving_cluster_args.SystemNodesArgs, set(), set()),
    (
        cluster.Cluster,
        serving_cluster_args.ServingClusterArgs,
        {"existing", "installed", "network", "gpu_pools", "cpu_pools", "gpu_software"},
        {
            "vpc_id",
            "private_subnet_ids",
            "network_name",
            "subnetwork_name",
            "pods_range",
            "services_range",
            "network_project",
            "subnet_id",
            "zones",
            "pods_cidr",
            "services_cidr",
            "egress",
            "egress_addresses",
            "node_repair",
            "weight_streaming",
            "ownership",
        },
    ),
    (eks.Eks, serving_cluster_args.EksArgs, set(), set()),
    (gke.Gke, serving_cluster_args.GkeArgs, set(), set()),
    (aks.Aks, serving_cluster_args.AksArgs, set(), set()),
    (aks_nodes.AksNodes, node_pool_args.AksNodesArgs, set(), set()),
    (eks_nodes.EksNodes, node_pool_args.EksNodesArgs, set(), set()),
    (karpenter_nodes.KarpenterNodes, node_pool_args.KarpenterNodesArgs, set(), set()),
    (karpenter_nodes.QuietHours, node_pool_args.QuietHoursArgs, set(), set()),
    (aks.MaintenanceWindow, serving_cluster_args.MaintenanceWindowArgs, set(), set()),
    (gpu_pool.Taint, node_pool_args.TaintArgs, set(), set()),
    (gpu_pool.PoolSchedule, node_pool_args.PoolScheduleArgs, set(), set()),
    (pool_update.PoolUpdate, node_pool_args.PoolUpdateArgs, set(), set()),
    (node_capacity.Spot, node_pool_args.SpotArgs, set(), set()),
    (node_capacity.Reservation, gpu_node_pool_args.ReservationArgs, set(), set()),
    (node_capacity.FlexStart, gpu_node_pool_args.FlexStartArgs, set(), set()),
    (gpu_pool.LocalSsd, gpu_node_pool_args.LocalSsdArgs, set(), set()),
    (image_start.ImageStart, gpu_node_pool_args.ImageStartArgs, set(), set()),
    (gpu_pool.GpuDriver, gpu_node_pool_args.GpuDriverArgs, set(), set()),
    (gpu_sharing.GpuSharing, gpu_node_pool_args.GpuSharingArgs, set(), set()),
    (gpu_pool.GpuPool, gpu_node_pool_args.GpuNodePoolArgs, set(), OWN_OF_POOLS),
    (cpu_pool.CpuPool, cpu_node_pool_args.CpuNodePoolArgs, set(), OWN_OF_POOLS),
    (
        image_registry.ImageRegistry,
        container_registry_args.ContainerRegistryArgs,
        set(),
        set(container_registry_args.ContainerRegistryArgs.__annotations__)
        - set(image_registry.ImageRegistry.model_fields),
    ),
    (model_store.StoreLock, model_store_args.StoreLockArgs, set(), set()),
    (
        model_store.ModelStore,
        model_store_args.ModelStoreArgs,
        {"replicas"},
        set(model_store_args.ModelStoreArgs.__annotations__) - set(model_store.ModelStore.model_fields),
    ),
    (sagemaker.Serverless, endpoint_args.ServerlessArgs, set(), set()),
    (sagemaker.Asynchronous, endpoint_args.AsynchronousArgs, set(), set()),
    (sagemaker.InferenceComponents, endpoint_args.InferenceComponentsArgs, set(), set()),
    (sagemaker.MultiModel, endpoint_args.MultiModelArgs, set(), set()),
    (sagemaker_quality.Quality, quality_args.QualityArgs, set(), set()),
    (sagemaker_quality.DataQuality, quality_args.DataQualityArgs, set(), set()),
    (sagemaker_quality.ModelQuality, quality_args.ModelQualityArgs, set(), set()),
    (sagemaker.ManagedScaling, endpoint_args.ManagedScalingArgs, set(), set()),
    (sagemaker.Deployment, endpoint_args.DeploymentArgs, set(), set()),
    (sagemaker.DataCapture, endpoint_args.DataCaptureArgs, set(), set()),
    (sagemaker.ModelPackages, endpoint_args.ModelPackagesArgs, set(), set()),
    (model.ModelAlerts, endpoint_args.EndpointAlertsArgs, set(), set()),
    (endpoint_declaration.SageMakerCanaryDeclaration, endpoint_args.SageMakerCanaryArgs, set(), set()),
    (sagemaker.SageMaker, endpoint_args.SageMakerEndpointArgs, set(), OWN_OF_ENDPOINTS),
    (endpoint_declaration.SageMakerEndpointDeclaration, endpoint_args.SageMakerEndpointArgs, set(), set()),
]


def test_every_component_can_be_used_from_other_languages() -> None:
    usable_elsewhere(COMPONENTS)


@pytest.mark.parametrize("component", COMPONENTS)
def test_type_tokens_are_those_of_the_package(component: Any) -> None:
    import inspect

    assert f'"modelyard:index:{component.__name__}"' in inspect.getsource(component.__init__)


@pytest.mark.parametrize(
    ("declaration", "arguments", "elsewhere", "own"), MIRRORS, ids=[mirror[1].__name__ for mirror in MIRRORS]
)
def test_arguments_mirror_their_declaration(
    declaration: type[Declaration], arguments: Any, elsewhere: set[str], own: set[str]
) -> None:
    mirrors(declaration, arguments, elsewhere, own)
