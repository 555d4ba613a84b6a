"""Machine images of EKS nodes: processor architecture, image type, disks.

Follows "AMI types" of the EKS API reference and "Amazon EC2 instance type naming conventions".
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Literal

Architecture = Literal["x86_64", "arm64"]

_ARM = re.compile(r"[a-z]+\d+g|a1\b|.*-gb\d")
"""Graviton families have a g right after their generation (m7g, g5g); Grace machines end in -gb200."""


def architecture(instance_type: str) -> Architecture:
    """Of one instance type, from its name."""
    return "arm64" if _ARM.match(instance_type.split(".")[0]) else "x86_64"


def system_ami_type(instance_types: Sequence[str]) -> str:
    """EKS ``amiType`` of nodes without GPUs.

    Raises:
        ValueError: the types are of two architectures; one node group has one image.
    """
    found = {architecture(one) for one in instance_types}
    if len(found) > 1:
        odd = next(one for one in instance_types if architecture(one) != architecture(instance_types[0]))
        raise ValueError(
            f"{odd} is {architecture(odd)} and {instance_types[0]} is {architecture(instance_types[0])}; "
            "one node group has one image, so name types of one architecture"
        )
    return "AL2023_ARM_64_STANDARD" if found == {"arm64"} else "AL2023_x86_64_STANDARD"


def data_device(ami_type: str) -> str:
    """Device on which images and pods' files live."""
    return "/dev/xvdb" if ami_type.startswith("BOTTLEROCKET") else "/dev/xvda"


def other_devices(ami_type: str) -> tuple[str, ...]:
    """Further volumes that the image brings: Bottlerocket keeps its system on one of its own."""
    return ("/dev/xvda",) if ami_type.startswith("BOTTLEROCKET") else ()
