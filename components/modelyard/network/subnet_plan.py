"""How a VPC's addresses are divided. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from ipaddress import IPv4Network

_EIGHTHS = 3
"""Bits: the range is cut into eight slots, whatever the number of zones."""


@dataclass(frozen=True, slots=True)
class ZoneSubnets:
    zone: str
    private_cidr: str
    """For nodes and pods: 8,192 addresses in a /16, 512 in a /20, less the five that AWS keeps."""
    public_cidr: str
    """For load balancers and NAT gateways: an eighth of that."""


def subnet_plan(cidr: IPv4Network, zones: Sequence[str]) -> tuple[ZoneSubnets, ...]:
    """One private and one public subnet for each of at most six zones.

    Zone *n* of the list takes slot *n* of eight; the public subnets share the last slot, and one stays free.
    The slots do not depend on how many zones there are: a zone added at the end of the list moves no subnet.

    Raises:
        ValueError: more than six zones, or a range smaller than /20.
    """
    if len(zones) > 6:
        raise ValueError(f"{len(zones)} zones, but the address plan has room for 6")
    if cidr.prefixlen > 20:
        raise ValueError(f"cidr {cidr} must be a /20 or larger")
    slots = list(cidr.subnets(prefixlen_diff=_EIGHTHS))
    public = list(slots[-1].subnets(prefixlen_diff=_EIGHTHS))
    return tuple(ZoneSubnets(zone, str(slots[n]), str(public[n])) for n, zone in enumerate(zones))
