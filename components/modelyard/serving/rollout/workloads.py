"""Two workloads side by side: the stable version's and the canary's."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, fields, replace
from typing import Any

from ...environment.rollout import Rollout, canary_name
from ...environment.scaling import Scaling
from ..workload.server import Server
from ..workload.stored_model import StoredModel
from ..workload.workload import Workload
from .split import TRACK, Side, Split


@dataclass(frozen=True, slots=True)
class StableWorkload(Workload):
    """The version that serves. Its pods carry no label of the rollout, so that none of them is replaced when one
    begins."""

    def metadata(self, name: str | None = None, annotations: Mapping[str, str] | None = None) -> dict[str, Any]:
        metadata = Workload.metadata(self, name, annotations)
        return {**metadata, "labels": {**metadata["labels"], TRACK: "stable"}}


@dataclass(frozen=True, slots=True)
class CanaryWorkload(Workload):
    """The version that is tried, named by it: another canary is another Deployment, and never takes the place of one
    that answers."""

    @property
    def labels(self) -> dict[str, str]:
        return {**Workload.labels.fget(self), TRACK: "canary"}  # type: ignore[misc]


def stable_workload(workload: Workload) -> Workload:
    """The workload of a model beside a canary: it has no route of its own, :func:`split` has it. It does not sleep
    meanwhile: what would wake it is counted for both."""
    awake = workload.scaling.model_copy(update={"min_replicas": max(workload.scaling.min_replicas, 1)})
    return replace(_as(StableWorkload, workload), hostname=None, scaling=awake)


def canary_workload(stable: Workload, rollout: Rollout, server: Server, stored: StoredModel) -> Workload:
    """The canary's workload: as the stable one, with another version and as many replicas as the next promotion asks
    for.

    Args:
        stable: workload of the model.
        rollout: its declaration, with a canary.
        server: the runtime, configured for the canary's version.
        stored: where that version lies.
    """
    assert rollout.canary is not None
    return replace(
        _as(CanaryWorkload, stable),
        name=canary_name(stable.name, rollout.canary),
        server=server,
        stored=stored,
        versions=(rollout.canary,),
        hostname=None,
        scaling=_canary_scaling(stable.scaling, rollout),
    )


def _canary_scaling(stable: Scaling, rollout: Rollout) -> Scaling:
    """As many replicas as the next promotion asks for, at every hour, and never none: no demand of its own would wake
    a canary."""
    least = max(rollout.canary_replicas(stable.min_replicas), 1)
    windows = [
        window.model_copy(update={"min_replicas": rollout.canary_replicas(window.min_replicas)})
        for window in stable.schedules
    ]
    return stable.model_copy(
        update={
            "min_replicas": least,
            "max_replicas": max(rollout.canary_replicas(stable.max_replicas), least),
            "schedules": [window for window in windows if window.min_replicas > least],
        }
    )


def split(workload: Workload, rollout: Rollout, canary: Workload | None = None) -> Split | None:
    """The traffic of both; None without a hostname.

    Args:
        workload: of the model, with its hostname.
        rollout: its declaration.
        canary: of :func:`canary_workload`; None where there is none.
    """
    if workload.hostname is None:
        return None
    whole = Split(
        name=workload.name,
        namespace=workload.namespace,
        hostname=workload.hostname,
        gateway=workload.gateway,
        labels=workload.labels,
        stable=Side(workload.name, workload.server.routes),
        canary=None if canary is None else Side(canary.name, canary.server.routes),
        request_timeout_seconds=workload.request_timeout_seconds,
    )
    return whole.as_declared(rollout)


def _as(kind: type[Workload], workload: Workload) -> Workload:
    return kind(**{field.name: getattr(workload, field.name) for field in fields(Workload)})
