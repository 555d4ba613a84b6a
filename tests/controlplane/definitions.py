"""The custom resource definitions of the controllers that Modelyard's manifests are for."""

from __future__ import annotations

import json

from .api import Api, Object, until
from .build import built


def definitions() -> list[Object]:
    """Of every module in files.csv, as their projects publish them."""
    found: dict[str, Object] = {}
    for module in ("definitions", "kserve"):
        for thing in things(module, "crds"):
            if thing["kind"] == "CustomResourceDefinition":
                found[thing["metadata"]["name"]] = thing
    return list(found.values())


def things(module: str, folder: str) -> list[Object]:
    """The objects that were taken out of a module."""
    root = built(module)
    assert root is not None, f"{module} is not built"
    return [thing for path in sorted((root / folder).glob("*.json")) for thing in json.loads(path.read_text())]


def install(api: Api, wanted: list[Object]) -> None:
    """Create them, and wait until the API server serves them all."""
    for definition in wanted:
        api.create(_without_conversion(definition))
    until(lambda: not _not_served(api), 60, lambda: f"not served: {_not_served(api)}")


def _not_served(api: Api) -> list[str]:
    return [
        definition["metadata"]["name"]
        for definition in api.list("apiextensions.k8s.io/v1", "CustomResourceDefinition")
        if not any(
            condition["type"] == "Established" and condition["status"] == "True"
            for condition in definition.get("status", {}).get("conditions") or []
        )
    ]


def _without_conversion(definition: Object) -> Object:
    """No controller answers here; only the stored version would work, and that is the one that manifests name."""
    spec = {key: value for key, value in definition["spec"].items() if key != "conversion"}
    return {**definition, "spec": spec}
