"""Steps (``ModelEnsembling``)."""

from __future__ import annotations

from ..declared.ensemble import EnsembleModel
from ..declared.model import ModelDeclaration
from ..protobuf import ModelConfig
from .assign import assign


def set_steps(config: ModelConfig, model: ModelDeclaration) -> None:
    if not isinstance(model, EnsembleModel):
        return
    assign(config.ensemble_scheduling, model, "max_inflight_requests")
    for step in model.steps:
        written = config.ensemble_scheduling.step.add()
        written.model_name = step.model
        written.model_version = -1 if step.version is None else step.version
        written.input_map.update(step.inputs)
        written.output_map.update(step.outputs)
        assign(written, step, model_namespace="namespace")
