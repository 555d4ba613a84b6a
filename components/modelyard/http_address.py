"""Addresses that requests are sent to."""

from __future__ import annotations

import re
from urllib.parse import urlsplit

_BROKEN = re.compile(r"[\x00-\x20\x7f]")


def is_address(url: str) -> bool:
    """Whether it is ``http://`` or ``https://`` with a host, and in one line: Python drops line breaks as it reads an
    address, and sends them all the same."""
    try:
        parts = urlsplit(url)
        usable = parts.scheme in ("http", "https") and bool(parts.hostname) and parts.port != 0
    except ValueError:
        return False
    return usable and not _BROKEN.search(url)


def without_login(url: str) -> str | None:
    """The address with its name and password hidden; None where it has neither."""
    scheme, _, rest = url.partition("//")
    _, at, host = re.split(r"[/?#]", rest, maxsplit=1)[0].rpartition("@")
    return f"{scheme}//[hidden]@{host}" if at else None
