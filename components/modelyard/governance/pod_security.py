"""What pods may, as the ``restricted`` level of the Pod Security Standards asks for it."""

from __future__ import annotations

from typing import Any

RESTRICTED: dict[str, Any] = {
    "allowPrivilegeEscalation": False,
    "readOnlyRootFilesystem": True,
    "capabilities": {"drop": ["ALL"]},
}
"""A container's ``securityContext``, with a root file system that stays as it was built."""


def restricted_pod(user: Any, *, owns_volumes: bool = False) -> dict[str, Any]:
    """A pod's ``securityContext``, run by this uid and gid.

    Args:
        user: the uid, and the gid.
        owns_volumes: whether files of its volumes get that gid too.
    """
    return {
        "runAsNonRoot": True,
        "runAsUser": user,
        "runAsGroup": user,
        **({"fsGroup": user} if owns_volumes else {}),
        "seccompProfile": {"type": "RuntimeDefault"},
    }
