"""The machine image of a pool, as its cloud names it."""

from __future__ import annotations

from ..catalog import accelerators
from ..environment.device import NEURON
from ..environment.target import Cloud
from .resolved_pool import Architecture

DEFAULT_GPU_IMAGE: dict[Cloud, str] = {"aws": "al2023_nvidia", "gcp": "cos", "azure": "ubuntu"}
DEFAULT_CPU_IMAGE: dict[Cloud, str] = {"aws": "al2023", "gcp": "cos", "azure": "ubuntu"}

_IMAGES: dict[tuple[Cloud, str], dict[Architecture, str]] = {
    ("aws", "al2023_nvidia"): {"x86_64": "AL2023_x86_64_NVIDIA", "arm64": "AL2023_ARM_64_NVIDIA"},
    ("aws", "bottlerocket_nvidia"): {"x86_64": "BOTTLEROCKET_x86_64_NVIDIA", "arm64": "BOTTLEROCKET_ARM_64_NVIDIA"},
    ("aws", "al2023"): {"x86_64": "AL2023_x86_64_STANDARD", "arm64": "AL2023_ARM_64_STANDARD"},
    ("aws", "al2023_neuron"): {"x86_64": "AL2023_x86_64_NEURON"},
    ("aws", "bottlerocket"): {"x86_64": "BOTTLEROCKET_x86_64", "arm64": "BOTTLEROCKET_ARM_64"},
    ("gcp", "cos"): {"x86_64": "COS_CONTAINERD", "arm64": "COS_CONTAINERD"},
    ("gcp", "ubuntu"): {"x86_64": "UBUNTU_CONTAINERD", "arm64": "UBUNTU_CONTAINERD"},
    ("azure", "ubuntu"): {"x86_64": "Ubuntu", "arm64": "Ubuntu"},
    ("azure", "azure_linux"): {"x86_64": "AzureLinux", "arm64": "AzureLinux"},
}
"""EKS: ``amiType`` of the API reference's Nodegroup. GKE: ``imageType`` of NodeConfig. AKS: ``osSKU``."""


def images_of(cloud: Cloud, *, gpu: bool) -> tuple[str, ...]:
    """Names that a declaration may use there."""
    named = [image for known, image in _IMAGES if known == cloud and image != "al2023_neuron"]
    return tuple(image for image in named if cloud != "aws" or image.endswith("_nvidia") == gpu)


def node_image(cloud: Cloud, image: str, architecture: Architecture, *, accelerator: str | None = None) -> str | None:
    """As the cloud names it; None: there is none for the architecture, or none with that accelerator."""
    if accelerator is not None and accelerators.get(accelerator).resource == NEURON:
        image = "al2023_neuron"
    if (cloud, image, architecture) == ("gcp", "ubuntu", "arm64") and accelerator is not None:
        return None  # machines with an ARM processor and GPUs, a4x, take Container-Optimized OS alone
    return _IMAGES.get((cloud, image), {}).get(architecture)
