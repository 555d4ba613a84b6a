"""Modelyard: declare a model-serving platform once; plan, price, prove and review it on a laptop.

The components are imported when they are first used: nobody who takes one of them pays for the SDKs of the others,
for the offline engine or for the command line.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from .capacity.aks.workload_identity import AzureWorkloadIdentity as AzureWorkloadIdentity
    from .capacity.arc.connection import ArcConnection as ArcConnection
    from .capacity.cpu_node_pool import CpuNodePool as CpuNodePool
    from .capacity.existing_cluster import ExistingCluster as ExistingCluster
    from .capacity.gpu_node_pool import GpuNodePool as GpuNodePool
    from .capacity.karpenter.controller import Karpenter as Karpenter
    from .capacity.serving_cluster import ServingCluster as ServingCluster
    from .capacity.software.cluster_software import ClusterSoftware as ClusterSoftware
    from .capacity.software.department_namespace import DepartmentNamespace as DepartmentNamespace
    from .capacity.software.gpu_software import GpuSoftware as GpuSoftware
    from .capacity.software.image_prefetch import ImagePrefetch as ImagePrefetch
    from .cost.budget import Budget as Budget
    from .governance.google_pod_account import GooglePodAccount as GooglePodAccount
    from .governance.ownership import Ownership as Ownership
    from .governance.pod_identity_role import PodIdentityRole as PodIdentityRole
    from .monitoring.monitoring import ClusterMonitoring as ClusterMonitoring
    from .monitoring.monitoring import Monitoring as Monitoring
    from .network.azure_network import AzureNetwork as AzureNetwork
    from .network.google_network import GoogleNetwork as GoogleNetwork
    from .network.network import Network as Network
    from .platform import Platform as Platform
    from .registry.binary_authorization import BinaryAuthorization as BinaryAuthorization
    from .registry.container_registry import ContainerRegistry as ContainerRegistry
    from .registry.image_build import ImageBuild as ImageBuild
    from .registry.image_verification import ImageVerification as ImageVerification
    from .registry.model_store import ModelStore as ModelStore
    from .registry.model_upload import ModelUpload as ModelUpload
    from .serving.azureml.endpoint import AzureMLEndpoint as AzureMLEndpoint
    from .serving.azureml.kubernetes_compute import AzureMLKubernetesCompute as AzureMLKubernetesCompute
    from .serving.azureml.registry import AzureMLRegistry as AzureMLRegistry
    from .serving.azureml.workspace import AzureMLWorkspace as AzureMLWorkspace
    from .serving.kserve.cluster import KServeCluster as KServeCluster
    from .serving.kserve.graph_service import KServeGraph as KServeGraph
    from .serving.kserve.service import KServeService as KServeService
    from .serving.local.local_model_server import LocalModelServer as LocalModelServer
    from .serving.sagemaker.endpoint import SageMakerEndpoint as SageMakerEndpoint
    from .serving.seldon.pipeline_service import SeldonPipeline as SeldonPipeline
    from .serving.seldon.service import SeldonService as SeldonService
    from .serving.tfserving.service import TensorFlowServingService as TensorFlowServingService
    from .serving.torchserve.service import TorchServeService as TorchServeService
    from .serving.triton.service import TritonService as TritonService
    from .serving.vertex.endpoint import VertexEndpoint as VertexEndpoint

_PLACES = {
    "ArcConnection": "capacity.arc.connection",
    "AzureMLEndpoint": "serving.azureml.endpoint",
    "AzureMLKubernetesCompute": "serving.azureml.kubernetes_compute",
    "AzureMLRegistry": "serving.azureml.registry",
    "AzureMLWorkspace": "serving.azureml.workspace",
    "BinaryAuthorization": "registry.binary_authorization",
    "AzureNetwork": "network.azure_network",
    "AzureWorkloadIdentity": "capacity.aks.workload_identity",
    "Budget": "cost.budget",
    "ClusterMonitoring": "monitoring.monitoring",
    "ClusterSoftware": "capacity.software.cluster_software",
    "ContainerRegistry": "registry.container_registry",
    "CpuNodePool": "capacity.cpu_node_pool",
    "DepartmentNamespace": "capacity.software.department_namespace",
    "ExistingCluster": "capacity.existing_cluster",
    "GoogleNetwork": "network.google_network",
    "GooglePodAccount": "governance.google_pod_account",
    "GpuNodePool": "capacity.gpu_node_pool",
    "GpuSoftware": "capacity.software.gpu_software",
    "ImagePrefetch": "capacity.software.image_prefetch",
    "ImageBuild": "registry.image_build",
    "ImageVerification": "registry.image_verification",
    "Karpenter": "capacity.karpenter.controller",
    "KServeCluster": "serving.kserve.cluster",
    "KServeGraph": "serving.kserve.graph_service",
    "KServeService": "serving.kserve.service",
    "LocalModelServer": "serving.local.local_model_server",
    "ModelStore": "registry.model_store",
    "ModelUpload": "registry.model_upload",
    "Monitoring": "monitoring.monitoring",
    "Network": "network.network",
    "Ownership": "governance.ownership",
    "Platform": "platform",
    "PodIdentityRole": "governance.pod_identity_role",
    "SageMakerEndpoint": "serving.sagemaker.endpoint",
    "SeldonPipeline": "serving.seldon.pipeline_service",
    "SeldonService": "serving.seldon.service",
    "ServingCluster": "capacity.serving_cluster",
    "TensorFlowServingService": "serving.tfserving.service",
    "TorchServeService": "serving.torchserve.service",
    "TritonService": "serving.triton.service",
    "VertexEndpoint": "serving.vertex.endpoint",
}

COMPONENTS = tuple(name for name in _PLACES if name != "Ownership")
"""Names of the components."""

__all__ = [*_PLACES, "version"]  # pyright: ignore[reportUnsupportedDunderAll]


def version() -> str:
    """Version of the installed package, for example 0.1.0."""
    from importlib.metadata import PackageNotFoundError
    from importlib.metadata import version as installed

    try:
        return installed("modelyard")
    except PackageNotFoundError:
        return "0+unknown"


def __getattr__(name: str) -> Any:
    place = _PLACES.get(name)
    if place is None:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(f"{__name__}.{place}"), name)


def __dir__() -> list[str]:
    return sorted([*globals(), *_PLACES])
