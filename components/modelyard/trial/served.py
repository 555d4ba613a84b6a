"""What a repository's configurations say, in the words of a trial's result. Pure."""

from __future__ import annotations

from ..catalog import triton_backends
from ..repository import stages
from ..repository.repository import Repository, RepositoryModel
from .result import ServedModel


def models(repository: Repository) -> tuple[ServedModel, ...]:
    """All of them, in the repository's order."""
    return tuple(_described(model) for model in repository.models)


def instances(repository: Repository) -> dict[str, int]:
    """By model that executes."""
    return {stage.model: stage.instances for stage in stages.settings(repository).stages}


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
        instances=stages.instances(config) if executes else None,
        queue_delay_us=batching.max_queue_delay_microseconds if batching else None,
        preferred_batch_sizes=tuple(batching.preferred_batch_size) if batching else (),
    )
