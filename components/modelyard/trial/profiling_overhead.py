"""Measures what a request costs apart from the executions of its stages."""

from __future__ import annotations

import time
from collections.abc import Mapping, Sequence

from ..repository.protobuf import ModelConfig
from ..sizing.pipeline import Pipeline, ensemble
from ..sizing.profile import RequestOverhead
from .bursts import Bursts, Refused
from .processor_time import threads_of, used
from .profiling_stage import StageMeter, mean_cut
from .requests import SampleRequest, SampleTensor
from .statistics import stage_between

_LEAST = 20
_MOST = 400


def measure_overhead(
    bursts: Bursts, config: ModelConfig, requests: Sequence[SampleRequest], meters: Sequence[StageMeter], seconds: float
) -> RequestOverhead:
    """Of one request of one row at a time.

    Args:
        config: of the model that callers name.
        meters: of the stages, already measured.
        seconds: about so long, when it is an ensemble; for a single model it was seen with its executions.

    Raises:
        Refused: a request was answered by an error.
    """
    if not config.HasField("ensemble_scheduling"):
        meter = next(each for each in meters if each.name == config.name)
        cpu_ms = _refusal_cpu_ms(bursts, config, requests[0])
        return _overhead(meter.overhead_ms, cpu_ms or 0.0, 0.0)
    pipeline = ensemble(
        (step.model_name, step.input_map.values(), step.output_map.values()) for step in config.ensemble_scheduling.step
    )
    messages = [bursts.message(config.name, request) for request in requests]
    seen = _seen(bursts, pipeline, messages, seconds / 2)
    whole_cpu_ms = _cpu_ms(bursts, messages, seconds / 2)
    by_name = {meter.name: meter for meter in meters}
    steps = [by_name[step.model] for step in pipeline.steps if step.model in by_name]
    between = max(len(pipeline.steps) - 1, 1)
    directly = [mean_cut(meter.overhead_ms) for meter in steps if meter.overhead_ms]
    stage_ms = max(mean_cut(seen) - sum(directly) / len(directly), 0.0) / between if directly and len(steps) > 1 else 0
    return _overhead(seen, _shared_cpu_ms(steps, whole_cpu_ms), min(stage_ms, mean_cut(seen) / len(pipeline.steps)))


def _overhead(milliseconds: Sequence[float], cpu_ms: float, stage_ms: float) -> RequestOverhead:
    import numpy as np

    if not milliseconds:
        return RequestOverhead(cpu_ms=round(cpu_ms, 4))
    mean_ms = round(mean_cut(milliseconds), 4)
    return RequestOverhead(
        mean_ms=mean_ms,
        p99_ms=round(float(np.quantile(milliseconds, 0.99)), 4),
        cpu_ms=round(cpu_ms, 4),
        stage_ms=round(stage_ms, 4),
    )


def _seen(bursts: Bursts, pipeline: Pipeline, messages: Sequence[bytes], seconds: float) -> list[float]:
    """Milliseconds of each request, less the longest way through its steps' queues and executions."""
    found: list[float] = []
    end = time.monotonic() + seconds
    before = {model: bursts.statistics(model) for model in pipeline.models}
    while len(found) < _LEAST or (time.monotonic() < end and len(found) < _MOST):
        milliseconds = bursts.send([messages[len(found) % len(messages)]])
        after = {model: bursts.statistics(model) for model in pipeline.models}
        taken: dict[str, float] = {}
        for model in pipeline.models:
            stage = stage_between(model, before[model], after[model])
            taken[model] = stage.queue_ms + (1000 * stage.busy_s / stage.executions if stage.executions else 0.0)
        found.append(max(milliseconds - _longest(pipeline, taken), 0.0))
        before = after
    return found


def _longest(pipeline: Pipeline, taken: Mapping[str, float]) -> float:
    ends: list[float] = []
    for step in pipeline.steps:
        ends.append(max((ends[at] for at in step.after), default=0.0) + taken[step.model])
    return max(ends)


def _cpu_ms(bursts: Bursts, messages: Sequence[bytes], seconds: float) -> float | None:
    """The server's processor time for a request; None where it is elsewhere."""
    group = bursts.address.process_group
    if group is None:
        return None
    before, sent, end = threads_of(group), 0, time.monotonic() + seconds
    while sent < _LEAST or (time.monotonic() < end and sent < _MOST):
        bursts.send([messages[sent % len(messages)]])
        sent += 1
    return 1000 * used(before, threads_of(group))[0] / sent


def _shared_cpu_ms(steps: Sequence[StageMeter], whole_cpu_ms: float | None) -> float:
    """Of receiving and answering: called one by one, the stages take it once each, through the ensemble once."""
    each = [meter.cpu_ms() for meter in steps]
    known = [cpu for cpu in each if cpu is not None]
    if whole_cpu_ms is None or len(known) < len(steps) or len(steps) < 2:
        return 0.0
    shared = (sum(known) - whole_cpu_ms) / (len(steps) - 1)
    return min(max(shared, 0.0), *known)


def _refusal_cpu_ms(bursts: Bursts, config: ModelConfig, request: SampleRequest) -> float | None:
    """Of receiving a request that the server refuses when it has read it, and of saying so: nothing is executed."""
    first = request.tensors[0]
    wrong = "INT8" if first.dtype != "INT8" else "UINT8"
    shape = (*first.shape[:-1], len(first.content)) if first.shape else (len(first.content),)
    refused = SampleRequest(request.rows, (SampleTensor(first.name, wrong, shape, first.content), *request.tensors[1:]))
    message = bursts.message(config.name, refused)
    group = bursts.address.process_group
    if group is None:
        return None
    before = threads_of(group)
    for _ in range(_MOST // 2):
        try:
            bursts.send([message])
        except Refused:
            continue
        return None  # it was answered, so it says nothing
    return 1000 * used(before, threads_of(group))[0] / (_MOST // 2)
