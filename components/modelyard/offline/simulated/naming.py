"""Names that a provider makes up when a program gives none.

The random part is derived from the URN, so that the same program gives the same names on every machine. A resource
that replaces another has a name and an id of its own: those are derived from the URN and the id of the one before.
"""

from __future__ import annotations

import hashlib
import uuid


def hex_of(urn: str, digits: int, salt: str = "") -> str:
    """``digits`` hexadecimal digits that depend on the URN and the salt alone."""
    return hashlib.sha256(f"{salt}|{urn}".encode()).hexdigest()[:digits]


def uuid_of(urn: str, salt: str = "") -> str:
    """A UUID that depends on the URN and the salt alone."""
    return str(uuid.uuid5(uuid.NAMESPACE_URL, f"{salt}|{urn}"))


class NameTooLong(ValueError):
    """A logical name that leaves no room for the random part."""

    def __init__(self, logical_name: str, digits: int, max_length: int) -> None:
        room = max_length - digits - 1
        super().__init__(
            f"the name made from {logical_name!r} ({len(logical_name)} characters, plus '-' and {digits} random ones) "
            f"exceeds {max_length} characters; shorten the resource's name to {room} or set this property"
        )


def autoname(urn: str, logical_name: str, digits: int, max_length: int, salt: str = "") -> str:
    """``<logical name>-<hex>``. Raises NameTooLong."""
    name = f"{logical_name}-{hex_of(urn, digits, salt)}"
    if len(name) > max_length:
        raise NameTooLong(logical_name, digits, max_length)
    return name


def prefixed_name(urn: str, prefix: str, salt: str = "") -> str:
    """What Terraform's providers make of a name prefix: 18 digits of a moment and eight hexadecimal ones."""
    return f"{prefix}202601010000000000{hex_of(urn, 8, salt)}"
