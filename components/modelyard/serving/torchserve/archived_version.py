"""One version of a model, in a model archive, and how TorchServe runs it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True, slots=True)
class ArchivedVersion:
    """One version. What is None is left to TorchServe's own default."""

    version: int
    """As the platform counts."""
    model_version: str
    """As the archive's manifest words it, for example ``2.0``; callers name it in ``/predictions/<model>/2.0``."""
    archive: str
    """File name in the model store."""
    min_workers: int = 1
    max_workers: int = 1
    batch_size: int = 1
    max_batch_delay_ms: int = 100
    response_timeout_seconds: int | None = None
    startup_timeout_seconds: int | None = None

    def settings(self, *, default: bool) -> dict[str, Any]:
        """Its entry of the property ``models`` ("Config model" of TorchServe's configuration guide)."""
        given: dict[str, Any] = {
            "defaultVersion": default,
            "marName": self.archive,
            "minWorkers": self.min_workers,
            "maxWorkers": self.max_workers,
            "batchSize": self.batch_size,
            "maxBatchDelay": self.max_batch_delay_ms,
        }
        if self.response_timeout_seconds is not None:
            given["responseTimeout"] = self.response_timeout_seconds
        if self.startup_timeout_seconds is not None:
            given["startupTimeout"] = self.startup_timeout_seconds
        return given


def default_first(versions: Sequence[ArchivedVersion], default: int) -> list[ArchivedVersion]:
    """In the order in which TorchServe must load them.

    The version that a call without a version gets is the first one that was registered: ``defaultVersion`` in the
    property ``models`` is read from snapshots alone, and says nothing to a server that loads archives.
    """
    return sorted(versions, key=lambda each: (each.version != default, each.version))
