"""Instance groups (``ModelInstanceGroup``, ``ModelRateLimiter``)."""

from __future__ import annotations

from typing import Any

from ...sizing.settings import StageSettings
from ..declared.instances import InstanceGroup
from ..declared.model import ModelDeclaration
from ..declared.rate_limiter import RateLimiter
from ..protobuf import ModelConfig
from .assign import assign

_KINDS = {"auto": "KIND_AUTO", "gpu": "KIND_GPU", "mig": "KIND_GPU", "cpu": "KIND_CPU", "model": "KIND_MODEL"}
"""Triton sees a slice of a GPU as a GPU of its own."""


def set_instances(config: ModelConfig, model: ModelDeclaration, settings: StageSettings | None) -> None:
    """The declared groups; a count that is left out is what sizing decided. Without groups: one that Triton places,
    where sizing decided how many."""
    groups = model.instances
    if not groups and settings is not None and model.scheduled_by_triton:
        groups = [InstanceGroup()]
    if not groups and model.format == "vllm":
        groups = [InstanceGroup(kind="model", count=1)]
    for group in groups:
        written = config.instance_group.add()
        assign(written, group, "name", "passive", "host_policy")
        written.kind = written.Kind.Value(_KINDS[group.kind])
        written.count = group.count or (settings.instances if settings and not group.passive else 1)
        written.gpus.extend(group.gpus or ())
        written.profile.extend(group.profile or ())
        _set_rate_limiter(written, group.rate_limiter)
        for device in group.secondary_devices:
            added = written.secondary_devices.add()
            added.kind = added.SecondaryDeviceKind.Value(f"KIND_{device.kind.upper()}")
            added.device_id = device.device_id


def _set_rate_limiter(written: Any, limiter: RateLimiter | None) -> None:
    if limiter is None:
        return
    written.rate_limiter.SetInParent()
    assign(written.rate_limiter, limiter, "priority")
    for resource in limiter.resources:
        added = written.rate_limiter.resources.add()
        added.name, added.count = resource.name, resource.count
        setattr(added, "global", resource.global_)
