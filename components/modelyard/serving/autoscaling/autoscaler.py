"""The one object that owns a target's replicas: a HorizontalPodAutoscaler, or a ScaledObject of KEDA where that does
not suffice. Never both."""

from __future__ import annotations

from typing import Any

from ...environment.scaling import Scaling
from .horizontal_pod_autoscaler import horizontal_pod_autoscaler
from .scale_target import ScaleTarget
from .scaled_object import scaled_object


def autoscaler(target: ScaleTarget, scaling: Scaling) -> dict[str, Any]:
    """The manifest. What :func:`~modelyard.serving.autoscaling.problems.scaling_problems` finds has to be solved
    first."""
    return scaled_object(target, scaling) if needs_keda(target, scaling) else horizontal_pod_autoscaler(target, scaling)


def needs_keda(target: ScaleTarget, scaling: Scaling) -> bool:
    """Whether a HorizontalPodAutoscaler alone cannot do it."""
    return scaling.beyond_the_queue(queue_metric=target.adapter_metric is not None)
