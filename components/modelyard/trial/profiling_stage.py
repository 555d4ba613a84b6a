"""Measures one stage: the time, processor time and gap of its executions by batch size."""

from __future__ import annotations

import itertools
import math
import time
from collections.abc import Callable, Sequence
from typing import Any

from ..repository.protobuf import ModelConfig
from ..sizing.profile import MeasuredPoint
from .bursts import Bursts
from .processor_time import threads_of, used
from .requests import SampleRequest, SampleTensor
from .statistics import StageStatistics, stage_between

MOST_REQUESTS = 256
"""That are sent at one moment; larger batches are measured as one request."""

_ROUND = 10
_FEW = 10
"""Executions that make a point."""
_MANY = 400
_NARROW = 0.02
_MOST_TURNS = 10
_CPU_SHARE = 0.25
_WARM_UP = 3
_APART = 1.2
"""Executions per burst up to which a size is taken as the one that was asked for."""
_GAP_S = 0.5


class StageMeter:
    """One model that executes. The figures are there after :meth:`measure`."""

    def __init__(
        self, bursts: Bursts, config: ModelConfig, requests: Sequence[SampleRequest], *, alone: bool = True
    ) -> None:
        """``alone``: instances are not measured side by side."""
        self.name: str = config.name
        self._bursts = bursts
        self._messages = [bursts.message(config.name, request) for request in requests]
        self._sizes = sizes_up_to(self.largest(config))
        rows = self._sizes[-1] if config.max_batch_size > 1 else 1
        whole = joined(requests, max(config.max_batch_size, 1)) if config.max_batch_size > 1 else None
        self._whole = bursts.message(config.name, whole) if whole is not None else None
        self._whole_rows = config.max_batch_size if whole is not None else rows
        self._instances = sum(max(each.count, 1) * max(len(each.gpus), 1) for each in config.instance_group) or 1
        self._side_by_side = 1 if alone or self._whole is None else min(self._instances, bursts.most)
        self._slower = 1.0
        """How much longer an execution takes with all instances at work."""
        self._turn = 0
        self._times: dict[tuple[int, int], list[float]] = {}
        """Milliseconds of executions, by rows and requests."""
        self._cpu_ms: dict[tuple[int, int], float] = {}
        self._cpu_passes: list[tuple[int, int, float]] = []
        """Of requests of one row: executions, rows, and the processor time of all in milliseconds."""
        self._gap_ms = 0.0
        self.overhead_ms: list[float] = []
        """Of requests of one row: what the client saw, less queue and execution."""

    @staticmethod
    def largest(config: ModelConfig) -> int:
        """Requests of one row that are sent at one moment, at most."""
        batches = config.WhichOneof("scheduling_choice") in (None, "dynamic_batching")
        return min(max(config.max_batch_size, 1), MOST_REQUESTS) if batches else 1

    def measure(self, seconds: float, tell: Callable[[int], None]) -> None:
        """Takes about so long; a few executions of each size are measured in any case.

        Raises:
            Refused: a request was answered by an error.
        """
        kinds = [(size, size) for size in self._sizes]
        if self._whole is not None and self._whole_rows > 1:
            kinds.append((self._whole_rows, 1))
        end = time.monotonic() + seconds * (1 - _CPU_SHARE)
        for kind in kinds:
            tell(kind[0])
            for _ in range(_WARM_UP):
                self._bursts.send(self._burst(kind))
        for turn in itertools.count():
            late = time.monotonic() >= end
            if late and turn >= _MOST_TURNS:
                break
            # On a busy machine bursts fall apart: sizes of which there are too few go on when the time is used up.
            wide = [kind for kind in kinds if (self._few(kind) if late else not self._narrow(kind))]
            if not wide:
                break
            for kind in wide:
                tell(kind[0])
                self._round(kind)
        if self._bursts.address.process_group is not None:
            for kind in kinds:
                tell(kind[0])
                self._measure_cpu(kind, seconds * _CPU_SHARE / len(kinds))
        self._measure_gap()
        if self._side_by_side > 1:
            self._measure_side_by_side()

    def points(self) -> tuple[MeasuredPoint, ...]:
        """By rising batch size."""
        enough = {kind: times for kind, times in self._times.items() if len(times) >= _FEW}
        if not enough:
            # What came together never was of one size; the size seen most often stands for the rest.
            enough = dict([max(self._times.items(), key=lambda each: len(each[1]))])
        points = tuple(self._point(kind, enough[kind]) for kind in sorted(enough))
        if self._side_by_side == 1:
            return points
        return (*points, *(slower(point, self._side_by_side, self._slower) for point in points))

    def cpu_ms(self) -> float | None:
        """Of one request of one row, with its execution."""
        return self._cpu_ms.get((1, 1))

    def _point(self, kind: tuple[int, int], times: list[float]) -> MeasuredPoint:
        import numpy as np

        rows, requests = kind
        p50, p90, p99 = (float(each) for each in np.quantile(times, (0.5, 0.9, 0.99)))
        return MeasuredPoint(
            batch_size=rows,
            requests=requests,
            executions=len(times),
            mean_ms=mean_cut(times),
            p50_ms=p50,
            p90_ms=p90,
            p99_ms=p99,
            cpu_ms=self._cpu_ms_of(kind),
            gap_ms=self._gap_ms,
        )

    def _cpu_ms_of(self, kind: tuple[int, int]) -> float | None:
        """Measured; for a size that did not come together alone, by the straight line through those that did what
        they could."""
        import numpy as np

        if kind in self._cpu_ms or kind[0] != kind[1] or len(self._cpu_passes) < 2:
            return self._cpu_ms.get(kind)
        executions, rows, cpu_ms = np.array(self._cpu_passes).T
        line = np.linalg.lstsq(np.stack([np.ones_like(rows), rows / executions], axis=1), cpu_ms / executions)[0]
        return max(float(line[0] + line[1] * kind[0]), 0.0)

    def _burst(self, kind: tuple[int, int]) -> list[bytes]:
        rows, requests = kind
        if requests == 1 and rows > 1:
            assert self._whole is not None
            return [self._whole]
        self._turn += requests
        return [self._messages[(self._turn + at) % len(self._messages)] for at in range(requests)]

    def _round(self, kind: tuple[int, int]) -> None:
        before = self._bursts.statistics(self.name)
        for _ in range(_ROUND):
            counted, milliseconds, before = self._executed(kind, before)
            for batch in counted.batches:
                if batch.executions != 1:
                    continue  # of equal size: the API has only their sum
                requests = 1 if kind[1] == 1 else batch.batch_size
                self._times.setdefault((batch.batch_size, requests), []).append(batch.execution_ms)
                if kind == (1, 1):
                    self.overhead_ms.append(max(milliseconds - counted.queue_ms - batch.execution_ms, 0.0))

    def _executed(self, kind: tuple[int, int], before: Any) -> tuple[StageStatistics, float, Any]:
        milliseconds = self._bursts.send(self._burst(kind))
        after = self._bursts.statistics(self.name)
        return stage_between(self.name, before, after), milliseconds, after

    def _few(self, kind: tuple[int, int]) -> bool:
        return len(self._times.get(kind, ())) < _FEW

    def _narrow(self, kind: tuple[int, int]) -> bool:
        times = self._times.get(kind, [])
        if len(times) >= _MANY:
            return True
        if len(times) < 10 * _FEW:
            return False
        mean = mean_cut(times)
        spread = math.sqrt(sum((each - mean) ** 2 for each in times) / (len(times) - 1))
        return 1.96 * spread / math.sqrt(len(times)) < _NARROW * mean

    def _measure_cpu(self, kind: tuple[int, int], seconds: float) -> None:
        group = self._bursts.address.process_group
        assert group is not None
        counted = self._bursts.statistics(self.name)
        before = threads_of(group)
        end = time.monotonic() + seconds
        sent = 0
        while sent < _FEW or time.monotonic() < end:
            self._bursts.send(self._burst(kind))
            sent += 1
        cpu_s, _ = used(before, threads_of(group))
        executions = stage_between(self.name, counted, self._bursts.statistics(self.name)).executions
        if executions <= _APART * sent:
            self._cpu_ms[kind] = 1000 * cpu_s / sent
        if kind[1] == kind[0]:
            self._cpu_passes.append((executions, sent * kind[1], 1000 * cpu_s))

    def _measure_side_by_side(self) -> None:
        assert self._whole is not None
        before = self._bursts.statistics(self.name)
        seen: list[float] = []
        for _ in range(3 * _FEW):
            self._bursts.send([self._whole] * self._side_by_side)
            after = self._bursts.statistics(self.name)
            stage = stage_between(self.name, before, after)
            seen.append(1000 * stage.busy_s / stage.executions)
            before = after
        alone = self._times.get((self._whole_rows, 1))
        if alone:
            self._slower = max(sorted(seen)[len(seen) // 2] / sorted(alone)[len(alone) // 2], 1.0)

    def _measure_gap(self) -> None:
        """More callers than instances, each of whose requests is a batch by itself: one always waits."""
        if self._whole is None and self._sizes != (1,):
            return
        message = self._whole or self._messages[0]
        counted, start = self._bursts.statistics(self.name), time.perf_counter()
        self._bursts.keep_sending(message, min(self._instances + 2, self._bursts.most), _GAP_S)
        seconds = time.perf_counter() - start
        stage = stage_between(self.name, counted, self._bursts.statistics(self.name))
        if stage.executions >= _FEW:
            self._gap_ms = max(1000 * (self._instances * seconds - stage.busy_s) / stage.executions, 0.0)


def slower(point: MeasuredPoint, instances: int, times: float) -> MeasuredPoint:
    """The point with so many instances at work, each so many times as slow."""
    changed = {name: getattr(point, name) * times for name in ("mean_ms", "p50_ms", "p90_ms", "p99_ms")}
    return point.model_copy(update={**changed, "instances": instances})


def joined(requests: Sequence[SampleRequest], rows: int) -> SampleRequest | None:
    """One request of so many rows, out of requests of one; None where their shapes differ."""
    chosen = [requests[at % len(requests)] for at in range(rows)]
    tensors: list[SampleTensor] = []
    for at, first in enumerate(chosen[0].tensors):
        parts = [request.tensors[at] for request in chosen if len(request.tensors) > at]
        if len(parts) != rows or any((part.name, part.shape) != (first.name, first.shape) for part in parts):
            return None
        content = b"".join(part.content for part in parts)
        tensors.append(SampleTensor(first.name, first.dtype, (rows, *first.shape[1:]), content))
    return SampleRequest(rows, tuple(tensors), chosen[0].sequence)


def sizes_up_to(largest: int) -> tuple[int, ...]:
    """1, 2, 4, ... and the largest."""
    sizes = [1]
    while sizes[-1] * 2 < largest:
        sizes.append(sizes[-1] * 2)
    return (*sizes, largest) if largest > 1 else (1,)


def mean_cut(times: Sequence[float]) -> float:
    """With the slowest hundredth cut down to the 99th percentile."""
    ordered = sorted(times)
    highest = ordered[max(math.ceil(0.99 * len(ordered)) - 1, 0)]
    return sum(min(each, highest) for each in ordered) / len(ordered)
