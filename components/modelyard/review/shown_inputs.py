"""Inputs of a resource as documents show them."""

from __future__ import annotations

import os
from collections.abc import Mapping
from typing import Any

from ..graph import UNKNOWN, Resource, Secret, plain

_SIGNATURE = "4dabf18193072939515e22adb298388d"
"""Key that marks assets and archives on Pulumi's wire (sdk/go/common/resource/sig)."""


def shown_inputs(resource: Resource, root: str) -> dict[str, Any]:
    """JSON-ready, keys sorted, unknowns and secrets as their names, a file as its path below ``root`` and,
    where it is known, its hash."""
    return {key: _shown(resource.inputs[key], root) for key in sorted(resource.inputs)}


def _shown(value: Any, root: str) -> Any:
    if value is UNKNOWN or isinstance(value, Secret):
        return plain(value)
    if isinstance(value, Mapping):
        if _SIGNATURE in value:
            return _asset(value, root)
        return {str(key): _shown(value[key], root) for key in sorted(value, key=str)}
    if isinstance(value, list | tuple):
        return [_shown(item, root) for item in value]
    return value


def _asset(value: Mapping[str, Any], root: str) -> dict[str, Any]:
    path, digest = value.get("path"), value.get("hash")
    known = {"sha256": digest} if isinstance(digest, str) and digest else {}
    if not isinstance(path, str):
        return {"asset": "[inline]", **known}
    below = os.path.relpath(path, root) if root and os.path.isabs(path) else path
    shown = os.path.basename(path) if below.startswith(os.pardir) else below
    return {"asset": shown.replace(os.sep, "/"), **known}
