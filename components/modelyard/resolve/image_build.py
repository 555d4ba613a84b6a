"""The container image that a model's declaration builds: what is missing for it, and the tag that its content has."""

from __future__ import annotations

import hashlib
import json
import os
from collections.abc import Mapping
from dataclasses import dataclass, field
from fnmatch import fnmatchcase
from pathlib import Path

from ..catalog.spelling import nearest
from ..environment.credential import shown
from ..environment.environment import Environment
from ..environment.image_build import BuildRecipe
from ..environment.model import Model
from .build_context import LargeContext, context_digest
from .dockerfile import Dockerfile, read_dockerfile
from .finding import Finding

_TAG_DIGITS = 16


@dataclass(frozen=True, slots=True)
class ResolvedBuild:
    """A build that can begin."""

    declared: BuildRecipe = field(hash=False)
    image: str
    """``<repository>:<tag>``"""
    context: Path
    """Absolute, as the others are: who writes them down says where from."""
    dockerfile: Path
    named_contexts: Mapping[str, Path | str] = field(hash=False)
    """Folders, or addresses of images and repositories as they were declared."""
    unpinned: tuple[str, ...] = ()
    """Base images that another day may be others, by tag."""


class ImageBuilds:
    """Decides the builds of one environment."""

    def __init__(self, environment: Environment) -> None:
        self._base, self._platform = environment.folder, environment.platform
        self._decided: dict[str, ResolvedBuild | list[Finding]] = {}
        self._owners: dict[str, tuple[str, BuildRecipe]] = {}

    def decide(self, model: Model) -> ResolvedBuild | list[Finding] | None:
        """The build of the model's image, or everything that keeps it from beginning; None: nobody builds it here."""
        if model.build is None or model.image is None:
            return None
        key = f"{model.image} {model.build.model_dump_json()}"
        if key not in self._decided:
            self._decided[key] = self._build(model.image, model.build)
        found = self._decided[key]
        if isinstance(found, list):
            return found
        whose, recipe = self._owners.setdefault(found.image, (model.name, model.build))
        if recipe != model.build:
            return [
                Finding(
                    ("build",),
                    f"makes {shown(found.image)} otherwise than model {whose!r} does; write the same build in both, or "
                    "another tag in image",
                )
            ]
        return found

    def _build(self, image: str, recipe: BuildRecipe) -> ResolvedBuild | list[Finding]:
        context, findings = self._folder(recipe.context, ("build", "context"))
        named: dict[str, Path | str] = {}
        for name, where in recipe.named_contexts.items():
            if "://" in where:
                named[name] = where
                continue
            folder, wrong = self._folder(where, ("build", "named_contexts", name))
            findings += wrong
            named[name] = folder
        findings += self._stuck_cache(recipe)
        path = self._path(recipe.dockerfile_path)
        file, wrong = (None, []) if findings else self._dockerfile(recipe, path)
        findings += wrong
        if findings or file is None:
            return findings
        repository, _, tag = image.partition(":")
        try:
            tag = tag or _content_tag(recipe, context, path, named)
        except LargeContext as large:
            return [Finding(("build", "context"), f"{shown(recipe.context)} {large}")]
        unpinned = tuple(file.unpinned(recipe.build_args))
        return ResolvedBuild(recipe, f"{repository}:{tag}", context, path, named, unpinned)

    def _stuck_cache(self, recipe: BuildRecipe) -> list[Finding]:
        """A cache is written again at each build; Azure has no rule that would refuse it."""
        registry = self._platform.image_registry
        clouds = {cluster.cloud for cluster in self._platform.clusters} - {"azure"}
        moves = any(fnmatchcase(f"{recipe.cache_tag}-amd64", each) for each in registry.mutable_tags)
        if recipe.cache_tag is None or not registry.immutable_tags or moves or not clouds:
            return []
        return [
            Finding(
                ("build", "cache_tag"),
                f"{shown(recipe.cache_tag)} would move at each build, and tags are immutable; add "
                f"'{recipe.cache_tag}-*' to image_registry.mutable_tags, which Amazon ECR alone has, or delete it",
            )
        ]

    def _dockerfile(self, recipe: BuildRecipe, path: Path) -> tuple[Dockerfile | None, list[Finding]]:
        declared = shown(recipe.dockerfile_path)
        try:
            file = read_dockerfile(path)
        except FileNotFoundError:
            near = (
                nearest(path.name, sorted(each.name for each in path.parent.iterdir()))
                if path.parent.is_dir()
                else None
            )
            hint = f"; did you mean {os.path.join(os.path.dirname(recipe.dockerfile_path), near)!r}?" if near else ""
            message = f"there is no file {declared}, which is looked for from the environment's folder{hint}"
            return None, [Finding(("build", "dockerfile"), message)]
        except (OSError, UnicodeDecodeError) as error:
            reason = (getattr(error, "strerror", None) or "it is no text").lower()
            return None, [Finding(("build", "dockerfile"), f"{declared} cannot be read: {reason}")]
        if not file.stages:
            return None, [Finding(("build", "dockerfile"), f"{declared} has no FROM, so nothing is built of it")]
        named = [stage.name for stage in file.stages if stage.name is not None]
        if recipe.target is not None and recipe.target.lower() not in named:
            if recipe.target.isdigit() and int(recipe.target) < len(file.stages):
                return file, []
            near = nearest(recipe.target, named)
            hint = f"; did you mean {near!r}?" if near else ""
            stages = f"Stages: {', '.join(named)}" if named else "It names no stages"
            message = f"{shown(recipe.target)} is no stage of {declared}{hint or ';'} {stages}"
            return None, [Finding(("build", "target"), message)]
        return file, []

    def _folder(self, declared: str, steps: tuple[str, ...]) -> tuple[Path, list[Finding]]:
        path = self._path(declared)
        if os.path.isabs(declared):
            message = (
                f"{shown(declared)} must be relative to the environment's folder, so that it is the same on every "
                "machine"
            )
            return path, [Finding(steps, message)]
        if path.is_dir():
            return path, []
        siblings = (
            sorted(entry.name for entry in path.parent.iterdir() if entry.is_dir()) if path.parent.is_dir() else []
        )
        near = nearest(path.name, siblings)
        hint = f"; did you mean {os.path.join(os.path.dirname(declared), near)!r}?" if near else ""
        message = f"there is no folder {shown(declared)}, which is looked for from the environment's folder{hint}"
        return path, [Finding(steps, message)]

    def _path(self, declared: str) -> Path:
        return Path(os.path.normpath(self._base / declared))


def _content_tag(recipe: BuildRecipe, context: Path, dockerfile: Path, named: Mapping[str, Path | str]) -> str:
    """The same for the same files and arguments, on every machine: where a tag never moves, another content needs
    another one. Secrets do not count, which no layer keeps, nor does what only says how to build."""
    parts = {
        "context": context_digest(context, dockerfile),
        "dockerfile": hashlib.sha256(dockerfile.read_bytes()).hexdigest(),
        "named": {
            name: context_digest(where) if isinstance(where, Path) else where for name, where in sorted(named.items())
        },
        "target": recipe.target,
        "platforms": sorted(recipe.platforms),
        "build_args": recipe.build_args,
        "labels": recipe.labels,
    }
    return hashlib.sha256(json.dumps(parts, sort_keys=True).encode()).hexdigest()[:_TAG_DIGITS]
