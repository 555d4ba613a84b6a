"""The container image that serves a model."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from typing import NamedTuple

from ..catalog import UnknownName, images, runtimes
from ..catalog.accelerators import get as accelerator
from ..catalog.runtimes import RuntimeRelease
from ..catalog.spelling import nearest
from ..environment.credential import shown
from ..environment.model import Model
from .finding import Finding
from .image_build import ResolvedBuild
from .resolved import ResolvedGpuPool

_BY_DIGEST = re.compile(r"[a-z0-9][a-z0-9._/:-]*(?::[\w][\w.-]{0,127})?@sha256:[0-9a-f]{64}$")
_TAGGED = re.compile(r"(?P<repository>[^:@\s]+):(?P<tag>\w[\w.-]{0,127})$")
_IMAGES = {
    ("tensorflow_serving", False): "tensorflow-serving",
    ("tensorflow_serving", True): "tensorflow-serving-gpu",
    ("torchserve", False): "torchserve-cpu",
    ("torchserve", True): "torchserve-gpu",
}
"""By server and whether it has a GPU; other servers have one image, by their name."""
_PLATFORMS = {"linux/amd64": "x86_64", "linux/arm64": "arm64"}
_PLATFORM_OF = {architecture: platform for platform, architecture in _PLATFORMS.items()}


class ServerImage(NamedTuple):
    """What runs, and the release whose behaviour it has."""

    image: str | None
    """Full reference by digest, or ``registry:<repository>:<tag>``; None where Seldon's installation or a managed
    service names it."""
    release: RuntimeRelease | None
    """None: of a server whose releases the catalogue does not tell apart."""
    build: ResolvedBuild | None = None
    """How ``image`` comes to be; None: somebody else pushes it."""

    @property
    def release_name(self) -> str:
        """Of Triton such as ``26.07``; of another server the image's tag, empty where it has none."""
        if self.release is not None:
            return self.release.release
        tag = (self.image or "").partition("@")[0].rpartition(":")[2]
        return "" if "/" in tag else tag


def decide_image(
    model: Model, repositories: Sequence[str], build: ResolvedBuild | None = None
) -> ServerImage | list[Finding]:
    """The release's own image, or the model's. By digest, but for images of servers of which no source gives it.

    Args:
        model: its ``server``, ``release`` and ``image``.
        repositories: those that the image registry declares.
        build: what the image is built of, where the model says so.
    """
    release = None
    if model.server == "triton":
        try:
            release = runtimes.get("triton", model.release)
        except UnknownName as error:
            return [Finding(("release",), str(error))]
    elif model.release is not None:
        message = f"{shown(model.release)} is a release of Triton; name the image of {model.server} in image"
        return [Finding(("release",), message)]
    if model.image is not None:
        own = own_image(model.image if build is None else build.image, repositories)
        return ServerImage(own, release, build) if isinstance(own, str) else [own]
    if model.runtime == "seldon" or (model.is_managed and model.server != model.runtime):
        return ServerImage(None, release)
    return ServerImage(release.reference if release else images.get(_image_of(model)).pinned, release)


def _image_of(model: Model) -> str:
    if model.server == "mlserver" and model.format == "mlflow":
        return "mlserver-mlflow"
    return _IMAGES.get((model.server, model.resources.gpus > 0), model.server)


def misfit(release: RuntimeRelease, pool: ResolvedGpuPool) -> str | None:
    """Why the release's own image cannot run on the pool, or None."""
    architecture = _PLATFORMS.get(release.platform)
    if architecture and architecture != pool.architecture:
        return (
            f"the image of release {release.release} is for {release.platform}, and the nodes of pool "
            f"{pool.declared.name!r} are {pool.architecture}; name an image, or another pool"
        )
    needed, has = release.min_compute_capability, accelerator(pool.accelerator).compute_capability
    if needed and has and has < needed:
        return (
            f"release {release.release} needs compute capability {needed[0]}.{needed[1]}, and {pool.accelerator} "
            f"of pool {pool.declared.name!r} has {has[0]}.{has[1]}; use a newer accelerator or an older release"
        )
    return None


def unbuilt(image: ServerImage, pools: Iterable[ResolvedGpuPool | None]) -> Iterator[Finding]:
    """Nodes whose processors a model's own build leaves out."""
    if image.build is None:
        return
    for pool in pools:
        needed = None if pool is None else _PLATFORM_OF.get(pool.architecture)
        if pool is not None and needed is not None and needed not in image.build.declared.platforms:
            yield Finding(
                ("build", "platforms"),
                f"lacks {needed}, and the nodes of pool {pool.declared.name!r} are {pool.architecture}; add it",
            )


def unknown_platforms(model: Model, image: ServerImage, pool: ResolvedGpuPool | None) -> bool:
    """Whether nobody here knows that the image runs on the processors of the pool, which are not those of most."""
    if pool is None or pool.architecture != "arm64":
        return False
    known_release = image.release is not None and image.image is not None and model.image is None
    return image.build is None and not known_release


def registered(image: str) -> str:
    """An image that :func:`own_image` takes, as it is resolved: as it stands by digest, else of the registry."""
    return image if _BY_DIGEST.fullmatch(image) else f"registry:{image}"


def own_image(image: str, repositories: Sequence[str]) -> str | Finding:
    """An image that a user names: by digest, or of the environment's own registry."""
    steps = ("image",)
    if _BY_DIGEST.fullmatch(image):
        return image
    rule = "name it by digest (<image>@sha256:<64 hex digits>) or as <repository>:<tag> of image_registry.repositories"
    tagged = _TAGGED.fullmatch(image)
    if not tagged:
        lacks = "no valid digest" if "@" in image else "neither a digest nor a tag"
        return Finding(steps, f"{shown(image)} has {lacks}; {rule}")
    repository, tag = tagged["repository"], tagged["tag"]
    if tag == "latest":
        return Finding(
            steps, f"{shown(image)} has the tag latest, which means another image every week; name a version"
        )
    if repository not in repositories:
        closest = nearest(repository, repositories)
        hint = f"; did you mean {closest!r}? Declared" if closest else "; declared"
        listed = ", ".join(repositories) if repositories else "none"
        return Finding(
            steps,
            f"{shown(repository)} is not a repository of the image registry{hint}: {listed}. A tag of a registry that "
            "somebody else owns can change: use its digest",
        )
    return f"registry:{repository}:{tag}"
