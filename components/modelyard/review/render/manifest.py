"""Kubernetes objects as YAML."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import yaml

from ...graph import Secret

try:
    from yaml import CSafeDumper as SafeDumper
except ImportError:  # PyYAML built without libyaml: slower, the same text
    from yaml import SafeDumper

_FIRST = ("apiVersion", "kind", "metadata", "name", "namespace")
_OWN_ANNOTATIONS = "pulumi.com/"


def to_yaml(value: Any) -> str:
    """The value in block style; keys as Kubernetes' own examples begin, then by name; long texts readable."""
    return yaml.dump(_ordered(value), Dumper=_Dumper, sort_keys=False, allow_unicode=True, width=110)


def _ordered(value: Any) -> Any:
    if isinstance(value, Mapping):
        keys = sorted(value, key=lambda key: (_FIRST.index(key) if key in _FIRST else len(_FIRST), str(key)))
        return {key: _ordered(value[key]) for key in keys}
    if isinstance(value, list | tuple):
        return [_ordered(item) for item in value]
    return value


def without_own_annotations(manifest: Mapping[str, Any]) -> dict[str, Any]:
    """The object without annotations that speak to Pulumi alone."""
    metadata = manifest.get("metadata")
    annotations = metadata.get("annotations") if isinstance(metadata, Mapping) else None
    if not isinstance(metadata, Mapping) or not isinstance(annotations, Mapping):
        return dict(manifest)
    kept = {key: value for key, value in annotations.items() if not str(key).startswith(_OWN_ANNOTATIONS)}
    rest = {key: value for key, value in metadata.items() if key != "annotations"}
    return {**manifest, "metadata": {**rest, **({"annotations": kept} if kept else {})}}


def secret_stub(manifest: Mapping[str, Any], placeholder: str) -> tuple[str, dict[str, Any]]:
    """A comment and an ExternalSecret in place of a Secret: its keys without any value.

    ``placeholder`` is where the values are kept, for example ``${prod:Secret/pager}``.
    """
    metadata = dict(_mapping(manifest.get("metadata")))
    keys = sorted({str(key) for part in ("data", "stringData") for key in _mapping(manifest.get(part))})
    comment = (
        "# The values of this Secret are written nowhere. This stub lets the External Secrets operator fetch them:\n"
        "# name your store and the keys in it, or create the Secret by other means and delete this file.\n"
    )
    stub = {
        "apiVersion": "external-secrets.io/v1",
        "kind": "ExternalSecret",
        "metadata": metadata,
        "spec": {
            "secretStoreRef": {"kind": "ClusterSecretStore", "name": "${secret-store}"},
            "target": {
                "name": metadata.get("name"),
                "template": {"type": manifest.get("type") or "Opaque"},
            },
            "data": [{"secretKey": key, "remoteRef": {"key": f"{placeholder[:-1]}:{key}}}"}} for key in keys],
        },
    }
    return comment, stub


def _mapping(value: Any) -> Mapping[str, Any]:
    if isinstance(value, Secret):
        value = value.reveal()
    return value if isinstance(value, Mapping) else {}


class _Dumper(SafeDumper):  # pyright: ignore[reportGeneralTypeIssues]
    """No anchors: one object is read on its own."""

    def ignore_aliases(self, data: Any) -> bool:
        return True


def _text(dumper: Any, value: str) -> yaml.ScalarNode:
    return dumper.represent_scalar("tag:yaml.org,2002:str", value, style="|" if "\n" in value else None)


_Dumper.add_representer(str, _text)
