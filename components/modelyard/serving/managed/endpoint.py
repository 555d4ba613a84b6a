"""A model at a managed service, before any cloud's words for it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from ...environment.model import Model, Objective
from ...environment.rollout import Rollout
from ...environment.scaling import Scaling
from ...environment.target import ManagedTarget
from ...governance.ownership import Ownership
from ...repository.repository import RepositoryFile


@dataclass(frozen=True, slots=True)
class ManagedVersion:
    """One version of the model, which is a model resource and a deployment of its own."""

    number: int
    percent: int
    """Share of the requests that it answers, 0 to 100; those of all versions make 100."""
    mirrored_percent: int = 0
    """Share of the requests that are copied to it, their answers thrown away."""
    files: tuple[RepositoryFile, ...] = ()
    """That are uploaded for it; none where they are somebody else's."""
    url: str | None = None
    """Address of somebody else's files."""
    digest: str = ""
    """Changes when what is served changes."""

    @property
    def name(self) -> str:
        """``v3``: by version and never by track, so that making it the stable one renames nothing."""
        return version_name(self.number)


@dataclass(frozen=True, slots=True)
class ManagedEndpoint:
    """One model in one region of one service. The endpoint stays; its versions come and go beside it."""

    target: ManagedTarget
    environment: str
    region: str
    declared: Model
    """Everything that every model says, and ``sagemaker``, ``vertex`` or ``azureml``."""
    versions: tuple[ManagedVersion, ...]
    """The stable one first, then the canary's."""
    image: str | None
    """Full reference, or ``registry:<repository>:<tag>``; None: the service's own for the format."""
    release: str
    """Of Triton; of another server empty."""
    format: str
    ownership: Ownership
    """With the model's name."""

    @property
    def name(self) -> str:
        """``<environment>-<model>``: what people type; 61 characters at most."""
        return endpoint_name(self.environment, self.declared.name)

    @property
    def model(self) -> str:
        return self.declared.name

    @property
    def scaling(self) -> Scaling:
        return self.declared.scaling

    @property
    def objective(self) -> Objective | None:
        return self.declared.objective

    @property
    def rollout(self) -> Rollout | None:
        return self.declared.rollout

    @property
    def shares(self) -> Mapping[str, int]:
        """Percent by name of version: ``{"v3": 90, "v4": 10}``; a version that gets nothing is there with 0."""
        return {version.name: version.percent for version in self.versions}

    @property
    def stable(self) -> ManagedVersion:
        return self.versions[0]


def version_name(version: int) -> str:
    """``v3``"""
    return f"v{version}"


def endpoint_name(environment: str, model: str) -> str:
    """``<environment>-<model>``: SageMaker takes 63 characters; whoever takes fewer says so."""
    return f"{environment}-{model}"


def shares_of(rollout: Rollout | None, stable: int) -> dict[int, int]:
    """Percent of the requests by version, the stable one first; they make 100.

    Args:
        rollout: as declared; None: the stable version answers everything.
        stable: the version that serves.
    """
    if rollout is None or rollout.canary is None:
        return {stable: 100}
    return {rollout.stable: 100 - rollout.percent, rollout.canary: rollout.percent}


def mirrored_of(rollout: Rollout | None) -> dict[int, int]:
    """Percent of the requests that are copied, by version; empty where none are."""
    if rollout is None or rollout.canary is None or not rollout.mirrored:
        return {}
    return {rollout.canary: rollout.mirrored}
