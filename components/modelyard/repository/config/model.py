"""The whole configuration of one model."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from ...catalog import triton_backends
from ...sizing.settings import StageSettings
from ..declared.model import ModelDeclaration
from ..declared.plain import CustomModel
from ..declared.tensor import InputTensor, OutputTensor
from ..protobuf import ModelConfig, new_config
from .batching import set_scheduler
from .ensemble import set_steps
from .extras import set_extras
from .instances import set_instances
from .optimization import set_optimization
from .tensors import set_batch_tensors, set_tensors
from .version_policy import set_versions
from .warmup import set_warmup


@dataclass(frozen=True, slots=True)
class Decided:
    """What is decided outside a model's own declaration."""

    name: str
    release: str
    max_batch_size: int
    inputs: Sequence[InputTensor]
    outputs: Sequence[OutputTensor]
    """Typed and read ones, joined."""
    versions: Sequence[int]
    """Served where the declaration has no policy: written as specific; empty: Triton's own, the newest."""
    settings: StageSettings | None
    """None: sizing has not decided anything for this model."""


def model_config(model: ModelDeclaration, decided: Decided) -> ModelConfig:
    """The configuration of a declared model.

    Every field that the declaration leaves out, and that sizing does not decide, is left to Triton.
    """
    config = new_config()
    config.name = decided.name
    _set_backend(config, model)
    set_versions(config, model.version_policy, decided.versions)
    config.max_batch_size = decided.max_batch_size
    set_tensors(config, decided.inputs, decided.outputs)
    set_batch_tensors(config, model)
    set_optimization(config, model.optimization)
    set_scheduler(config, model, decided.settings)
    set_steps(config, model)
    set_instances(config, model, decided.settings)
    set_warmup(config, model.warmup, model.max_batch_size or 0)
    for name, text in model.parameter_texts(decided.release).items():
        config.parameters[name].string_value = text
    set_extras(config, model)
    return config


def _set_backend(config: ModelConfig, model: ModelDeclaration) -> None:
    if isinstance(model, CustomModel):
        config.backend = model.backend
        return
    known = triton_backends.get(model.format)
    config.backend = known.backend
    config.platform = known.platform
