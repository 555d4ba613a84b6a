"""What the objects of one model on Seldon Core 2 are made of."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from ...environment.rollout import Rollout
from ..workload.workload import Workload


@dataclass(frozen=True, slots=True)
class ServedModel:
    """One version of a model, on Servers of Seldon's."""

    workload: Workload
    """Its pods are Seldon's, and look as every other server's where Seldon lets them."""
    requirement: str
    """Capability that a Server must have."""
    server_config: str
    shared_server: str | None
    """None: a Server of its own, by the model's name."""
    memory_gib: float | None
    """That the loaded model takes."""
    version: int
    """Folder of the repository that is loaded, where the server has such folders; see ``by_version``."""
    by_version: bool
    """Whether the server's repositories have a folder for each version: Triton's do."""

    @property
    def name(self) -> str:
        return self.workload.name

    @property
    def server(self) -> str:
        """Name of the Server that the model is placed on."""
        return self.shared_server or self.name


@dataclass(frozen=True, slots=True)
class Tracks:
    """One model: its stable version, and the canary where there is one."""

    workload: Workload
    """Of the model, with its hostname."""
    stable: ServedModel
    canary: ServedModel | None = None
    rollout: Rollout | None = None


def metadata(served: ServedModel, name: str | None = None, **annotations: Any) -> dict[str, Any]:
    """``metadata`` of an object. Seldon hands a Server's labels to its pods, and sets ``app.kubernetes.io/name``
    itself."""
    made = served.workload.metadata(name, annotations or None)
    labels = {key: value for key, value in made["labels"].items() if key != "app.kubernetes.io/name"}
    return {**made, "labels": labels}
