"""Machine images of EKS nodes ("AMI types" of the EKS API reference) and the disks that they expect."""

from __future__ import annotations

from ...resolve.gpu_pool import architecture_of


def system_ami_type(instance_type: str) -> str:
    """EKS ``amiType`` of nodes without GPUs, by the architecture of their machines."""
    return "AL2023_ARM_64_STANDARD" if architecture_of(instance_type) == "arm64" else "AL2023_x86_64_STANDARD"


def data_device(ami_type: str) -> str:
    """Device on which images and pods' files live."""
    return "/dev/xvdb" if ami_type.startswith("BOTTLEROCKET") else "/dev/xvda"


def other_devices(ami_type: str) -> tuple[str, ...]:
    """Further volumes that the image brings: Bottlerocket keeps its system on one of its own."""
    return ("/dev/xvda",) if ami_type.startswith("BOTTLEROCKET") else ()
