"""What an ensemble cannot have: it executes nothing itself."""

from __future__ import annotations

from collections.abc import Iterator

from ...repository import RepositoryModel
from ..fault import Fault

_FORBIDDEN = {
    "instance_group": "has instance groups, and it executes nothing itself; give them to the models of its steps",
    "model_warmup": "has warm-up requests, which Triton sends to no ensemble; give them to the models of its steps",
    "batch_input": "makes tensors from batches, and it forms none; let the models of its steps do it",
    "batch_output": "splits batches, and it forms none; let the models of its steps do it",
}


def faults(model: RepositoryModel) -> Iterator[Fault]:
    config, name = model.config, model.name
    scheduling = config.WhichOneof("scheduling_choice")
    if config.platform != "ensemble" and scheduling != "ensemble_scheduling":
        return
    if scheduling != "ensemble_scheduling":
        how = "batches requests instead" if scheduling else "has none"
        message = f"ensemble {name!r} must have steps, and {how}; an ensemble never batches: the models of its steps do"
        yield Fault(name, (scheduling or "ensemble_scheduling",), message)
        return
    if config.platform != "ensemble":
        message = (
            f"model {name!r} has steps and platform {config.platform!r}; the platform of an ensemble is 'ensemble'"
        )
        yield Fault(name, ("platform",), message)
    if config.backend:
        message = f"ensemble {name!r} names the backend {config.backend!r}; an ensemble has none: delete it"
        yield Fault(name, ("backend",), message)
    for field, message in _FORBIDDEN.items():
        if getattr(config, field):
            yield Fault(name, (field,), f"ensemble {name!r} {message}")
    if config.HasField("optimization"):
        message = f"ensemble {name!r} has optimization settings; give them to the models of its steps"
        yield Fault(name, ("optimization",), message)
    if not config.ensemble_scheduling.step:
        yield Fault(
            name, ("ensemble_scheduling",), f"ensemble {name!r} has no steps; add them, or serve the model itself"
        )
