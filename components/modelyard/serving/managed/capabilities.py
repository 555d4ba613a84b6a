"""What a service cannot do of what a model declares, and the nearest thing that it can: nothing is dropped silently.

The facts are ``catalog/data/target_capabilities.csv``, each with its source and date. What a service does under a
condition (``partly``) is judged by the declaration of that service, which this module reads and never changes.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from typing import Literal

from ...catalog.table import rows
from ...environment.model import Model
from ...environment.target import SERVICE_OF, ManagedTarget, Target

Support = Literal["yes", "partly", "no"]


@dataclass(frozen=True, slots=True)
class Capability:
    """Whether one target can do one thing."""

    target: str
    name: str
    """``mirror``, ``sticky``, ``schedules`` ..."""
    supported: Support
    nearest: str
    """The nearest thing that it can do; empty where it does the thing itself."""
    source: str
    source_date: str


@dataclass(frozen=True, slots=True)
class Shortfall:
    """One thing that the declaration asks and the target does not do."""

    target: Target
    asked: str
    """The key as it is written, with its value: ``rollout.sticky``, ``scaling.min_replicas: 0``."""
    capability: Capability

    def sentence(self, model: str) -> str:
        """The plan's line: who, what, where, and the nearest thing."""
        verb = "does not do" if self.capability.supported == "no" else "does only in part"
        return (
            f"model {model!r}: {SERVICE_OF[self.target]} {verb} {self.asked}; the nearest it can: "
            f"{self.capability.nearest}"
        )


def shortfalls(model: Model, target: ManagedTarget) -> tuple[Shortfall, ...]:
    """Everything that the model asks and the target cannot do, in the order of the declaration's keys.

    Args:
        model: as declared.
        target: where it is served; its own declaration (``model.sagemaker`` ...) may make a partial ability whole.
    """
    found = []
    for asked, name in _asked(model):
        ability = capability(target, name)
        if ability.supported == "no" or (ability.supported == "partly" and not _whole(model, target, name)):
            found.append(Shortfall(target, asked, ability))
    return tuple(found)


def kubernetes_shortfalls(model: Model) -> tuple[Shortfall, ...]:
    """What a model asks of every target and clusters do not do yet."""
    if model.target != "kubernetes" or model.capture is None:
        return ()
    return (Shortfall("kubernetes", "capture", capability("kubernetes", "capture")),)


def capability(target: Target, name: str) -> Capability:
    """One row of the table.

    Raises:
        KeyError: the table says nothing of it.
    """
    return _table()[target, name]


@cache
def _table() -> dict[tuple[str, str], Capability]:
    return {
        (row["target"], row["capability"]): Capability(
            row["target"],
            row["capability"],
            _support(row["supported"]),
            row["nearest"],
            row["source"],
            row["source_date"],
        )
        for row in rows("target_capabilities.csv")
    }


def _support(text: str) -> Support:
    return "yes" if text == "yes" else "partly" if text == "partly" else "no"


def _asked(model: Model) -> Iterator[tuple[str, str]]:
    """What the declaration asks beyond serving: the key as written, and the capability's name."""
    rollout, scaling = model.rollout, model.scaling
    if scaling.min_replicas == 0:
        yield "scaling.min_replicas: 0", "scale_to_zero"
    for signal in ("queue_ms", "concurrency", "requests_per_second"):
        if getattr(scaling, f"target_{signal}") is not None:
            yield f"scaling.target_{signal}", f"target_{signal}"
    if scaling.target_gpu_utilization_percent is not None:
        yield "scaling.target_gpu_utilization_percent", "target_gpu_utilization"
    if scaling.schedules:
        yield "scaling.schedules", "schedules"
    if model.resources.gpus and "gpus" in model.resources.model_fields_set:
        yield f"resources.gpus: {model.resources.gpus}", "gpu"
    yield from _asked_to_keep(model)
    if model.sagemaker is not None and model.sagemaker.quality is not None:
        yield "sagemaker.quality", "quality"
    if rollout is None:
        return
    if rollout.mirror_percent:
        yield f"rollout.mirror_percent: {rollout.mirror_percent}", "mirror"
    if rollout.sticky is not None:
        yield "rollout.sticky", "sticky"
    for gate, value in (
        ("error_rate", rollout.gates.error_rate),
        ("p99", rollout.gates.p99_ms),
        ("business", rollout.gates.business),
    ):
        if value is not None:
            yield f"rollout.gates.{gate}{'_ms' if gate == 'p99' else ''}", f"gates_{gate}"


def _asked_to_keep(model: Model) -> Iterator[tuple[str, str]]:
    if model.capture is None:
        return
    yield "capture", "capture"
    if model.capture.content != "input_and_output":
        yield f"capture.content: {model.capture.content}", "capture_content"
    yield f"capture.retention_days: {model.capture.retention_days}", "capture_retention"


def _whole(model: Model, target: ManagedTarget, name: str) -> bool:
    """Whether what the target does under a condition is done as this model is declared."""
    own = getattr(model, target, None)
    kind = getattr(own, "kind", None)
    if (target, name) == ("azureml", "mirror"):
        return model.rollout is not None and model.rollout.mirror_percent <= 50
    if (target, name) == ("sagemaker", "scale_to_zero"):
        return kind in ("serverless", "async", "inference_components", "inference_component")
    if (target, name) in (("sagemaker", "gpu"), ("sagemaker", "capture")):
        return kind != "serverless"
    if (target, name) == ("sagemaker", "capture_retention"):
        # Where nothing is captured there is nothing to delete, and that is said already.
        own = None if model.sagemaker is None else model.sagemaker.capture
        return kind == "serverless" or own is None or own.url is None
    return False
