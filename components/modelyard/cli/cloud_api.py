"""Which API of a cloud a command asks: of which regions, and at which address."""

from __future__ import annotations

from collections.abc import Iterable
from urllib.parse import urlsplit

from ..catalog.regions import UnknownRegion, region
from ..http_address import is_address, without_login

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
    shown = (without_login(address) or address).partition("?")[0]
    return [f"--endpoint {shown}: name an https:// address without a query"]


def _is_safe(address: str) -> bool:
    if not is_address(address) or without_login(address) is not None:
        return False
    parts = urlsplit(address)
    return not parts.query and (parts.scheme == "https" or parts.hostname in _LOOPBACK)
