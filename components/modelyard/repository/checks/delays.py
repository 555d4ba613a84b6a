"""Queue delays, against what callers are promised."""

from __future__ import annotations

from collections.abc import Iterator

from ..repository import Repository, RepositoryModel
from .batching import batchers
from .ensemble.flow import tensors
from .fault import Fault


def faults(repository: Repository, p99_ms: float | None) -> Iterator[Fault]:
    """The delay is waited once for each model that a request passes; steps that do not wait for each other wait side
    by side. A request that meets no other waits all of it."""
    models = {model.name: model for model in repository.models}
    if p99_ms is None or repository.name not in models:
        return
    longest = _longest(models[repository.name], models, frozenset())
    total_us = sum(delay_us for _, delay_us in longest)
    if not longest or total_us < p99_ms * 1000:
        return
    stages = ", ".join(f"{name} {delay_us / 1000:g} ms" for name, delay_us in longest)
    more = "more than" if total_us > p99_ms * 1000 else "all of"
    message = (
        f"the queue delays of model {repository.name!r} take {total_us / 1000:g} ms, {more} the objective's p99 of "
        f"{p99_ms:g} ms: {stages}; lower the longest, or leave them to sizing"
    )
    first = max(longest, key=lambda stage: stage[1])[0]
    yield Fault(first, (*_delay(models[first])[1], "max_queue_delay_microseconds"), message)


def _longest(
    model: RepositoryModel, models: dict[str, RepositoryModel], around: frozenset[str]
) -> list[tuple[str, int]]:
    """Models with a delay, along the way through the steps that waits longest."""
    if model.name in around:
        return []
    within = around | {model.name}
    if model.config.HasField("ensemble_scheduling"):
        return _through_steps(model, models, within)
    delay_us, _ = _delay(model)
    own = [(model.name, delay_us)] if delay_us else []
    called = [_longest(models[name], models, within) for name in model.calls if name in models]
    return own + max(called, key=_total, default=[])


def _through_steps(
    ensemble: RepositoryModel, models: dict[str, RepositoryModel], within: frozenset[str]
) -> list[tuple[str, int]]:
    steps = ensemble.config.ensemble_scheduling.step
    before: dict[int, set[int]] = {index: set() for index in range(len(steps))}
    for tensor in tensors(ensemble.config).values():
        for reader, _ in tensor.readers:
            before[reader].update(writer for writer, _ in tensor.writers)
    ways: dict[int, list[tuple[str, int]]] = {}
    while True:
        # Steps in a circle are never ready; the flow's own check names them.
        ready = [index for index in before if index not in ways and before[index] <= ways.keys()]
        if not ready:
            return max(ways.values(), key=_total, default=[])
        for index in ready:
            model = models.get(steps[index].model_name)
            arrived = max((ways[earlier] for earlier in before[index]), key=_total, default=[])
            ways[index] = arrived + (_longest(model, models, within) if model else [])


def _total(way: list[tuple[str, int]]) -> int:
    return sum(delay_us for _, delay_us in way)


def _delay(model: RepositoryModel) -> tuple[int, tuple[str, ...]]:
    """What a request waits that meets no other, in microseconds, and the field that says so."""
    config = model.config
    if config.HasField("sequence_batching") and config.sequence_batching.HasField("direct"):
        direct = config.sequence_batching.direct
        waits = direct.minimum_slot_utilization * config.max_batch_size > 1
        return direct.max_queue_delay_microseconds if waits else 0, ("sequence_batching", "direct")
    for where, batcher in batchers(config):
        # A batch of a preferred size leaves at once.
        waits = config.max_batch_size > 1 and 1 not in batcher.preferred_batch_size
        return batcher.max_queue_delay_microseconds if waits else 0, where
    return 0, ()
