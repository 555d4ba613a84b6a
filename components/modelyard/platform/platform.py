"""One layer of an environment, as a Pulumi component."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any, TypedDict

import pulumi

from ..environment.environment import unknown_department
from ..environment.problem import InvalidEnvironment, Problem
from ..resolve.resolved import Resolution
from .declared import declared
from .department import declare_department
from .foundation import declare_foundation
from .reference import foundation_of

FOUNDATION, ALL = "foundation", "all"


class PlatformArgs(TypedDict):
    """Which part of which environment."""

    folder: str
    """Folder of the environment: ``platform.yaml`` and ``departments/<name>.yaml``."""
    layer: str
    """``foundation``, ``all`` or the name of a department."""


class Platform(pulumi.ComponentResource):
    """Everything that one stack of an environment declares.

    Raises:
        InvalidEnvironment: with every mistake, before anything is declared.
    """

    outputs: Mapping[str, Any]
    """What other stacks and people need: clusters, stores and repositories of a foundation, addresses of models, graphs
    and pipelines, and endpoints at managed services."""

    def __init__(self, name: str, args: PlatformArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        resolution = declared(Path(args["folder"]))
        layer = args["layer"]
        _check_layer(resolution, layer)
        super().__init__("modelyard:index:Platform", name, {}, opts)
        outputs: dict[str, Any] = {}
        if layer in (FOUNDATION, ALL):
            handles, exports = declare_foundation(resolution, parent=self)
            outputs |= exports
        else:
            handles = foundation_of(resolution, layer, parent=self)
        urls: dict[str, dict[str, Any]] = {"models": {}, "graphs": {}, "pipelines": {}, "endpoints": {}}
        for department in resolution.environment.departments:
            if layer in (department.department, ALL):
                for kind, found in declare_department(resolution, department, handles, parent=self).items():
                    urls[kind] |= found
        if layer != FOUNDATION:
            outputs |= {kind: found for kind, found in urls.items() if found or kind == "models"}
        self.outputs = outputs
        self.register_outputs({})


def _check_layer(resolution: Resolution, layer: str) -> None:
    platform, environment = resolution.environment.platform, resolution.environment
    if layer not in (FOUNDATION, ALL) and environment.department(layer) is None:
        raise InvalidEnvironment([unknown_department(environment, layer)])
    if (layer == ALL) != (platform.layers == "all"):
        allowed = ALL if platform.layers == "all" else "foundation or the name of a department"
        message = f"{layer!r} does not go with layers: {platform.layers} of {platform.environment}; use {allowed}"
        raise InvalidEnvironment([Problem("stack configuration", "modelyard:layer", message)])
