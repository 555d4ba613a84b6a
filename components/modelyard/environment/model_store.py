"""Where model artefacts are kept."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field, model_validator

from .declaration import Declaration


class StoreLock(Declaration):
    """Write once: what is stored can neither be changed nor deleted for some time."""

    mode: Literal["governance", "compliance"] = "governance"
    """governance: who has a right of its own can end it. compliance: nobody can, the account's owner neither."""
    days: Annotated[int, Field(ge=1, le=3650)]
    """How long, from when an object was stored."""


class ModelStore(Declaration):
    """A versioned, encrypted bucket in every region that has a cluster, closed to the public and to plain HTTP."""

    expire_old_versions_days: Annotated[int, Field(ge=1, le=3650)] = 365
    """Overwritten or deleted objects can be restored for so long."""
    archive_old_versions_days: Annotated[int, Field(ge=30, le=3650)] | None = None
    """Overwritten or deleted objects move to cheaper storage after so long. Default: never."""
    lock: StoreLock | None = None
    """Whether objects are locked. A locked store outlives its stack: ``pulumi destroy`` leaves it and its key behind.
    Default: not locked."""
    access_logs: bool = False
    """Whether reads and writes are logged: into a second bucket on AWS and Google Cloud, into Log Analytics on
    Azure."""
    access_log_days: Annotated[int, Field(ge=1, le=3650)] = 90
    """How long these logs stay."""
    replicas: dict[str, str] = {}
    """Region to the further region of the same cloud that gets a copy of every object. Default: none."""
    force_destroy: bool = False
    """Lets ``pulumi destroy`` delete a bucket that still holds models. For development only."""

    @model_validator(mode="after")
    def _coherent(self) -> ModelStore:
        found = []
        if self.lock is not None and self.force_destroy:
            found.append(
                "force_destroy would delete what lock keeps; delete one of the two (a locked store is left behind by "
                "pulumi destroy)"
            )
        archive = self.archive_old_versions_days
        if archive is not None and archive >= self.expire_old_versions_days:
            found.append(
                f"archive_old_versions_days, {archive}, must be less than expire_old_versions_days, "
                f"{self.expire_old_versions_days}"
            )
        own = sorted(region for region, other in self.replicas.items() if region == other)
        if own:
            found.append(f"replicas copies {', '.join(own)} to itself; name another region")
        if found:
            raise ValueError("; and ".join(found))
        return self
