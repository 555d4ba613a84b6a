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
    ACR_NAME_PATTERN,
    AZURE_GROUP_PATTERN,
    AZURE_RESOURCE_PATTERN,
    AZURE_SUBNET_PATTERN,
    EKS_NAME_PATTERN,
    EMAIL_PATTERN,
    GOOGLE_KEY_PATTERN,
    GOOGLE_PROJECT_PATTERN,
    KEY_ARN_PATTERN,
    KEY_VAULT_ID_PATTERN,
    KEY_VAULT_KEY_NAME_PATTERN,
    LABEL_VALUE_PATTERN,
    MEANING,
    NAME_PATTERN,
    NODE_VERSION_PATTERN,
    PROJECT_NUMBER_PATTERN,
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
    "key_vault_id": KEY_VAULT_ID_PATTERN,
    "kubernetes_version": NODE_VERSION_PATTERN,
    "log_analytics_id": AZURE_RESOURCE_PATTERN,
    "name": EKS_NAME_PATTERN,
    "network_project": GOOGLE_PROJECT_PATTERN,
    "node_role_arn": ROLE_ARN_PATTERN,
    "organization": NAME_PATTERN,
    "private_dns_zone_ids": AZURE_RESOURCE_PATTERN,
    "private_subnet_id": AZURE_SUBNET_PATTERN,
    "private_subnet_ids": SUBNET_PATTERN,
    "project": GOOGLE_PROJECT_PATTERN,
    "project_number": PROJECT_NUMBER_PATTERN,
    "pull_principal_ids": UUID_PATTERN,
    "pull_role_arns": ROLE_ARN_PATTERN,
    "pull_service_accounts": EMAIL_PATTERN,
    "registry_name": ACR_NAME_PATTERN,
    "resource_group": AZURE_GROUP_PATTERN,
    "security_group_id": SECURITY_GROUP_PATTERN,
    "service_account": EMAIL_PATTERN,
    "subnet_id": AZURE_SUBNET_PATTERN,
    "subnet_ids": SUBNET_PATTERN,
    "subscription_id": UUID_PATTERN,
    "vpc_id": VPC_PATTERN,
}
_LONGEST = {"cluster": 63}
_MAY_BE_EMPTY = frozenset({"private_dns_zone_ids", "pull_principal_ids", "pull_role_arns", "pull_service_accounts"})
_KEY_FORMS: Mapping[Cloud, str] = {"gcp": GOOGLE_KEY_PATTERN, "azure": KEY_VAULT_KEY_NAME_PATTERN}
"""Of ``kms_key``, by cloud."""


def form_problems(component: str, cloud: Cloud, args: Mapping[str, Any]) -> list[Problem]:
    """What no cloud would take, as far as the program knows it.

    Args:
        component: type and name of the component, for example ``GpuNodePool l4``.
        cloud: where it is made.
        args: what the user gave, of the kinds that the arguments say.
    """
    found = [*_strange(args), *_elsewhere(cloud, args), *_strange_key(cloud, args)]
    return [Problem(component, path, text) for path, text in found]


def _strange(args: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    for key, pattern in _FORMS.items():
        value = args.get(key)
        if isinstance(value, list | tuple) and not value and key not in _MAY_BE_EMPTY:
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


def _strange_key(cloud: Cloud, args: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    """A key of another form, or one of Cloud KMS in another place than what it encrypts."""
    key, pattern, region = args.get("kms_key"), _KEY_FORMS.get(cloud), args.get("region")
    if not isinstance(key, str) or pattern is None:
        return
    if re.fullmatch(pattern, key) is None:
        yield "kms_key", f"{shown(key)} must be {MEANING[pattern]}"
    # What lies in two regions takes a key of the multi-region around both.
    elif cloud == "gcp" and isinstance(region, str) and args.get("replica_region") is None:
        place = key.split("/")[3]
        if place != region:
            yield "kms_key", f"lies in {place}, and what it encrypts in {region}; name a key there"
