"""Kubernetes as its Pulumi provider shows it, for programs and for no cluster at all."""

from __future__ import annotations

import json
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Any

import yaml

from modelyard.graph import UNKNOWN, Secret
from modelyard.offline import schemas, wire
from modelyard.offline.schemas import Problem
from modelyard.offline.simulated.naming import autoname, uuid_of
from modelyard.offline.simulated.provider import Before, Checked, Created, Difference, Invoked
from modelyard.offline.simulated.unknown_token import UnknownFunction, UnknownResource
from modelyard.offline.urn import name_of

_RANDOM_DIGITS = 8
_MAX_NAME_LENGTH = 253
_HELM_RELEASE = "kubernetes:helm.sh/v3:Release"
_DECODE = "kubernetes:yaml:decode"
_SECRET = "kubernetes:core/v1:Secret"
_AUTONAMED = "pulumi.com/autonamed"
_SERVER_METADATA = ("uid", "generation", "resourceVersion", "creationTimestamp")


class SimulatedKubernetes:
    """One configured ``kubernetes`` provider: a cluster and its default namespace."""

    def __init__(self, config: Mapping[str, Any]) -> None:
        namespace = config.get("namespace")
        self._namespace = namespace if namespace is UNKNOWN or namespace else "default"
        self._mutable = frozenset(
            token for setting, token in _fixed_paths()["mutable"].items() if config.get(setting) in (True, "true")
        )

    @classmethod
    def check_config(cls, config: Mapping[str, Any]) -> Checked:
        own = {name: value for name, value in config.items() if name not in ("version", "__internal")}
        return Checked(dict(config), schemas.check("pulumi:providers:kubernetes", own))

    def check(
        self,
        token: str,
        urn: str,
        inputs: Mapping[str, Any],
        old_inputs: Mapping[str, Any] | None = None,
        *,
        replaces: str = "",
    ) -> Checked:
        if not _known(token):
            return Checked(dict(inputs), [Problem("", str(UnknownResource("kubernetes", token)))])
        problems = schemas.check(token, inputs)
        if token == _HELM_RELEASE:
            return Checked(self._release_inputs(urn, inputs, old_inputs, replaces), problems)
        checked = self.with_secrets(token, inputs)
        metadata = inputs.get("metadata")
        if metadata is None or isinstance(metadata, Mapping):
            checked["metadata"] = self._metadata(token, urn, metadata or {}, old_inputs, replaces)
        return Checked(checked, problems)

    def with_secrets(self, token: str, inputs: Mapping[str, Any]) -> dict[str, Any]:
        marked = dict(inputs)
        if token == _SECRET:
            for name in ("data", "stringData"):
                if name in marked:
                    marked[name] = wire.secret(marked[name])
        return marked

    def create(self, token: str, urn: str, inputs: Mapping[str, Any], *, preview: bool, replaces: str = "") -> Created:
        return self._state(token, urn, UNKNOWN, inputs, preview, replaces)

    def read(self, token: str, urn: str, id_: Any, state: Mapping[str, Any], *, preview: bool) -> Created:
        if not _known(token):
            raise UnknownResource("kubernetes", token)
        metadata = state.get("metadata")
        if not metadata and isinstance(id_, str):
            namespace, _, name = id_.rpartition("/")
            state = {**state, "metadata": {"name": name, **({"namespace": namespace} if namespace else {})}}
        created = self._state(token, urn, id_, state, preview)
        return Created(id_, created.outputs)

    def diff(self, token: str, urn: str, inputs: Mapping[str, Any], old_inputs: Mapping[str, Any]) -> Difference:
        names = inputs.keys() | old_inputs.keys()
        changed = tuple(sorted(name for name in names if inputs.get(name) != old_inputs.get(name)))
        fixed = _fixed(token, token in self._mutable)
        replace = tuple(
            name for name in changed if any(_differ(path, inputs, old_inputs) for path in fixed.get(name, ()))
        )
        same_name = not _differ(("metadata",), _identity(inputs), _identity(old_inputs))
        delete_first = bool(replace) and token != _HELM_RELEASE and same_name and not _is_autonamed(inputs)
        return Difference(changed, replace, delete_first)

    def update(
        self, token: str, urn: str, inputs: Mapping[str, Any], before: Before, *, preview: bool
    ) -> dict[str, Any]:
        if token == _HELM_RELEASE:
            return self._state(token, urn, "", inputs, preview).outputs
        if preview and wire.contains_unknown(inputs):
            # The real provider asks the API server for a dry run, and cannot with a value missing.
            return dict(inputs)
        outputs = {**inputs, **{name: before.outputs[name] for name in ("status",) if name in before.outputs}}
        metadata = wire.revealed(before.outputs.get("metadata") or {})
        counted = {part: metadata[part] for part in _SERVER_METADATA if part in metadata}
        if inputs.get("spec") != before.inputs.get("spec") and "generation" in counted:
            counted["generation"] += 1
        if not preview and "resourceVersion" in counted:
            counted["resourceVersion"] = str(int(counted["resourceVersion"]) + 1)
        outputs["metadata"] = {**(inputs.get("metadata") or {}), **counted}
        return outputs

    def delete(self, token: str, urn: str, id_: str) -> None:
        """Nothing is kept, so nothing is left."""

    def invoke(self, token: str, args: Mapping[str, Any], *, preview: bool) -> Invoked:
        if token != _DECODE:
            raise UnknownFunction("kubernetes", token, [_DECODE])
        documents = [document for document in yaml.safe_load_all(args["text"]) if document]
        objects = [item for document in documents for item in _objects(document)]
        return Invoked({"result": objects})

    def _metadata(
        self,
        token: str,
        urn: str,
        metadata: Mapping[str, Any],
        old_inputs: Mapping[str, Any] | None,
        replaces: str,
    ) -> dict[str, Any]:
        filled = dict(metadata)
        if "name" not in metadata and "generateName" not in metadata:
            old = (old_inputs or {}).get("metadata") or {}
            old_name = old.get("name") if isinstance(old, Mapping) else None
            filled["name"] = old_name or autoname(urn, name_of(urn), _RANDOM_DIGITS, _MAX_NAME_LENGTH, replaces)
            annotations = filled.get("annotations") or {}
            if isinstance(annotations, Mapping):
                filled["annotations"] = {**annotations, _AUTONAMED: "true"}
        if is_namespaced(token) and "namespace" not in metadata:
            filled["namespace"] = self._namespace
        return filled

    def _release_inputs(
        self, urn: str, inputs: Mapping[str, Any], old_inputs: Mapping[str, Any] | None, replaces: str
    ) -> dict[str, Any]:
        checked = dict(inputs)
        if "name" not in inputs:
            old_name = (old_inputs or {}).get("name")
            checked["name"] = old_name or autoname(urn, name_of(urn), _RANDOM_DIGITS, 53, replaces)
        checked.setdefault("namespace", self._namespace)
        return checked

    def _state(
        self, token: str, urn: str, id_: Any, inputs: Mapping[str, Any], preview: bool, replaces: str = ""
    ) -> Created:
        outputs = dict(inputs)
        if token == _HELM_RELEASE:
            outputs.setdefault("status", UNKNOWN if preview else _release_status(inputs))
            outputs.setdefault("resourceNames", UNKNOWN if preview else {})
            name = inputs.get("name")
        else:
            if not preview:
                outputs["metadata"] = {
                    **(inputs.get("metadata") or {}),
                    "uid": uuid_of(urn, replaces),
                    "generation": 1,
                    "resourceVersion": "1",
                    "creationTimestamp": "2026-01-01T00:00:00Z",
                }
            if "status" in schemas.outputs(token):
                outputs.setdefault("status", UNKNOWN if preview else {})
            name = (inputs.get("metadata") or {}).get("name")
        if preview:
            return Created(id_, outputs)
        if isinstance(id_, str):
            return Created(id_, outputs)
        namespace = _namespace_of(token, inputs)
        name = wire.revealed(name)
        return Created(f"{namespace}/{name}" if namespace else str(name), outputs)


