"""Seldon's objects as Pulumi resources."""

from collections.abc import Mapping
from importlib import import_module
from typing import Any

import pulumi

from modelyard.capacity.software.kubernetes_object import declare

_CLASSES = {
    "Secret": ("core.v1", {"stringData": "string_data"}),
    "Role": ("rbac.v1", {}),
    "RoleBinding": ("rbac.v1", {"roleRef": "role_ref"}),
}
"""Kinds of Kubernetes' own that no other room writes, and what the SDK's constructors spell another way."""


def declare_object(name: str, manifest: Mapping[str, Any], opts: pulumi.ResourceOptions) -> pulumi.CustomResource:
    """Registers the object under this Pulumi name."""
    home = _CLASSES.get(manifest["kind"])
    if home is None:
        return declare(name, manifest, opts)
    module, spelt = home
    made: Any = getattr(import_module(f"pulumi_kubernetes.{module}"), manifest["kind"])
    fields = {spelt.get(key, key): value for key, value in manifest.items() if key not in ("apiVersion", "kind")}
    return made(name, opts=opts, **fields)
