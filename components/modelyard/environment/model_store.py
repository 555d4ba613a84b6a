"""Where model artefacts are kept."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field

from .declaration import Declaration


class ModelStore(Declaration):
    """A versioned, KMS-encrypted bucket in every region that has a cluster."""

    expire_old_versions_days: Annotated[int, Field(ge=1, le=3650)] = 365
    """Overwritten or deleted objects can be restored for so long."""
    force_destroy: bool = False
    """Lets ``pulumi destroy`` delete a bucket that still holds models. For development only."""
