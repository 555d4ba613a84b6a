"""What a controller of rollouts is given: Argo Rollouts' or Flagger's objects, and who owns which field of them."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from ...environment.rollout import Rollout
from ..workload.model_download import files_config_map
from ..workload.probes import pod_start_seconds
from ..workload.server import Route, Server
from ..workload.settings_files import settings_config_map
from ..workload.stored_model import StoredModel
from ..workload.streamed_weights import stream_objects
from ..workload.workload import Workload

Manifest = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Release:
    """Both versions of a model, in one place: the controller keeps the pods of the version before."""

    stable: Workload
    """The version that serves."""
    released: Workload
    """The one to be released; the stable one where there is no canary."""
    rollout: Rollout

    @property
    def under_way(self) -> bool:
        """Whether the declaration names a canary: the controller may be at any step, or at the end."""
        return self.rollout.canary is not None

    @property
    def stable_routes(self) -> tuple[Route, ...]:
        return self.stable.server.routes


@dataclass(frozen=True, slots=True)
class ControlledObjects:
    """Manifests, by the order in which they are applied."""

    before: Sequence[Manifest]
    """What pods and controller need when they begin, the files of both versions among them."""
    pods: Manifest
    """What the controller makes pods of."""
    policy: Manifest | None
    """The ``BackendTrafficPolicy`` of the route; None without a hostname."""
    route: Manifest | None
    """The HTTPRoute; None where the controller makes it, or there is no hostname."""
    scaler: Manifest
    """What owns the number of pods."""
    after: Sequence[Manifest] = ()
    """What may only begin when all of that is there."""
    owned: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    """Kind of an object to the fields that the controller writes, as paths: whoever applies the objects again leaves
    them as they are."""

    @property
    def all(self) -> list[Manifest]:
        """All of them, in the order in which they can be applied."""
        traffic = [each for each in (self.policy, self.route) if each is not None]
        return [*self.before, *traffic, self.pods, self.scaler, *self.after]


def release(
    stable: Workload, rollout: Rollout, server: Server | None = None, stored: StoredModel | None = None
) -> Release:
    """The two versions. Neither sleeps: a controller waits for pods of both, and nobody would wake them.

    Args:
        stable: workload of the model.
        rollout: its declaration, with a controller.
        server: the runtime, configured for the canary's version; None without a canary.
        stored: where that version lies.
    """
    awake = stable.scaling.model_copy(update={"min_replicas": max(stable.scaling.min_replicas, 1)})
    serving = replace(stable, scaling=awake)
    if rollout.canary is None or server is None or stored is None:
        return Release(serving, serving, rollout)
    return Release(serving, replace(serving, server=server, stored=stored, versions=(rollout.canary,)), rollout)


def files_of_stable(found: Release, made: Sequence[Manifest]) -> list[Manifest]:
    """Lists of files, settings and volumes that pods of the stable version mount, and that ``made`` lacks: such a pod
    may have to start again while the release is under way."""
    names = {(each["kind"], each["metadata"]["name"]) for each in made}
    held = [files_config_map(found.stable), settings_config_map(found.stable), *stream_objects(found.stable)]
    return [each for each in held if each is not None and (each["kind"], each["metadata"]["name"]) not in names]


def waiting(found: Release, wait_for: str) -> dict[str, str]:
    """Annotations for Pulumi. It waits where nothing is to be decided: for the first pods, and for the end of a release
    whose version has become the stable one. A release that is under way takes hours, and may wait for a person."""
    seconds = pod_start_seconds(found.released) * (found.released.first_replicas + 1)
    how = {"pulumi.com/skipAwait": "true"} if found.under_way else {"pulumi.com/waitFor": json.dumps([wait_for])}
    return {**how, "pulumi.com/timeoutSeconds": str(seconds)}
