"""Forms of text that a pattern would describe badly: each with its test and with what to call it."""

from __future__ import annotations

import ipaddress
import json
from collections.abc import Callable


def _is_json(text: str) -> bool:
    if not text.strip():
        return True
    try:
        json.loads(text)
    except ValueError:
        return False
    return True


def _is_ipv4_network(text: str) -> bool:
    return _network(text) is not None


def _is_vpc_network(text: str) -> bool:
    network = _network(text)
    return network is not None and 16 <= network.prefixlen <= 28


def _network(text: str) -> ipaddress.IPv4Network | None:
    try:
        return ipaddress.IPv4Network(text) if "/" in text else None
    except ValueError:
        return None


FORMS: dict[str, tuple[Callable[[str], bool], str]] = {
    "ipv4_network": (_is_ipv4_network, "an IPv4 network such as 10.0.0.0/16, without host bits"),
    "json": (_is_json, "a JSON document"),
    "vpc_network": (_is_vpc_network, "an IPv4 network from /16 to /28 such as 10.0.0.0/16, without host bits"),
}
"""Name in the catalogue to test and description. The networks are what ``ipaddress`` takes."""
