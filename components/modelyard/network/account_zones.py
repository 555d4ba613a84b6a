"""What only the account at hand knows of its availability zones.

The same zone has other names in other accounts; the ids of zones are the same everywhere (EC2 user guide,
"Availability Zones"). So files name zones, and AWS says in a preview, before anything exists, which of them will do.
"""

from __future__ import annotations

import csv
from collections.abc import Iterable, Sequence
from functools import cache
from pathlib import Path

import pulumi
import pulumi_aws as aws

from ..environment.problem import InvalidEnvironment, Problem

_WITHOUT_EKS = Path(__file__).parent / "data" / "zones_without_eks.csv"


def eks_zones(region: str, parent: pulumi.Resource) -> pulumi.Output[Sequence[str]]:
    """Zones of the region in which EKS places control planes."""
    return aws.get_availability_zones_output(
        state="available",
        exclude_zone_ids=_without_eks(region),
        region=region,
        opts=pulumi.InvokeOptions(parent=parent),
    ).names


def eks_zone(zone: str, known: Sequence[str], component: str) -> str:
    """The zone, if it is among those that :func:`eks_zones` found.

    Raises:
        InvalidEnvironment: it is not.
    """
    if zone not in known:
        message = (
            f"{zone!r} takes no EKS cluster in this account (zones have other names in other accounts); those that do "
            f"are {', '.join(known)}: name at least two of them"
        )
        raise InvalidEnvironment([Problem(component, "zones", message)])
    return zone


def offering_zones(instance_types: Sequence[str], region: str, parent: pulumi.Resource) -> pulumi.Output[Sequence[str]]:
    """Zones of the region in which EC2 offers every one of these types."""
    found = aws.ec2.get_instance_type_offerings_output(
        location_type="availability-zone",
        filters=[{"name": "instance-type", "values": list(instance_types)}],
        region=region,
        opts=pulumi.InvokeOptions(parent=parent),
    )
    return found.apply(
        lambda offers: zones_with_all(instance_types, zip(offers.locations, offers.instance_types, strict=True))
    )


def zones_with_all(instance_types: Sequence[str], offers: Iterable[tuple[str, str]]) -> list[str]:
    """Zones, sorted, for which there is an offer ``(zone, instance type)`` of every type."""
    by_zone: dict[str, set[str]] = {}
    for zone, instance_type in offers:
        by_zone.setdefault(zone, set()).add(instance_type)
    return sorted(zone for zone, offered in by_zone.items() if offered >= set(instance_types))


def usable_zones(
    declared: Sequence[str] | None,
    *,
    zones: Sequence[str],
    offering: Sequence[str],
    instance_types: Sequence[str],
    component: str,
) -> list[str]:
    """Zones for nodes of these types: the declared ones, or those of the network that offer every type.

    EKS refuses a node group with a subnet where one of its types is not offered.

    Raises:
        InvalidEnvironment: a declared zone, or the whole network, lacks a type.
    """
    usable = [zone for zone in zones if zone in offering]
    lacking = [zone for zone in declared or () if zone not in offering]
    if lacking or not usable:
        where = ", ".join(lacking) if lacking else f"any zone of the network ({', '.join(zones)})"
        message = (
            f"EC2 does not offer all of {', '.join(instance_types)} in {where} of this account, and EKS refuses such a "
            f"node group; zones that do are {', '.join(offering) or 'none'}: name those in the zones of the pool or "
            "of the network, or take other types"
        )
        raise InvalidEnvironment([Problem(component, "zones", message)])
    return list(declared) if declared else usable


@cache
def _without_eks(region: str) -> list[str]:
    with _WITHOUT_EKS.open(encoding="utf-8", newline="") as lines:
        return [row["zone_id"] for row in csv.DictReader(lines) if row["region"] == region]
