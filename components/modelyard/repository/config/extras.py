"""Fields that stand for themselves."""

from __future__ import annotations

from ..declared.model import ModelDeclaration
from ..declared.parameters import parameter_text
from ..protobuf import ModelConfig
from .assign import assign


def set_extras(config: ModelConfig, model: ModelDeclaration) -> None:
    assign(config, model, "runtime", "default_model_filename")
    config.cc_model_filenames.update(model.cc_model_filenames)
    config.metric_tags.update(model.metric_tags)
    if model.transaction is not None:
        config.model_transaction_policy.decoupled = model.transaction.decoupled
    if model.response_cache is not None:
        config.response_cache.enable = model.response_cache
    config.model_operations.op_library_filename.extend(model.op_library_filenames)
    if not model.op_library_filenames:
        config.ClearField("model_operations")
    for agent in model.repository_agents:
        added = config.model_repository_agents.agents.add()
        added.name = agent.name
        for name, value in agent.parameters.items():
            added.parameters[name] = parameter_text(value)
    for control in model.metrics.metric_control if model.metrics else ():
        added = config.model_metrics.metric_control.add()
        added.metric_identifier.family = control.family
        added.histogram_options.buckets.extend(control.buckets)
