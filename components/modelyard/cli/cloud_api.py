"""Which API of a cloud a command asks: of which regions, and at which address."""

from __future__ import annotations

from collections.abc import Iterable
from urllib.parse import urlsplit

from ..catalog.regions import UnknownRegion, region

_LOOPBACK = frozenset({"localhost", "127.0.0.1", "::1"})


def unknown_regions(cloud: str, names: Iterable[str]) -> list[str]:
    """A sentence for each ``--region`` that the cloud does not have."""
    found = []
    for name in names:
        try:
            region(cloud, name)
        except UnknownRegion as error:
            found.append(f"--region {name}: {error}")
    return found


def unsafe_endpoint(address: str | None) -> list[str]:
    """What is wrong with ``--endpoint``: keys and tokens go there, so it is encrypted, or on this machine."""
    if address is None or _is_safe(address):
        return []
    # A query may hold a key.
    return [f"--endpoint {address.partition('?')[0]}: name an https:// address without a query"]


def _is_safe(address: str) -> bool:
    try:
        parts = urlsplit(address)
        host, _ = parts.hostname, parts.port
    except ValueError:  # an address of IPv6 without its end, or a port that is no number
        return False
    encrypted = parts.scheme == "https" or (parts.scheme == "http" and host in _LOOPBACK)
    return bool(host) and encrypted and not parts.query
