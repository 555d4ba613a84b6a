"""Address ranges of a GKE cluster's network of its own: nodes, pods and services.

Follows "Create a VPC-native cluster" of the GKE documentation: the ranges of one VPC network must not overlap, and each
node takes a /24 of the pods' range.
"""

from __future__ import annotations

from dataclasses import dataclass
from ipaddress import IPv4Network
from itertools import combinations

from ..environment.network import Network
from .finding import Finding

_PODS = IPv4Network("10.4.0.0/14")
_SERVICES = IPv4Network("10.8.0.0/20")
_SMALLEST_PODS, _LARGEST_PODS = 21, 9
_SMALLEST_SERVICES, _LARGEST_SERVICES = 27, 16


@dataclass(frozen=True, slots=True)
class GoogleRanges:
    pods: IPv4Network
    services: IPv4Network
    too_large_or_small: tuple[Finding, ...]
    overlaps: tuple[Finding, ...]
    """Of one another. Findings are below the network."""


def google_ranges(network: Network) -> GoogleRanges:
    """The declared ranges, or the defaults, and what is wrong with them."""
    pods, services = network.pods_cidr or _PODS, network.services_cidr or _SERVICES
    sizes = [
        *_size("pods_cidr", pods, _LARGEST_PODS, _SMALLEST_PODS),
        *_size("services_cidr", services, _LARGEST_SERVICES, _SMALLEST_SERVICES),
    ]
    named = {"cidr": network.cidr, "pods_cidr": pods, "services_cidr": services}
    overlaps = [
        Finding((second,), f"{other} overlaps {first} {one}; the ranges of a VPC network are apart: choose another")
        for (first, one), (second, other) in combinations(named.items(), 2)
        if one.overlaps(other)
    ]
    return GoogleRanges(pods, services, tuple(sizes), tuple(overlaps))


def _size(key: str, found: IPv4Network, largest: int, smallest: int) -> list[Finding]:
    if largest <= found.prefixlen <= smallest:
        return []
    return [Finding((key,), f"{found} must be a /{largest} to /{smallest} on GKE")]
