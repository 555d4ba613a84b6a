"""Ensembles: each question that one can get wrong, apart."""

from __future__ import annotations

from collections.abc import Iterator

from ...repository import Repository, RepositoryModel
from ..fault import Fault
from . import agreement, decoupled, flow, settings, steps


def faults(repository: Repository, model: RepositoryModel) -> Iterator[Fault]:
    """triton-inference-server/server docs/user_guide/ensemble_models.md; nothing for a model that is no ensemble."""
    yield from settings.faults(model)
    if model.config.HasField("ensemble_scheduling"):
        yield from steps.faults(repository, model)
        yield from flow.faults(model)
        yield from agreement.faults(repository, model)
        yield from decoupled.faults(repository, model)
