"""Which files a plan's Kubernetes side becomes."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any

from ...graph import Resource, ResourceGraph, Secret
from ..plan import PlanDocument
from ..refused import PlanRefused
from .manifest import secret_stub, to_yaml, without_own_annotations
from .placeholder import Placeholder, Placeholders
from .readme import readme

Content = str | Path
"""Text to write, or a file to copy."""
_HELM = "kubernetes:helm.sh/v3:Release"
_SECRET = "kubernetes:core/v1:Secret"
_CLUSTER_WIDE = "cluster-wide"
_SHORTEST_SECRET = 8
"""Characters; shorter texts are in ordinary words."""
_UNSAFE = re.compile(r"[^A-Za-z0-9._-]+")


def files(document: PlanDocument) -> dict[str, Content]:
    """Path below the output folder, with ``/``, to content; the README, which explains the rest, included.

    Secrets are in none of them. Raises PlanRefused for a plan without anything for Kubernetes.
    """
    written: dict[str, Content] = {}
    placeholders = Placeholders()
    releases: list[str] = []
    for stack in document.stacks:
        for resource in stack.graph:
            if not resource.custom or not resource.type.startswith("kubernetes:"):
                continue
            cluster = _cluster(resource, stack.graph, document.clusters)
            for path, text in _of_resource(resource, cluster, placeholders, lambda path: _free(path, written)):
                written[path] = text
                if path.endswith("/release.yaml"):
                    releases.append(path)
    if not written:
        raise PlanRefused(f"{document.environment}: this environment has nothing for Kubernetes to render")
    written.update(_models(document))
    secret_texts = _secret_texts(document)
    for path, content in written.items():
        if isinstance(content, str) and any(text in content for text in secret_texts):
            raise PlanRefused(f"{path}: this file would hold a secret's text; pass the secret by reference instead")
    written["README.md"] = readme(document, list(placeholders.found.values()), releases)
    return written


def _of_resource(
    resource: Resource, cluster: str, placeholders: Placeholders, free: Callable[[str], str]
) -> Iterator[tuple[str, str]]:
    if resource.type == _HELM:
        yield from _release(resource, cluster, placeholders, free)
        return
    inputs = without_own_annotations(resource.inputs)
    kind = inputs.get("kind") or resource.type.rpartition(":")[2]
    namespace, name = _text(inputs, "namespace") or _CLUSTER_WIDE, _text(inputs, "name") or resource.name
    path = free(f"{_safe(cluster)}/{_safe(namespace)}/{_safe(str(kind).lower())}-{_safe(name)}.yaml")
    if resource.type == _SECRET:
        manifest = {**inputs, "metadata": placeholders.filled(inputs.get("metadata", {}), resource, path, "metadata")}
        text = f"${{{resource.stack}:Secret/{resource.name}}}"
        placeholders.found.setdefault(text, Placeholder(text, path, True, ()))
        comment, stub = secret_stub(manifest, text)
        yield path, comment + to_yaml(stub)
        return
    manifest = placeholders.filled(inputs, resource, path)
    yield path, to_yaml(manifest)
    if kind == "PrometheusRule" and isinstance(manifest.get("spec"), Mapping):
        rules = free(f"{_safe(cluster)}/prometheus-rules/{_safe(namespace)}-{_safe(name)}.yaml")
        yield rules, to_yaml(manifest["spec"])


def _release(
    resource: Resource, cluster: str, placeholders: Placeholders, free: Callable[[str], str]
) -> Iterator[tuple[str, str]]:
    inputs = resource.inputs
    namespace = inputs.get("namespace") if isinstance(inputs.get("namespace"), str) else "default"
    name = inputs.get("name") if isinstance(inputs.get("name"), str) else resource.name
    folder = f"{_safe(cluster)}/{_safe(str(namespace))}/helm-{_safe(str(name))}"
    release_path, values_path = free(f"{folder}/release.yaml"), free(f"{folder}/values.yaml")
    options = inputs.get("repositoryOpts")
    release = {
        "releaseName": name,
        "namespace": namespace,
        "chart": inputs.get("chart"),
        "repository": options.get("repo") if isinstance(options, Mapping) else None,
        "version": inputs.get("version"),
        "createNamespace": bool(inputs.get("createNamespace")),
        "skipCrds": bool(inputs.get("skipCrds")),
        "valuesFile": "values.yaml",
    }
    known = {key: value for key, value in release.items() if value is not None}
    yield release_path, to_yaml(placeholders.filled(known, resource, release_path))
    yield values_path, to_yaml(placeholders.filled(inputs.get("values") or {}, resource, values_path, "values"))


def _models(document: PlanDocument) -> Iterator[tuple[str, Content]]:
    for repository in document.repositories:
        folder = f"{_safe(repository.cluster)}/models/{_safe(repository.department)}/{_safe(repository.model)}"
        for file in repository.files:
            path = "/".join(_safe(part) for part in file.key.split("/"))
            yield f"{folder}/{path}", (file.text or "") if file.path is None else Path(file.path)


def _cluster(resource: Resource, graph: ResourceGraph, clusters: tuple[str, ...]) -> str:
    """The cluster that a resource's provider talks to: the declared one whose name ends the provider's."""
    provider = graph.get(resource.provider)
    if provider is None:
        return clusters[0] if len(clusters) == 1 else "default"
    identifier = provider.inputs.get("clusterIdentifier")
    for named in (provider.name, identifier if isinstance(identifier, str) else ""):
        ending = [name for name in clusters if named == name or named.endswith(f"-{name}")]
        if ending:
            return max(ending, key=len)
    return provider.name


def _text(manifest: Mapping[str, Any], key: str) -> str | None:
    metadata = manifest.get("metadata")
    value = metadata.get(key) if isinstance(metadata, Mapping) else None
    return value if isinstance(value, str) and value else None


def _safe(part: str) -> str:
    return _UNSAFE.sub("_", part).strip(".")[:200] or "_"


def _free(path: str, written: Mapping[str, Content]) -> str:
    """The path, or one with a number where two objects would share it."""
    if path not in written:
        return path
    stem, dot, ending = path.rpartition(".")
    number = 2
    while f"{stem}-{number}{dot}{ending}" in written:
        number += 1
    return f"{stem}-{number}{dot}{ending}"


def _secret_texts(document: PlanDocument) -> set[str]:
    found: set[str] = set()
    for resource in document.resources():
        _collect(resource.inputs, False, found)
    return found


def _collect(value: Any, secret: bool, found: set[str]) -> None:
    if isinstance(value, Secret):
        _collect(value.reveal(), True, found)
    elif isinstance(value, Mapping):
        for item in value.values():
            _collect(item, secret, found)
    elif isinstance(value, list | tuple):
        for item in value:
            _collect(item, secret, found)
    elif secret and isinstance(value, str) and len(value) >= _SHORTEST_SECRET:
        found.add(value)
