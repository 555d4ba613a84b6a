"""The forms of ids and names that components take beside what is declared.

They may be Outputs, which nobody can judge beforehand; a text that no cloud would take is refused before anything is
made.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any

from ..environment.credential import shown
from ..environment.patterns import (
    AZURE_GROUP_PATTERN,
    AZURE_SUBNET_PATTERN,
    EKS_NAME_PATTERN,
    EMAIL_PATTERN,
    GOOGLE_KEY_PATTERN,
    GOOGLE_PROJECT_PATTERN,
    KEY_ARN_PATTERN,
    LABEL_VALUE_PATTERN,
    MEANING,
    NAME_PATTERN,
    NODE_VERSION_PATTERN,
    ROLE_ARN_PATTERN,
    SECURITY_GROUP_PATTERN,
    SUBNET_PATTERN,
    UUID_PATTERN,
    VPC_PATTERN,
)
from ..environment.problem import Problem
from ..environment.target import Cloud
from ..resolve.cluster_cloud import unknown_region
from ..resolve.regions import no_zone, zone_of

_FORMS: Mapping[str, str] = {
    "auto_mode_role_arn": ROLE_ARN_PATTERN,
    "boot_disk_kms_key": GOOGLE_KEY_PATTERN,
    "cluster": LABEL_VALUE_PATTERN,
    "cluster_name": EKS_NAME_PATTERN,
    "disk_kms_key_arn": KEY_ARN_PATTERN,
    "kubernetes_version": NODE_VERSION_PATTERN,
    "name": EKS_NAME_PATTERN,
    "network_project": GOOGLE_PROJECT_PATTERN,
    "node_role_arn": ROLE_ARN_PATTERN,
    "organization": NAME_PATTERN,
    "private_subnet_ids": SUBNET_PATTERN,
    "project": GOOGLE_PROJECT_PATTERN,
    "resource_group": AZURE_GROUP_PATTERN,
    "security_group_id": SECURITY_GROUP_PATTERN,
    "service_account": EMAIL_PATTERN,
    "subnet_id": AZURE_SUBNET_PATTERN,
    "subnet_ids": SUBNET_PATTERN,
    "subscription_id": UUID_PATTERN,
    "vpc_id": VPC_PATTERN,
}
_LONGEST = {"cluster": 63}


def form_problems(component: str, cloud: Cloud, args: Mapping[str, Any]) -> list[Problem]:
    """What no cloud would take, as far as the program knows it.

    Args:
        component: type and name of the component, for example ``GpuNodePool l4``.
        cloud: where it is made.
        args: what the user gave, of the kinds that the arguments say.
    """
    found = [*_strange(args), *_elsewhere(cloud, args)]
    return [Problem(component, path, text) for path, text in found]


def _strange(args: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    for key, pattern in _FORMS.items():
        value = args.get(key)
        if isinstance(value, list | tuple) and not value:
            yield key, "is an empty list; name at least one"
        told = enumerate(value) if isinstance(value, list | tuple) else [(None, value)]
        for position, text in told:
            if not isinstance(text, str):
                continue
            path = key if position is None else f"{key}[{position}]"
            if not text or re.fullmatch(pattern, text) is None:
                yield path, f"{shown(text)} must be {MEANING[pattern]}"
            elif len(text) > _LONGEST.get(key, len(text)):
                yield path, f"{shown(text)} has {len(text)} characters; at most {_LONGEST[key]} are allowed"


def _elsewhere(cloud: Cloud, args: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    """A region that the cloud does not have, and a place of GKE outside of it."""
    region, place = args.get("region"), args.get("location")
    if not isinstance(region, str):
        return
    strange = unknown_region(cloud, region)
    if strange is not None:
        yield "region", strange
    elif cloud == "gcp" and isinstance(place, str) and place != region and not zone_of(place, region, "gcp"):
        yield "location", f"{no_zone(place, region, cloud)}; write the region or a zone of it"