def _known(token: str) -> bool:
    return token.startswith("kubernetes:") and schemas.known(token)


def is_namespaced(token: str) -> bool:
    """Whether objects of the type live in a namespace. A custom resource is taken to."""
    return token not in _cluster_scoped()


@cache
def _cluster_scoped() -> frozenset[str]:
    text = (Path(__file__).parent / "kubernetes_scopes.json").read_text(encoding="utf-8")
    kinds = json.loads(text)["cluster_scoped"]
    return frozenset(f"kubernetes:{group_version}:{kind}" for group_version, names in kinds.items() for kind in names)


def _objects(document: Mapping[str, Any]) -> list[Any]:
    """A document's objects: those inside a List, or itself."""
    is_list = str(document.get("kind", "")).endswith("List") and "items" in document
    return list(document["items"] or ()) if is_list else [document]


def _namespace_of(token: str, inputs: Mapping[str, Any]) -> str | None:
    if token == _HELM_RELEASE:
        return wire.revealed(inputs.get("namespace"))
    return wire.revealed((inputs.get("metadata") or {}).get("namespace"))


def _release_status(inputs: Mapping[str, Any]) -> dict[str, Any]:
    return {
        "name": inputs.get("name"),
        "namespace": inputs.get("namespace"),
        "chart": inputs.get("chart"),
        "version": inputs.get("version"),
        "revision": 1,
        "status": "deployed",
    }


def _identity(inputs: Mapping[str, Any]) -> dict[str, Any]:
    metadata = wire.revealed(inputs.get("metadata") or {})
    return {"metadata": {part: metadata.get(part) for part in ("name", "namespace")}}


def _is_autonamed(inputs: Mapping[str, Any]) -> bool:
    metadata = wire.revealed(inputs.get("metadata") or {})
    return "name" not in metadata or _AUTONAMED in (metadata.get("annotations") or {})


def _differ(path: tuple[str, ...], inputs: Mapping[str, Any], old_inputs: Mapping[str, Any]) -> bool:
    return _at(path, inputs) != _at(path, old_inputs)


def _at(path: tuple[str, ...], value: Any) -> Any:
    """What is at the path; UNKNOWN below something unknown."""
    for part in path:
        value = wire.revealed(value) if isinstance(value, Secret) else value
        if value is UNKNOWN:
            return UNKNOWN
        value = value.get(part) if isinstance(value, Mapping) else None
    return value


@cache
def _fixed(token: str, is_mutable: bool) -> Mapping[str, list[tuple[str, ...]]]:
    """Paths that only a replacement can change, by their first part."""
    table = _fixed_paths()
    own = () if is_mutable else table["tokens"].get(token, ())
    fixed: dict[str, list[tuple[str, ...]]] = {}
    for path in [*own, *table["release" if token == _HELM_RELEASE else "every"]]:
        parts = tuple(path.split("."))
        fixed.setdefault(parts[0], []).append(parts)
    return fixed


@cache
def _fixed_paths() -> Mapping[str, Any]:
    return json.loads((Path(__file__).parent / "kubernetes_fixed.json").read_text(encoding="utf-8"))
