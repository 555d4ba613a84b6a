"""Which of the five signals a managed service cannot watch as a model asks, and the nearest that it can.

Rate, errors, latency, queue or saturation, and GPU or memory have an alarm at every service, with the same thresholds:
the objective's rate and p99, and ``alerts``. The metrics are ``catalog/data/managed_signals.csv``.
"""

from __future__ import annotations

from collections.abc import Iterator

from ...environment.model import Model
from ...environment.target import ManagedTarget
from .capabilities import Shortfall, capability

_TIMED = ("real_time", "multi_model")
"""Kinds of SageMaker's endpoints that say how long requests wait."""


def signal_shortfalls(model: Model, target: ManagedTarget) -> tuple[Shortfall, ...]:
    """Signals that are watched otherwise than declared, or by somebody else."""
    return tuple(Shortfall(target, asked, capability(target, name)) for asked, name in _asked(model, target))


def _asked(model: Model, target: ManagedTarget) -> Iterator[tuple[str, str]]:
    if target == "azureml":
        yield f"alerts.error_rate: {model.alerts.error_rate:g} as a share of the requests", "signal_error_share"
    if model.alerts.queue_ms is not None and not _says_how_long(model, target):
        yield f"alerts.queue_ms: {model.alerts.queue_ms:g}", "signal_queue_ms"
    if target == "azureml" and model.azureml is not None and model.azureml.arc is not None:
        yield "alarms on processors, GPUs and memory", "signal_instances"


def _says_how_long(model: Model, target: ManagedTarget) -> bool:
    if target == "sagemaker":
        return model.sagemaker is None or model.sagemaker.kind in _TIMED
    return target == "vertex" and (model.vertex is None or model.vertex.endpoint != "peered")
