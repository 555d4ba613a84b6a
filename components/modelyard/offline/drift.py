"""What somebody changes by hand, behind the program's back, in a simulated cloud that keeps nothing itself.

A drift file is a JSON mapping of URNs to changes: an object is merged into the resource's properties as RFC 7396
says, null deletes the resource. ``pulumi refresh`` then finds what is written there.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final

GONE: Final = None
"""The change of a resource that somebody deleted."""


class Drift:
    """The changes in a file. Without a file, or before there is one, nothing drifts.

    ``finds_additions`` says whether a provider takes what somebody added inside an input, a tag say, for a change of
    the input. AWS's does; Kubernetes' looks at the fields that the program set, and leaves the others to their owners.
    """

    def __init__(self, path: Path | None = None, *, finds_additions: bool = True) -> None:
        self._finds_additions = finds_additions
        self._changes: Mapping[str, Any] = {}
        if path is not None and path.is_file():
            self._changes = json.loads(path.read_text(encoding="utf-8"))

    def is_gone(self, urn: str) -> bool:
        """Whether somebody deleted the resource."""
        return urn in self._changes and self._changes[urn] is GONE

    def of(self, urn: str, properties: Mapping[str, Any]) -> dict[str, Any]:
        """The resource's outputs as they are now."""
        return _merged(properties, self._changes.get(urn) or {})

    def of_inputs(self, urn: str, inputs: Mapping[str, Any]) -> dict[str, Any]:
        """The inputs that would give the resource as it is now: only those that the program gave can differ."""
        change = {name: value for name, value in (self._changes.get(urn) or {}).items() if name in inputs}
        return _merged(inputs, change if self._finds_additions else _of_known(change, inputs))


def _of_known(patch: Mapping[str, Any], known: Mapping[str, Any]) -> dict[str, Any]:
    """The part of the patch that is about what is known."""
    kept = {name: value for name, value in patch.items() if name in known}
    for name, value in kept.items():
        if isinstance(value, Mapping) and isinstance(known[name], Mapping):
            kept[name] = _of_known(value, known[name])
    return kept


def _merged(old: Mapping[str, Any], patch: Mapping[str, Any]) -> dict[str, Any]:
    merged = dict(old)
    for name, value in patch.items():
        if value is None:
            merged.pop(name, None)
        elif isinstance(value, Mapping):
            inner = merged.get(name)
            merged[name] = _merged(inner if isinstance(inner, Mapping) else {}, value)
        else:
            merged[name] = value
    return merged
