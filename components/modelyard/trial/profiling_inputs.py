"""Requests of one row for every model of a repository, each with the tensors that it gets in the ensemble."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from ..repository.protobuf import ModelConfig
from .address import ServerAddress
from .answers import NoAnswer, ask
from .golden import Golden
from .requests import NoSample, SampleRequest, SampleTensor, samples
from .tensor import content_of, dtype_name

_REQUESTS = 16


class NoInputs(Exception):
    """A model cannot be called; the message names it and says why."""


def stages_of(configs: Sequence[ModelConfig]) -> tuple[str, ...]:
    """Models that execute, in the order in which a request of the last of ``configs`` meets them; those that only
    other models' code calls come last."""
    by_name = {config.name: config for config in configs}
    met = [name for name in _met(by_name, configs[-1].name) if name in by_name]
    rest = [config.name for config in configs if not config.HasField("ensemble_scheduling")]
    return tuple(dict.fromkeys((*met, *rest)))


def stage_requests(
    address: ServerAddress,
    configs: Sequence[ModelConfig],
    *,
    golden: Golden | None = None,
    folder: Path | None = None,
    seed: int = 0,
) -> dict[str, tuple[SampleRequest, ...]]:
    """For every model. What an ensemble's steps get is found by calling them one after another.

    Raises:
        NoInputs: a model has no valid request, or answers with an error.
    """
    by_name = {config.name: config for config in configs}
    found: dict[str, tuple[SampleRequest, ...]] = {}
    for config in reversed(configs):
        name = config.name
        if config.model_transaction_policy.decoupled:
            raise NoInputs(f"model {name!r} cannot be profiled: it is decoupled, and answers any number of times")
        if name not in found:
            try:
                known = golden if config is configs[-1] else None
                at = folder / name if folder else None
                found[name] = samples(config, count=_REQUESTS, seed=seed, golden=known, folder=at)
            except NoSample as error:
                raise NoInputs(f"model {name!r} cannot be profiled: {error}") from None
        if config.HasField("ensemble_scheduling"):
            for request in found[name]:
                for step, asked in _steps(address, config, by_name, request):
                    found[step] = (*found.get(step, ()), asked)
    return found


def _met(by_name: Mapping[str, ModelConfig], name: str) -> Iterator[str]:
    config = by_name.get(name)
    if config is None or not config.HasField("ensemble_scheduling"):
        yield name
        return
    for step in config.ensemble_scheduling.step:
        yield from _met(by_name, step.model_name)


def _steps(
    address: ServerAddress, config: ModelConfig, by_name: Mapping[str, ModelConfig], request: SampleRequest
) -> Iterator[tuple[str, SampleRequest]]:
    """Each step's model and what it is asked, calling them in an order in which their tensors are known."""
    known: dict[str, Any] = {tensor.name: tensor.array() for tensor in request.tensors}
    waiting = list(config.ensemble_scheduling.step)
    while waiting:
        ready = next((step for step in waiting if all(each in known for each in step.input_map.values())), None)
        if ready is None:
            # Steps that wait for an input that the request leaves out; the ensemble would not run them either.
            return
        waiting.remove(ready)
        model = by_name.get(ready.model_name)
        if model is None:
            raise NoInputs(f"model {config.name!r} cannot be profiled: its step {ready.model_name!r} is missing")
        asked = _request(model, {tensor: known[source] for tensor, source in ready.input_map.items()}, request)
        yield model.name, asked
        try:
            answer = ask(address, model, asked, timeout_s=60)
        except NoAnswer as error:
            raise NoInputs(f"model {model.name!r} cannot be profiled: {error}") from None
        known |= {source: answer[tensor] for tensor, source in ready.output_map.items() if tensor in answer}


def _request(model: ModelConfig, arrays: Mapping[str, Any], request: SampleRequest) -> SampleRequest:
    dtypes = {declared.name: dtype_name(declared.data_type) for declared in model.input}
    return SampleRequest(
        rows=request.rows,
        tensors=tuple(
            SampleTensor(name, dtypes[name], array.shape, content_of(dtypes[name], array.shape, array))
            for name, array in arrays.items()
            if name in dtypes
        ),
        sequence=request.sequence,
    )
