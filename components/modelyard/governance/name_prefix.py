"""Prefixes of generated names, within the length that a cloud allows (docs/physical-names.md)."""

from __future__ import annotations

from hashlib import sha256

ROLE_LIMIT = 38
"""IAM role and instance profile: 64 characters, of which the provider's suffix takes 26."""

NODE_GROUP_LIMIT = 37
"""EKS node group: 63 characters, of which the provider's suffix takes 26."""


def name_prefix(*parts: str, limit: int) -> str:
    """``<part>-<part>-``, at most ``limit`` characters.

    What is too long keeps its beginning and ends in eight hexadecimal digits of the whole, so that two long
    names never become one.
    """
    whole = "-".join(parts)
    if len(whole) < limit:
        return f"{whole}-"
    digest = sha256(whole.encode()).hexdigest()[:8]
    return f"{whole[: limit - len(digest) - 2].rstrip('-')}-{digest}-"
