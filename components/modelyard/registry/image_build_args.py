"""Arguments of an image build, as other Pulumi languages see them."""

from collections.abc import Mapping, Sequence
from typing import NotRequired, TypedDict

import pulumi

from ..capacity.software.secret_reference_args import SecretReferenceArgs
from ..governance.ownership import OwnershipArgs


class ImageBuildArgs(TypedDict):
    """A container image that is built where the program runs and pushed."""

    repository_url: pulumi.Input[str]
    """Address without a tag that the image is pushed to, for example ContainerRegistry's
    ``repository_urls["toys/trainer"]``. No password is an argument: see login."""
    tag: str
    """Version of the image, for example a commit; a tag that is immutable takes one build alone."""
    context: str
    """Folder with what the Dockerfile copies, best relative to the program's working directory; of a model, relative to
    the environment's folder."""
    dockerfile: NotRequired[str]
    """Path of the Dockerfile, relative as the context is. Default: Dockerfile in the context."""
    target: NotRequired[str]
    """Stage of the Dockerfile to build. Default: the last."""
    platforms: NotRequired[Sequence[str]]
    """linux/amd64, linux/arm64; each is built on its own, and two are joined under one tag. Default: linux/amd64."""
    build_args: NotRequired[Mapping[str, str]]
    """ARGs of the Dockerfile. They stay readable in the image: no secrets. Default: none."""
    secrets: NotRequired[Mapping[str, SecretReferenceArgs]]
    """Secrets for ``RUN --mount=type=secret,id=<name>``, by name, each a reference. No layer keeps them; the state
    keeps them encrypted. Default: none."""
    named_contexts: NotRequired[Mapping[str, str]]
    """Further folders or images that the Dockerfile copies from, by name. Default: none."""
    cache_tag: NotRequired[str]
    """Tag in the same repository that keeps layers between builds; it has to be one that may move (mutable_tags of
    Amazon ECR). Default: no layers are kept but the builder's own."""
    labels: NotRequired[Mapping[str, str]]
    """Labels of the image beside those of its owner. Default: none."""
    pull: NotRequired[bool]
    """Whether base images are looked up again at each build. Default: false."""
    builder: NotRequired[str]
    """Name of the BuildKit builder. Default: the current one."""
    exec_mode: NotRequired[bool]
    """Whether the buildx of the machine builds, and not the provider's own: for builders that this one cannot use, such
    as Docker Build Cloud. It writes credentials to disk for as long as it builds. Default: false."""
    login: NotRequired[str]
    """aws, gcp: the push logs in by a token of that cloud's provider, which expires within hours. Default: whoever
    builds has logged in, as on Azure (az acr login), whose provider gives out no such token."""
    ownership: OwnershipArgs
    """Who pays and answers for it."""
