"""The models of a repository that execute, in the words of sizing. Pure."""

from __future__ import annotations

from ..sizing.declared_stage import DeclaredStage
from ..sizing.pipeline import Pipeline, chain, ensemble
from ..sizing.settings import Settings, StageSettings
from .declared.model import ModelDeclaration
from .protobuf import ModelConfig
from .repository import Repository, RepositoryModel


def pipeline(repository: Repository) -> Pipeline:
    """The way of a request. Where an ensemble holds another, or code calls models, one stage after another."""
    served = repository.served.config
    known = {model.name: model for model in repository.models}
    steps = served.ensemble_scheduling.step
    plain = all(
        step.model_name in known
        and not known[step.model_name].config.HasField("ensemble_scheduling")
        and not known[step.model_name].calls
        for step in steps
    )
    if not steps or not plain:
        return chain(repository.stages())
    return ensemble((step.model_name, step.input_map.values(), step.output_map.values()) for step in steps)


def settings(repository: Repository) -> Settings:
    """As every model that executes is configured."""
    return Settings(tuple(_configured(repository.model(name)) for name in repository.stages()))


def declared_stages(repository: Repository) -> tuple[DeclaredStage, ...]:
    """What sizing may still decide of a repository that was built without its word.

    A hand-written configuration leaves nothing open: it is served as it stands.
    """
    return tuple(_declared(repository.model(name)) for name in repository.stages())


def instances(config: ModelConfig) -> int | None:
    """Executions side by side, on all GPUs that the groups name; None: Triton decides."""
    counts = [max(group.count, 1) * max(len(group.gpus), 1) for group in config.instance_group]
    return sum(counts) if counts else None


def _configured(model: RepositoryModel) -> StageSettings:
    config = model.config
    return StageSettings(
        model=model.name,
        max_batch_size=config.max_batch_size,
        max_queue_delay_us=config.dynamic_batching.max_queue_delay_microseconds,
        preferred_batch_sizes=tuple(config.dynamic_batching.preferred_batch_size),
        instances=instances(config) or 1,
        dynamic_batching=config.HasField("dynamic_batching"),
    )


def _declared(model: RepositoryModel) -> DeclaredStage:
    declared = model.declared
    if declared is None:
        fixed = _configured(model)
        return DeclaredStage(
            model.name,
            fixed.max_batch_size,
            fixed.max_queue_delay_us,
            fixed.preferred_batch_sizes,
            fixed.instances,
            fixed.dynamic_batching,
        )
    batching = declared.batching
    when = batching if batching and batching.says_when else None
    enabled = batching.enabled if batching else declared.scheduled_by_triton
    return DeclaredStage(
        model.name,
        model.config.max_batch_size,
        (when.max_queue_delay_us or 0) if when else None,
        tuple(when.preferred_batch_sizes) if when else None,
        _declared_instances(declared),
        enabled and declared.sequence_batching is None,
    )


def _declared_instances(declared: ModelDeclaration) -> int | None:
    counts = [group.count for group in declared.instances]
    if not counts or None in counts:
        return None
    return sum(count or 0 for count in counts)
