"""Arguments of node pools that depend on the cloud."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any, cast, get_args

from ..environment.cluster import SERVICE
from ..environment.cpu_pool import CpuPool
from ..environment.gpu_pool import GpuPool
from ..environment.known_name import unknown
from ..environment.patterns import EKS_NAME_PATTERN, MEANING, NAME_PATTERN
from ..environment.problem import InvalidEnvironment, Problem
from ..environment.target import Cloud
from .cloud_arguments import argument_problems

_OF_ONE_CLOUD: Mapping[str, frozenset[str]] = {
    "aws": frozenset(
        {"node_role_arn", "auto_mode_role_arn", "subnet_ids", "security_group_id", "vpc_id", "disk_kms_key_arn"}
    ),
    "gcp": frozenset({"project", "location", "service_account", "boot_disk_kms_key"}),
    "azure": frozenset({"resource_group", "subnet_id"}),
}
_NEEDED: Mapping[str, tuple[str, ...]] = {
    "aws": ("subnet_ids",),
    "gcp": (),
    "azure": ("resource_group",),
}
_NAMES: Mapping[str, str] = {"aws": EKS_NAME_PATTERN, "gcp": NAME_PATTERN}
"""AKS has names of its own for agent pools."""
_LONGEST_NAME = 100
"""Launch templates have at most 125 characters, with the ends for a floor and of Pulumi."""


def pool_cloud(args: Mapping[str, Any], component: str) -> Cloud:
    """Of the argument ``cloud``; aws without it.

    Raises:
        InvalidEnvironment: it is none that there is.
    """
    cloud = args.get("cloud")
    cloud = "aws" if cloud is None else cloud
    known = get_args(Cloud)
    if cloud not in known:
        raise InvalidEnvironment([Problem(component, "cloud", unknown("a cloud", str(cloud), known))])
    return cast(Cloud, cloud)


def pool_argument_problems(
    component: str, cloud: Cloud, declared: GpuPool | CpuPool, args: Mapping[str, Any]
) -> list[Problem]:
    """What the pool's cloud and provisioner need of the component's arguments, and what belongs to another cloud."""
    needed = {**_NEEDED, "aws": (*_of_eks(declared), *_NEEDED["aws"])}
    return [
        *_strange_name(component, cloud, declared),
        *argument_problems(component, cloud, args, needed=needed, of_one_cloud=_OF_ONE_CLOUD),
    ]


def _strange_name(component: str, cloud: Cloud, declared: GpuPool | CpuPool) -> list[Problem]:
    """The component's own name, with which Pulumi begins those of node groups, node pools and launch templates."""
    name = component.split(" ", 1)[1]
    form = _NAMES.get(cloud)
    if declared.provisioner != "managed" or form is None:
        return []
    if not re.fullmatch(form, name):
        text = f"{name!r} begins the name of its nodes on {SERVICE[cloud]}, and must be {MEANING[form]}; rename it"
        return [Problem(component, "", text)]
    if len(name) > _LONGEST_NAME:
        return [Problem(component, "", f"its name has {len(name)} characters; at most {_LONGEST_NAME} are allowed")]
    return []


def _of_eks(declared: GpuPool | CpuPool) -> tuple[str, ...]:
    """Nodes whose interfaces the launch template describes get no security group from EKS; Karpenter gives none at
    all."""
    if declared.provisioner == "auto_mode":
        return ("auto_mode_role_arn", "security_group_id")
    if declared.provisioner == "karpenter":
        return ("node_role_arn", "security_group_id")
    fabric = isinstance(declared, GpuPool) and declared.fabric
    return ("node_role_arn", "security_group_id", "vpc_id") if fabric else ("node_role_arn",)
