"""A container image that is built where the program runs."""

from __future__ import annotations

import re
from pathlib import PurePosixPath
from typing import Annotated, Literal, Self

from pydantic import Field, StringConstraints, model_validator

from .credential import credential
from .declaration import Declaration
from .patterns import ONE_LINE_PATTERN, TAG_PATTERN, VARIABLE_PATTERN
from .secret import SecretReference

Tag = Annotated[str, StringConstraints(pattern=TAG_PATTERN)]
Path = Annotated[str, StringConstraints(pattern=ONE_LINE_PATTERN, min_length=1, max_length=500)]
Name = Annotated[str, StringConstraints(pattern=VARIABLE_PATTERN, max_length=100)]

_SECRET_WORD = re.compile(r"(password|passwd|secret|token|api_?key|credential)", re.IGNORECASE)


class BuildRecipe(Declaration):
    """How a container image is built where the program runs."""

    context: Path
    """Folder with what the Dockerfile copies, best relative to the program's working directory; of a model, relative to
    the environment's folder."""
    dockerfile: Path | None = None
    """Path of the Dockerfile, relative as the context is. Default: Dockerfile in the context."""
    target: Annotated[str, StringConstraints(pattern=ONE_LINE_PATTERN, min_length=1, max_length=100)] | None = None
    """Stage of the Dockerfile to build. Default: the last."""
    platforms: Annotated[list[Literal["linux/amd64", "linux/arm64"]], Field(min_length=1, max_length=2)] = [
        "linux/amd64"
    ]
    """linux/amd64, linux/arm64; each is built on its own, and two are joined under one tag."""
    build_args: dict[Name, str] = {}
    """ARGs of the Dockerfile. They stay readable in the image: no secrets. Default: none."""
    secrets: dict[Name, SecretReference] = {}
    """Secrets for ``RUN --mount=type=secret,id=<name>``, by name, each a reference. No layer keeps them; the state
    keeps them encrypted. Default: none."""
    named_contexts: dict[Name, Path] = {}
    """Further folders or images that the Dockerfile copies from, by name. Default: none."""
    cache_tag: Tag | None = None
    """Tag in the same repository that keeps layers between builds; it has to be one that may move (mutable_tags of
    Amazon ECR). Default: no layers are kept but the builder's own."""
    labels: dict[str, str] = {}
    """Labels of the image beside those of its owner. Default: none."""
    pull: bool = False
    """Whether base images are looked up again at each build."""
    builder: Annotated[str, StringConstraints(pattern=ONE_LINE_PATTERN, min_length=1, max_length=100)] | None = None
    """Name of the BuildKit builder. Default: the current one."""
    exec_mode: bool = False
    """Whether the buildx of the machine builds, and not the provider's own: for builders that this one cannot use, such
    as Docker Build Cloud. It writes credentials to disk for as long as it builds."""

    @property
    def dockerfile_path(self) -> str:
        """The Dockerfile, where nobody names it too."""
        return self.dockerfile or str(PurePosixPath(self.context) / "Dockerfile")

    @model_validator(mode="after")
    def _coherent(self) -> Self:
        found = []
        doubled = sorted({each for each in self.platforms if self.platforms.count(each) > 1})
        if doubled:
            found.append(f"platforms names {', '.join(doubled)} twice; delete one")
        named = [name for name, value in self.build_args.items() if _SECRET_WORD.search(name) or credential(value)]
        if named:
            found.append(
                f"build_args.{named[0]} looks like a secret, and build arguments stay readable in the image; name it "
                "in secrets, by reference"
            )
        if found:
            raise ValueError("; and ".join(found))
        return self


class ImageBuild(BuildRecipe):
    """A container image that is built where the program runs and pushed."""

    tag: Tag
    """Version of the image, for example a commit; a tag that is immutable takes one build alone."""
    login: Literal["aws", "gcp"] | None = None
    """aws, gcp: the push logs in by a token of that cloud's provider, which expires within hours. Default: whoever
    builds has logged in, as on Azure (az acr login), whose provider gives out no such token."""

    @model_validator(mode="after")
    def _keeps_layers_elsewhere(self) -> ImageBuild:
        if self.cache_tag is not None and self.cache_tag == self.tag:
            raise ValueError("cache_tag is the image's own tag; name another")
        return self
