"""Arguments of the GPU software, checked and completed."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Any, Literal

from pydantic import Field, StringConstraints

from ...environment.declaration import Declaration
from ...environment.gpu_pool import LabelKey, Provisioner
from ...environment.gpu_sharing import GpuSharing
from ...environment.names import AcceleratorName, PoolName
from ...environment.patterns import KUBERNETES_VERSION_PATTERN
from ...environment.target import Cloud


class GpuSoftwarePoolDeclaration(Declaration):
    """Same keys as :class:`~modelyard.capacity.software.gpu_software_args.GpuSoftwarePoolArgs`."""

    name: PoolName
    accelerator: AcceleratorName
    image: Literal["al2023_nvidia", "bottlerocket_nvidia", "cos", "ubuntu", "azure_linux"] | None = None
    provisioner: Provisioner = "managed"
    driver_by: Literal["image", "cloud", "gpu_operator"] | None = None
    sharing: GpuSharing | None = None
    dra: bool = False
    fabric: bool = False


class GpuSoftwareDeclaration(Declaration):
    """Same keys as :class:`~modelyard.capacity.software.gpu_software_args.GpuSoftwareArgs`."""

    cloud: Cloud = "aws"
    kubernetes_version: Annotated[str, StringConstraints(pattern=KUBERNETES_VERSION_PATTERN)] | None = None
    pools: list[GpuSoftwarePoolDeclaration] = []
    monitoring: bool = True
    scrape_interval_seconds: Annotated[int, Field(ge=5, le=300)] = 15
    pod_labels: list[LabelKey] = []
    neuron_monitor: Any = None
    system_nodes: Mapping[str, str] = {}
