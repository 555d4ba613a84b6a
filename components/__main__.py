"""Offers the components to the other languages of Pulumi: ``pulumi package add <this folder>``."""

from modelyard import (
    Budget,
    ClusterMonitoring,
    ClusterSoftware,
    ContainerRegistry,
    DepartmentNamespace,
    ExistingCluster,
    GpuNodePool,
    GpuSoftware,
    ModelStore,
    ModelUpload,
    Monitoring,
    Network,
    Platform,
    PodIdentityRole,
    ServingCluster,
    TritonService,
)
from pulumi.provider.experimental import component_provider_host

if __name__ == "__main__":
    component_provider_host(
        name="modelyard",
        components=[
            Budget,
            ClusterMonitoring,
            ClusterSoftware,
            ContainerRegistry,
            DepartmentNamespace,
            ExistingCluster,
            GpuNodePool,
            GpuSoftware,
            ModelStore,
            ModelUpload,
            Monitoring,
            Network,
            Platform,
            PodIdentityRole,
            ServingCluster,
            TritonService,
        ],
    )
