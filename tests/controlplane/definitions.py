"""The custom resource definitions of the controllers that Modelyard's manifests are for."""

from __future__ import annotations

import hashlib
import json
import shutil
from collections.abc import Iterator
from contextlib import contextmanager

from .api import Api, Object, until
from .build import CACHE, built
from .control_plane import ControlPlane, control_plane

_MODULES = ("definitions", "kserve", "argo-rollouts", "flagger")


@contextmanager
def control_plane_with_definitions() -> Iterator[ControlPlane]:
    """A control plane that serves them all. They take it many seconds, so that the first one of a build is saved.

    Raises:
        NotHere: nothing is built, or the kernel gives no network namespace.
        CannotStart: a process ended, or does not answer.
    """
    roots = [built(module) for module in ("etcd", "kubernetes", *_MODULES)]
    names = " ".join(root.name for root in roots if root is not None)
    saved = CACHE / f"state-{hashlib.sha256(names.encode()).hexdigest()[:12]}"
    with control_plane(saved if saved.is_dir() else None) as plane:
        if not saved.is_dir():
            install(plane.api(), definitions())
            for stale in CACHE.glob("state-*"):
                shutil.rmtree(stale, ignore_errors=True)
            plane.save(saved)
        yield plane


def definitions() -> list[Object]:
    """Of every module in files.csv, as their projects publish them."""
    found: dict[str, Object] = {}
    for module in _MODULES:
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
    until(lambda: not _not_served(api), 180, lambda: f"not served: {_not_served(api)}")


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
