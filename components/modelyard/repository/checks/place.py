"""Where a fault was written: in model.yaml, or in a config.pbtxt."""

from __future__ import annotations

from collections.abc import Iterable

from ...environment.environment import shown_path
from ...environment.problem import Problem
from ...environment.yaml_document import Steps
from ..repository import Repository, RepositoryModel
from .config_text import config_text_of
from .fault import Fault

_NAMES: dict[str, str | None] = {
    "input": "inputs",
    "output": "outputs",
    "batch_input": "batch_inputs",
    "batch_output": "batch_outputs",
    "instance_group": "instances",
    "dynamic_batching": "batching",
    "ensemble_scheduling": None,
    "step": "steps",
    "model_name": "model",
    "model_version": "version",
    "model_namespace": "namespace",
    "input_map": "inputs",
    "output_map": "outputs",
    "data_type": "dtype",
    "preferred_batch_size": "preferred_batch_sizes",
    "max_queue_delay_microseconds": "max_queue_delay_us",
    "default_timeout_microseconds": "default_timeout_us",
    "default_queue_policy": "queue",
    "priority_queue_policy": "priority_queues",
    "model_warmup": "warmup",
    "model_metrics": "metrics",
    "metric_identifier": None,
    "histogram_options": None,
    "model_transaction_policy": "transaction",
    "enable": None,
    "num_versions": None,
    "versions": None,
    "gpu_execution_accelerator": "gpu",
    "cpu_execution_accelerator": "cpu",
    "platform": "format",
    "backend": "format",
}
"""A declaration's name of each field of ModelConfig that it names in another way; None: it has no such level."""
_KEYED = ("input_map", "output_map", "inputs", "priority_queue_policy", "parameters", "metric_tags")
"""Fields whose next step is a key that the user chose."""


def problems(repository: Repository, faults: Iterable[Fault]) -> list[Problem]:
    """With file, line and path, in the order of the faults; the same one once."""
    models = {model.name: model for model in repository.models}
    lines: dict[str, dict[Steps, int]] = {}
    found: dict[Problem, None] = {}
    for fault in faults:
        model = models[fault.model]
        if model.declared is None and model.name not in lines:
            lines[model.name] = config_text_of(model).lines
        found[_problem(model, fault, lines.get(model.name, {}))] = None
    return list(found)


def _problem(model: RepositoryModel, fault: Fault, lines: dict[Steps, int]) -> Problem:
    if model.declared is None:
        line = next((lines[fault.field[:n]] for n in range(len(fault.field), 0, -1) if fault.field[:n] in lines), None)
        return Problem(model.origin.file, shown_path(fault.field), fault.message, line)
    steps = _declared(fault.field)
    path = shown_path((*model.origin.steps, *steps))
    return Problem(model.origin.file, path, fault.message, model.origin.line(*steps))


def _declared(field: Steps) -> Steps:
    steps: list[str | int] = []
    chosen = False
    for step in field:
        if isinstance(step, int) or chosen:
            steps.append(step)
            chosen = False
            continue
        name = _NAMES.get(step, step)
        if name is not None:
            steps.append(name)
        chosen = step in _KEYED
    return tuple(steps)
