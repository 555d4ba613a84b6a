"""Everything that can be said of a repository before a server starts."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from ...environment.problem import Problem
from ..repository import Repository, RepositoryModel
from . import (
    artefacts,
    backend,
    batch_tensors,
    batching,
    delays,
    ensemble,
    fil,
    instances,
    metrics,
    model_code,
    nesting,
    optimization,
    queue_policy,
    rate_limiter,
    response_cache,
    sequence_batching,
    server_arguments,
    tensors,
    unused_models,
    version_policy,
    warmup,
)
from .fault import Fault
from .place import problems


def check(
    repository: Repository,
    *,
    release: str,
    p99_ms: float | None = None,
    gpus: int | None = None,
    arguments: Sequence[str] | None = None,
) -> list[Problem]:
    """All problems at once: what the server would refuse, hang on, ignore, or only fail at with the first request.

    No code of a model runs. Empty: nothing is wrong that can be seen.

    Args:
        release: of Triton, such as ``26.07``.
        p99_ms: the objective; None: queue delays are not compared with one.
        gpus: how many one server gets; None: not known, so that instances on GPUs are not judged.
        arguments: of tritonserver; None: not known, so that what needs an argument is not judged.
    """
    found: list[Fault] = []
    for model in repository.models:
        found.extend(_model(repository, model, release, gpus))
    found.extend(nesting.faults(repository))
    found.extend(unused_models.faults(repository))
    found.extend(rate_limiter.faults(repository))
    found.extend(server_arguments.faults(repository, arguments))
    found.extend(delays.faults(repository, p99_ms))
    return problems(repository, found)


def _model(repository: Repository, model: RepositoryModel, release: str, gpus: int | None) -> Iterator[Fault]:
    yield from artefacts.faults(model)
    yield from backend.faults(model, release)
    yield from tensors.faults(model)
    yield from batch_tensors.faults(model)
    yield from batching.faults(model)
    yield from queue_policy.faults(model)
    yield from sequence_batching.faults(model)
    yield from instances.faults(model, gpus)
    yield from optimization.faults(model, release)
    yield from version_policy.faults(model)
    yield from warmup.faults(model)
    yield from metrics.faults(model)
    yield from response_cache.faults(repository, model)
    yield from fil.faults(model, release)
    yield from model_code.faults(model)
    yield from ensemble.faults(repository, model)
