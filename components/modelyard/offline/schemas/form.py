"""Forms of text that a pattern would describe badly: each with its test and with what to call it."""

from __future__ import annotations

import ipaddress
import json
import re
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


def _matches(pattern: str, longest: int) -> Callable[[str], bool]:
    test = re.compile(pattern)
    return lambda text: len(text) <= longest and test.fullmatch(text) is not None


FORMS: dict[str, tuple[Callable[[str], bool], str]] = {
    "data_key": (
        _matches(r"[-._a-zA-Z0-9]+", 253),
        'a key of at most 253 letters, digits, "-", "_" and "."',
    ),
    "dns_label": (
        _matches(r"[a-z0-9]([-a-z0-9]*[a-z0-9])?", 63),
        'a DNS label: at most 63 lower-case letters, digits and "-", with a letter or digit at both ends',
    ),
    "dns_subdomain": (
        _matches(r"[a-z0-9]([-a-z0-9]*[a-z0-9])?(\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*", 253),
        'a DNS subdomain: at most 253 lower-case letters, digits, "-" and ".", with a letter or digit at both ends',
    ),
    "ipv4_network": (_is_ipv4_network, "an IPv4 network such as 10.0.0.0/16, without host bits"),
    "json": (_is_json, "a JSON document"),
    "label_value": (
        _matches(r"(([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9])?", 63),
        'a label value: at most 63 letters, digits, "-", "_" and ".", with a letter or digit at both ends',
    ),
    "port_name": (
        _matches(r"(?=.*[a-z])[a-z0-9]([-a-z0-9]*[a-z0-9])?", 15),
        'a port name: at most 15 lower-case letters, digits and "-", with a letter or digit at both ends',
    ),
    "qualified_name": (
        _matches(
            r"([a-z0-9]([-a-z0-9]*[a-z0-9])?(\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*/)?"
            r"[A-Za-z0-9]([-A-Za-z0-9_.]{0,61}[A-Za-z0-9])?",
            317,
        ),
        'a label or annotation key: a name of at most 63 letters, digits, "-", "_" and ".", '
        "after an optional domain and a slash",
    ),
    "tag_key": (
        _matches(r"(?![aA][wW][sS]:)(?s:.+)", 128),
        'a tag key: 1 to 128 characters that do not begin with "aws:"',
    ),
    "vpc_network": (_is_vpc_network, "an IPv4 network from /16 to /28 such as 10.0.0.0/16, without host bits"),
}
"""Name in the catalogue to test and description.

Networks are what ``ipaddress`` takes; names follow
https://kubernetes.io/docs/concepts/overview/working-with-objects/names/ and ``labels/`` beside it.
"""
