"""A server's own configuration files: an immutable ConfigMap, named by its content, so that a change rolls the pods and
a pod of the release before keeps its own."""

from __future__ import annotations

import hashlib
from typing import Any

from .workload import Workload


def settings_name(workload: Workload) -> str | None:
    """Name of the ConfigMap; None where the runtime has no such files."""
    settings = workload.server.settings
    if not settings:
        return None
    content = "".join(f"{name}\0{settings[name]}\0" for name in sorted(settings))
    return f"{workload.name}-settings-{hashlib.sha256(content.encode()).hexdigest()[:10]}"


def settings_config_map(workload: Workload) -> dict[str, Any] | None:
    """The files; None where the runtime has none."""
    name = settings_name(workload)
    if name is None:
        return None
    return {
        "apiVersion": "v1",
        "kind": "ConfigMap",
        "metadata": workload.metadata(name),
        "immutable": True,
        "data": dict(workload.server.settings),
    }
