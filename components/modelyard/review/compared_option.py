"""What was compared of exactly that which a model is: a plan shows one figure of it, wherever it is shown."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

from ..environment.sagemaker import Serverless

if TYPE_CHECKING:
    from ..resolve.resolved import ChosenTarget, ResolvedEndpoint, ResolvedModel
    from ..sizing.choosing.option import Kind, Option

_SYSTEM = "system"
"""As options name the nodes of models without GPUs."""


def option_of_endpoint(choices: Iterable[ChosenTarget], endpoint: ResolvedEndpoint) -> Option | None:
    """Of a model at a managed service in one region; None: it has no traffic, or is nothing that was compared."""
    own = endpoint.declared.sagemaker if endpoint.target == "sagemaker" else None
    if own is None or own.kind == "real_time":
        if endpoint.instance_type is None:
            return None
        return _on_machines(choices, endpoint, endpoint.region, endpoint.instance_type)
    if own.kind != "serverless":
        return None
    serverless = own.serverless or Serverless()
    kept = serverless.provisioned_concurrency or 0
    kind: Kind = "serverless_with_warm_floor" if kept else "serverless"
    for option in _options(choices, endpoint):
        key = kind, endpoint.target, endpoint.region, f"{serverless.memory_mib} MiB"
        if option.key == key and (option.least, option.most) == (kept, serverless.max_concurrency):
            return option
    return None


def option_of_model(choices: Iterable[ChosenTarget], model: ResolvedModel) -> Option | None:
    """Of a model on one cluster; None as before."""
    return _on_machines(choices, model, model.cluster, _SYSTEM if model.pool is None else model.pool.declared.name)


def profile_source(choices: Iterable[ChosenTarget], found: ResolvedModel | ResolvedEndpoint) -> str:
    """Of the profile that a model's options rest on; empty where none were compared."""
    chosen = _of(choices, found)
    return "" if chosen is None else chosen.choice.source


def _on_machines(
    choices: Iterable[ChosenTarget], found: ResolvedModel | ResolvedEndpoint, where: str, machine: str
) -> Option | None:
    """That of the same floor, with no more replicas than there may be; one without a schedule, which raises a floor."""
    declared = found.declared
    scaling = declared.scaling
    if scaling.schedules:
        return None
    for option in _options(choices, found):
        place = option.place
        if (place.target, place.where, place.machine) != (declared.target, where, machine) or option.latency is None:
            continue
        if option.least == scaling.min_replicas and option.most <= scaling.max_replicas:
            return option
    return None


def _options(choices: Iterable[ChosenTarget], found: ResolvedModel | ResolvedEndpoint) -> tuple[Option, ...]:
    chosen = _of(choices, found)
    return () if chosen is None else chosen.choice.options


def _of(choices: Iterable[ChosenTarget], found: ResolvedModel | ResolvedEndpoint) -> ChosenTarget | None:
    named = found.department.department, found.declared.name
    return next((each for each in choices if (each.department, each.model) == named), None)
