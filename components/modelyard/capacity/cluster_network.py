"""The network that a cluster is told, held to what its cloud takes."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from ipaddress import IPv4Network
from typing import Any

from ..environment.credential import shown
from ..environment.known_name import unknown
from ..environment.target import Cloud
from ..resolve.cluster_cloud import strange_range
from ..resolve.regions import no_zone, zone_of

EGRESS = {
    "load_balancer": "loadBalancer",
    "nat_gateway": "userAssignedNATGateway",
    "routes": "userDefinedRouting",
    "none": "none",
}
"""How nodes of AKS reach the internet, as its API says it (outboundType of networkProfile)."""
PODS_CIDR, SERVICES_CIDR = "10.244.0.0/16", "10.2.0.0/16"
"""Of AKS, where nobody names others."""


def network_findings(cloud: Cloud, region: str, args: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    """Argument and what is wrong with it; None and Outputs are left alone.

    Args:
        cloud: of the cluster.
        region: of the cluster.
        args: ``private_subnet_ids``, ``zones``, ``egress``, ``pods_cidr`` and ``services_cidr``, all optional.
    """
    subnets, egress = args.get("private_subnet_ids"), args.get("egress")
    if isinstance(subnets, list | tuple) and len(subnets) == 1:
        # "VPC and subnet requirements" of the EKS user guide: interfaces of the control plane.
        yield "private_subnet_ids", "holds one subnet, and EKS needs them in at least two zones; name another"
    for position, zone in enumerate(args.get("zones") or ()):
        if not zone_of(zone, region, cloud):
            yield f"zones[{position}]", no_zone(zone, region, cloud)
    if egress is not None and egress not in EGRESS:
        yield "egress", unknown("a way out", egress, EGRESS)
    ranges: dict[str, IPv4Network] = {}
    for key in ("pods_cidr", "services_cidr"):
        if (given := args.get(key)) is None:
            continue
        try:
            ranges[key] = IPv4Network(given)
        except ValueError:
            yield key, f"{shown(given)} is not a range of IPv4 addresses such as 10.2.0.0/16"
            continue
        for text in strange_range(cloud, key, ranges[key]):
            yield key, text
    if cloud == "azure" and ranges:
        pods = ranges.get("pods_cidr", IPv4Network(PODS_CIDR))
        services = ranges.get("services_cidr", IPv4Network(SERVICES_CIDR))
        if pods.overlaps(services):
            yield "services_cidr", f"{services} and the pods' {pods} have addresses in common; move one of both"
