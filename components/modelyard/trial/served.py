"""What a repository's configurations say of its stages, in the words that predictions and results use. Pure."""

from __future__ import annotations

from ..catalog import triton_backends
from ..repository.protobuf import ModelConfig
from ..repository.repository import Repository, RepositoryModel
from ..sizing.pipeline import Pipeline, chain, ensemble
from ..sizing.settings import Settings, StageSettings
from .result import ServedModel


def settings(repository: Repository) -> Settings:
    """As every model that executes is configured."""
    stages = (repository.model(name) for name in repository.stages())
    return Settings(tuple(_stage(model.name, model.config) for model in stages))


def pipeline(repository: Repository) -> Pipeline:
    """The way of a request. Where an ensemble holds another, or code calls models, one stage after another."""
    served = repository.served.config
    known = {model.name: model for model in repository.models}
    steps = served.ensemble_scheduling.step
    plain = all(
        not known[step.model_name].config.HasField("ensemble_scheduling") and not known[step.model_name].calls
        for step in steps
    )
    if not steps or not plain:
        return chain(repository.stages())
    return ensemble((step.model_name, step.input_map.values(), step.output_map.values()) for step in steps)


def models(repository: Repository) -> tuple[ServedModel, ...]:
    """All of them, in the repository's order."""
    return tuple(_described(model) for model in repository.models)


def instances(repository: Repository) -> dict[str, int]:
    """By model that executes."""
    return {stage.model: stage.instances for stage in settings(repository).stages}


def _stage(name: str, config: ModelConfig) -> StageSettings:
    batching = config.dynamic_batching
    return StageSettings(
        model=name,
        max_batch_size=config.max_batch_size,
        max_queue_delay_us=batching.max_queue_delay_microseconds,
        preferred_batch_sizes=tuple(batching.preferred_batch_size),
        instances=_instances(config) or 1,
        dynamic_batching=config.HasField("dynamic_batching"),
    )


def _instances(config: ModelConfig) -> int | None:
    counts = [max(group.count, 1) * max(len(group.gpus), 1) for group in config.instance_group]
    return sum(counts) if counts else None


def _described(model: RepositoryModel) -> ServedModel:
    config = model.config
    executes = not config.HasField("ensemble_scheduling")
    known = triton_backends.of_config(config.backend, config.platform)
    batching = config.dynamic_batching if config.HasField("dynamic_batching") else None
    return ServedModel(
        name=model.name,
        format=model.format,
        backend=config.backend or (known.backend if known else config.platform),
        max_batch_size=config.max_batch_size,
        instances=_instances(config) if executes else None,
        queue_delay_us=batching.max_queue_delay_microseconds if batching else None,
        preferred_batch_sizes=tuple(batching.preferred_batch_size) if batching else (),
    )
