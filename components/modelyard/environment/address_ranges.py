"""Address ranges that must not meet: those of one cluster, and those of clusters of one cloud.

Read from the file's data as they are, valid or not, so that an overlap is told together with other mistakes.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from ipaddress import IPv4Network
from typing import Any

from .credential import shown
from .yaml_document import Steps

_DEFAULTS = {
    "aws": {"cidr": "10.0.0.0/16", "services_cidr": "172.20.0.0/16"},
    "gcp": {"cidr": "10.0.0.0/16", "pods_cidr": "10.4.0.0/14", "services_cidr": "10.8.0.0/20"},
    "azure": {"cidr": "10.0.0.0/16", "pods_cidr": "10.244.0.0/16", "services_cidr": "10.2.0.0/16"},
}
"""As :class:`~modelyard.environment.network.Network` says."""
_ROUTED = {"aws": ("cidr",), "gcp": ("cidr", "pods_cidr"), "azure": ("cidr",)}
"""What other networks can reach. An overlay of AKS and the addresses of services may be the same in every cluster
("Azure CNI Overlay networking", AKS documentation)."""
_EXISTING = {"vpc_id", "private_subnet_ids", "subnet_id", "subnetwork", "network"}


@dataclass(frozen=True, slots=True)
class _Range:
    cluster: str
    key: str
    network: IPv4Network
    default: bool


def overlapping_ranges(clusters: Iterator[tuple[int, dict[str, Any]]]) -> Iterator[tuple[Steps, str]]:
    """Every range that meets an earlier one: where it is in the file, and the sentence."""
    routed: dict[str, list[_Range]] = {}
    for position, cluster in clusters:
        network, cloud = cluster.get("network", {}), cluster.get("cloud", "aws")
        existing = isinstance(cluster.get("existing"), dict)
        if existing or cloud not in _DEFAULTS or not isinstance(network, dict) or _EXISTING & network.keys():
            continue
        ranges = list(_ranges(shown(cluster.get("name")), cloud, network))
        steps = ("clusters", position, "network")
        for index, one in enumerate(ranges):
            for other in ranges[:index]:
                if one.network.overlaps(other.network):
                    yield (
                        (*steps, one.key),
                        f"{_said(one)} overlaps {other.key} {_said(other)} of the same cluster; nodes, pods and "
                        "services need a range each",
                    )
                    break
        seen = routed.setdefault(cloud, [])
        for one in ranges:
            if one.key not in _ROUTED[cloud]:
                continue
            met = next((other for other in seen if one.network.overlaps(other.network)), None)
            if met is not None:
                yield (
                    (*steps, one.key),
                    f"{_said(one)} of cluster {one.cluster} overlaps {str(met.network)!r} of cluster {met.cluster}; "
                    "give each cluster a range of its own",
                )
        seen += [one for one in ranges if one.key in _ROUTED[cloud]]


def _ranges(cluster: str, cloud: str, network: dict[str, Any]) -> Iterator[_Range]:
    for key, default in _DEFAULTS[cloud].items():
        written = network.get(key) or default
        try:
            found = IPv4Network(written) if isinstance(written, str) else None
        except ValueError:
            found = None
        if found is not None:
            yield _Range(cluster, key, found, not network.get(key))


def _said(one: _Range) -> str:
    return f"{str(one.network)!r}{', the default,' if one.default else ''}"
