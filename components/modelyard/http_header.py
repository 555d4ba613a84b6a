"""What a header of HTTP, and gRPC's metadata, can hold."""

from __future__ import annotations

import re

_NAME = re.compile(r"[!#$%&'*+.^_`|~0-9A-Za-z-]+")
"""A token of RFC 9110, section 5.6.2."""
_VALUE = re.compile(r"[\x20-\x7e]*")
"""What gRPC's metadata takes too; HTTP's own clients show a value that they refuse."""
_TOKEN = re.compile(r"[\x21-\x7e]+")


def unsendable(name: str, value: str) -> str | None:
    """Why a header cannot be sent, without its value, which may be a secret; None: it can."""
    if not _NAME.fullmatch(name):
        return f"{name!r} is no name of a header; write letters, digits and dashes"
    if any(ending in value for ending in "\r\n"):
        return f"the value of {name!r} holds a line break, which no header can; look how it was set"
    if not _VALUE.fullmatch(value):
        return f"the value of {name!r} holds a character that no header can; look how it was set"
    return None


def is_token(value: str) -> bool:
    """Whether it can be a bearer token or a key of an API."""
    return bool(_TOKEN.fullmatch(value))
