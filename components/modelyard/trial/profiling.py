"""Measures a profile: for each model that executes, how long an execution of each batch size takes.

- Each stage is called directly, with the tensors that it gets in its ensemble, never while another executes.
- A batch is made as callers make it: requests of one row, sent at one moment. The server is started for this with
  :func:`profiling_config`, whose queue delay lets them come together; on any other server what came together counts
  as the size that it was. One further point per stage is of its largest batch sent as one request.
- The time of each execution is read from the statistics API after it. Rounds over all sizes take turns, so that a
  neighbour's noise meets all of them, until the mean is known to 2 % or the time is used up.
- On an accelerator with several instances, their largest batches are executed side by side as well; smaller batches
  are taken to be slowed down as much. On processors the prediction itself shares them out.
- A mean is taken after the slowest hundredth was cut down to the 99th percentile: one hiccup of the machine would
  otherwise count for many executions. The percentiles are as measured.
- Processor time is read around bursts between which nothing else is asked.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from statistics import median

from ..environment.names import CPU
from ..repository.protobuf import ModelConfig
from ..sizing.profile import MeasuredPoint, MeasuredProfile, MeasuredStage, RequestOverhead
from .address import ServerAddress
from .bursts import Bursts, Refused
from .golden import Golden
from .processor import cores, processor
from .profiling_inputs import NoInputs, stage_requests, stages_of
from .profiling_overhead import measure_overhead
from .profiling_stage import MOST_REQUESTS, StageMeter
from .statistics import NoStatistics, server_version

MOST_UNREST = 5.0
"""Of a profile whose figures are the model's rather than its neighbours'."""

_DELAY_US = 5000
_DELAY_PER_ROW_US = 200
_OVERHEAD_SHARE = 0.15
_LEAST_S = 0.3


@dataclass(frozen=True, slots=True)
class ProfilingProgress:
    model: str
    batch_size: int
    """Rows that are being measured."""
    seconds: float
    """Since it began."""
    of_seconds: float
    """At most."""


class CannotProfile(Exception):
    """A stage did not answer, or not with what was asked; the message names it."""


def profiling_config(config: ModelConfig) -> ModelConfig:
    """The configuration under which a model is profiled: its own, without cache, priorities and preferred sizes, and
    with a queue delay that is long enough for requests sent at one moment to come together."""
    changed = type(config)()
    changed.CopyFrom(config)
    changed.ClearField("response_cache")
    if config.max_batch_size > 1 and config.WhichOneof("scheduling_choice") in (None, "dynamic_batching"):
        changed.dynamic_batching.Clear()
        changed.dynamic_batching.max_queue_delay_microseconds = _DELAY_US + _DELAY_PER_ROW_US * min(
            config.max_batch_size, MOST_REQUESTS
        )
    return changed


def measure_profile(
    address: ServerAddress,
    configs: Sequence[ModelConfig],
    *,
    source: str,
    accelerators: Mapping[str, str] | None = None,
    substitutes: Mapping[str, str] | None = None,
    golden: Golden | None = None,
    folder: Path | None = None,
    budget_s: float = 60.0,
    seed: int = 0,
    progress: Callable[[ProfilingProgress], None] | None = None,
) -> MeasuredProfile:
    """The profile of the model that is last in ``configs``.

    Args:
        address: of a server that nobody else uses now.
        configs: of the repository's models, the named one last.
        source: who measured it and with what; the date is added.
        accelerators: by model; default: cpu.
        substitutes: by model, what executed in place of its backend, with its version.
        golden: inputs of the named model, which run through its steps once so that each stage is measured with the
            tensors that it really gets.
        folder: of the repository, for the files of declared warm-ups.
        budget_s: for all stages together; each point gets a share, and a few executions at least.
        seed: of made-up inputs.

    Raises:
        CannotProfile: the sentence names the model.
    """
    by_name = {config.name: config for config in configs}
    named = configs[-1]
    stages = stages_of(configs)
    start = time.monotonic()

    def tell(model: str, batch_size: int) -> None:
        if progress is not None:
            progress(ProfilingProgress(model, batch_size, min(time.monotonic() - start, budget_s), budget_s))

    meters: list[StageMeter] = []
    try:
        requests = stage_requests(address, configs, golden=golden, folder=folder, seed=seed)
        most = max(StageMeter.largest(by_name[name]) for name in stages)
        with Bursts(address, max(most, 2)) as bursts:
            for name in stages:
                on_processors = (accelerators or {}).get(name, CPU) == CPU
                meters.append(StageMeter(bursts, by_name[name], requests[name], alone=on_processors))
            share = budget_s * (1 - _OVERHEAD_SHARE) / max(len(stages), 1)
            for meter in meters:
                meter.measure(max(share, _LEAST_S), lambda size, name=meter.name: tell(name, size))
            tell(named.name, 1)
            overhead = measure_overhead(
                bursts, named, requests[named.name], meters, max(budget_s * _OVERHEAD_SHARE, _LEAST_S)
            )
        version = server_version(address)
    except Refused as error:
        at = f"model {meters[-1].name!r}" if meters else f"model {named.name!r}"
        raise CannotProfile(f"{at} cannot be profiled: {error}") from None
    except (NoInputs, NoStatistics) as error:
        raise CannotProfile(str(error)) from None
    return _profile(version, source, meters, overhead, address, accelerators or {}, substitutes or {})


def unrest(profile: MeasuredProfile) -> float:
    """How far the 99th percentile lies above the median, in the stage where it does so most: by the median over its
    points. What disturbs all points of a stage is not the model."""
    return max(median(point.p99_ms / point.p50_ms for point in stage.points) for stage in profile.stages)


def _profile(
    version: str,
    source: str,
    meters: Sequence[StageMeter],
    overhead: RequestOverhead,
    address: ServerAddress,
    accelerators: Mapping[str, str],
    substitutes: Mapping[str, str],
) -> MeasuredProfile:
    local = address.process_group is not None
    return MeasuredProfile(
        source=f"{source}, {time.strftime('%Y-%m-%d')}",
        server=version,
        processor=processor() if local else "of a server elsewhere",
        cores=cores() if local else None,
        stages=tuple(
            MeasuredStage(
                model=meter.name,
                substitute=substitutes.get(meter.name),
                accelerator=accelerators.get(meter.name, CPU),
                points=tuple(_rounded(point) for point in meter.points()),
            )
            for meter in meters
        ),
        request_overhead=overhead,
    )


def _rounded(point: MeasuredPoint) -> MeasuredPoint:
    """To a tenth of a microsecond: what more there would be is noise."""
    written = {name: round(value, 4) if isinstance(value, float) else value for name, value in point}
    return MeasuredPoint.model_validate(written)
