"""The images that a department's declarations build, each once in every region that serves it."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable, Mapping
from pathlib import Path
from typing import Any

import pulumi

from ..environment.target import Cloud
from ..governance.ownership import Ownership
from ..resolve.image_build import ResolvedBuild
from ..resolve.names import REGISTRY_PREFIX
from ..resolve.resolved import ResolvedEndpoint, ResolvedModel

Address = Callable[[str, str], pulumi.Output[str]]
"""Gives the address of a repository in a region."""


class DepartmentImages:
    """Declares a build when its image is first asked for."""

    def __init__(
        self,
        served: Iterable[ResolvedModel | ResolvedEndpoint],
        ownership: Ownership,
        address: Address,
        providers: Mapping[str, tuple[Cloud, pulumi.ProviderResource | None]],
        parent: pulumi.Resource,
    ) -> None:
        """``providers``: by region, its cloud and the provider that gives a token to push by."""
        self._builds: dict[str, tuple[str, ResolvedBuild]] = {}
        for each in served:
            if each.build is not None:
                self._builds.setdefault(each.build.image, (each.declared.name, each.build))
        self._ownership, self._address, self._parent = ownership, address, parent
        self._providers = providers
        self._made: dict[tuple[str, str], pulumi.Output[str]] = {}

    def reference(self, image: str | None, region: str) -> pulumi.Input[str] | None:
        """The whole reference in a region: of what is built here by its digest, else as it stands."""
        if image is None or not image.startswith(REGISTRY_PREFIX):
            return image
        named = image.removeprefix(REGISTRY_PREFIX)
        repository, _, tag = named.rpartition(":")
        address = self._address(region, repository)
        if named not in self._builds:
            return pulumi.Output.concat(address, ":", tag)
        key = (named, region)
        if key not in self._made:
            self._made[key] = self._build(*self._builds[named], address, region)
        return self._made[key]

    def _build(self, model: str, build: ResolvedBuild, address: pulumi.Output[str], region: str) -> pulumi.Output[str]:
        """``model``: the first that is served by it; its name stays when the tag is another."""
        from ..registry.image_build import ImageBuild

        tag = build.image.rpartition(":")[2]
        arguments: Any = {
            **build.declared.model_dump(mode="json", exclude_none=True, exclude_unset=True),
            "repository_url": address,
            "tag": tag,
            "context": os.path.relpath(build.context),
            "dockerfile": os.path.relpath(build.dockerfile),
            "ownership": self._ownership.args(),
        }
        if build.named_contexts:
            arguments["named_contexts"] = {
                name: os.path.relpath(where) if isinstance(where, Path) else where
                for name, where in build.named_contexts.items()
            }
        cloud, provider = self._providers.get(region, ("aws", None))
        if provider is not None and cloud != "azure":
            arguments["login"] = cloud
        name = f"{self._ownership.environment}-{region}-{model}"
        opts = pulumi.ResourceOptions(parent=self._parent, providers=[] if provider is None else [provider])
        return ImageBuild(name, arguments, opts).image
