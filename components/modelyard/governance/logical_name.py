"""Names of resources whose physical name Pulumi makes: short enough that its suffix fits (docs/physical-names.md)."""

from __future__ import annotations

from hashlib import sha256

_SUFFIX = 8
"""A hyphen and seven random hexadecimal digits."""

ROLE_LIMIT = 64 - _SUFFIX
"""IAM roles have at most 64 characters."""

NODE_GROUP_LIMIT = 63 - _SUFFIX
"""EKS node groups have at most 63 characters."""


EVENT_RULE_LIMIT = 64 - _SUFFIX
"""Rules of EventBridge have at most 64 characters."""

SAGEMAKER_LIMIT = 63 - _SUFFIX
"""Models and endpoint configurations of SageMaker have at most 63 characters."""


def logical_name(*parts: str, limit: int) -> str:
    """``<part>-<part>``, at most ``limit`` characters.

    What is too long keeps its beginning and ends in eight hexadecimal digits of the whole, so that two long
    names never become one.
    """
    whole = "-".join(parts)
    if len(whole) <= limit:
        return whole
    digest = sha256(whole.encode()).hexdigest()[:8]
    return f"{whole[: limit - len(digest) - 1].rstrip('-')}-{digest}"
