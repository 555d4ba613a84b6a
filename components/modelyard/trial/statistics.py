"""What the server counted between two moments, by model: Triton's statistics API and its Prometheus metrics.

Follows the statistics extension of the inference protocol. An ensemble counts each request as an execution, with a
queue time of about nothing: its requests wait in the queues of its composing models.
"""

from __future__ import annotations

import json
import math
import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from urllib.error import HTTPError, URLError
from urllib.parse import quote
from urllib.request import ProxyHandler, Request, build_opener

from .address import ServerAddress
from .processor_time import Thread, threads_of, used

_METRIC_TIMEOUT_S = 5.0


@dataclass(frozen=True, slots=True)
class BatchStatistics:
    """Executions of one batch size; means in milliseconds."""

    batch_size: int
    executions: int
    compute_input_ms: float
    compute_infer_ms: float
    compute_output_ms: float

    @property
    def execution_ms(self) -> float:
        return self.compute_input_ms + self.compute_infer_ms + self.compute_output_ms


@dataclass(frozen=True, slots=True)
class StageStatistics:
    """One model between two readings; means in milliseconds for a request, 0 without any."""

    model: str
    requests: int
    """Answered without an error."""
    failures: int
    inferences: int
    """Rows."""
    executions: int
    cache_hits: int
    total_ms: float
    queue_ms: float
    compute_input_ms: float
    compute_infer_ms: float
    compute_output_ms: float
    batches: tuple[BatchStatistics, ...]
    """By rising batch size."""

    @property
    def mean_batch(self) -> float | None:
        """Rows in an execution; None without any."""
        return self.inferences / self.executions if self.executions else None

    @property
    def busy_s(self) -> float:
        """Time that instances were taken by executions, together."""
        return sum(batch.executions * batch.execution_ms for batch in self.batches) / 1000


@dataclass(frozen=True, slots=True)
class Counters:
    """One reading; :func:`between` subtracts two."""

    at_s: float
    models: Mapping[str, Sequence[Mapping[str, Any]]]
    """The API's answer, one entry for each version."""
    metrics: Mapping[str, float]
    """Prometheus samples as written, ``name{labels}``; empty where the metrics are not to be reached."""
    threads: Mapping[int, Thread] | None
    """Of the server's processes; None: it runs elsewhere."""


@dataclass(frozen=True, slots=True)
class ServerStatistics:
    """Between two readings."""

    seconds: float
    stages: tuple[StageStatistics, ...]
    """In the order asked for."""
    cpu_s: float | None
    """Processor time of the server's processes; None: it runs elsewhere."""
    cpu_by_stage_s: Mapping[str, float]
    """Of it, what processes of a stage's own used: the Python backend has one for each instance."""
    metrics: Mapping[str, float]
    """Counters of Prometheus that moved, ``name{labels}``: by how much."""

    def stage(self, model: str) -> StageStatistics | None:
        return next((stage for stage in self.stages if stage.model == model), None)


class NoStatistics(Exception):
    """The server did not give its statistics; the message says why."""


def counters(address: ServerAddress, models: Sequence[str], *, timeout_s: float = 10.0) -> Counters:
    """Reads now.

    Raises:
        NoStatistics: the statistics API does not answer, or does not know a model.
    """
    read = {name: _json(address, f"/v2/models/{quote(name, safe='')}/stats", timeout_s) for name in models}
    return Counters(
        at_s=time.monotonic(),
        models={name: answer.get("model_stats", ()) for name, answer in read.items()},
        metrics=_metrics(address),
        threads=threads_of(address.process_group) if address.process_group is not None else None,
    )


def between(before: Counters, after: Counters) -> ServerStatistics:
    """What happened from one reading to the next. A server that was restarted in between counts from 0."""
    cpu_s, by_stage = (None, {})
    if before.threads is not None and after.threads is not None:
        cpu_s, by_stage = used(before.threads, after.threads)
    return ServerStatistics(
        seconds=after.at_s - before.at_s,
        stages=tuple(stage_between(name, before.models.get(name, ()), after.models[name]) for name in after.models),
        cpu_s=cpu_s,
        cpu_by_stage_s=by_stage,
        metrics={
            name: value - before.metrics.get(name, 0.0)
            for name, value in after.metrics.items()
            if value > before.metrics.get(name, 0.0)
        },
    )


def server_version(address: ServerAddress, *, timeout_s: float = 10.0) -> str:
    """As the server says it, for example 2.51.0.

    Raises:
        NoStatistics: no answer.
    """
    return str(_json(address, "/v2", timeout_s).get("version", "unknown"))


def metric_samples(text: str) -> dict[str, float]:
    """Samples of the Prometheus text format, by ``name{labels}`` as it is written."""
    samples: dict[str, float] = {}
    for line in text.splitlines():
        if not line or line.startswith("#"):
            continue
        end = line.rfind("}") + 1
        name, _, rest = (line[:end], "", line[end:]) if end else line.partition(" ")
        try:
            samples[name] = float(rest.split()[0])
        except (ValueError, IndexError):
            continue
    return samples


_Totals = dict[str, tuple[int, int]]
"""By part of a request: how often, and nanoseconds."""


def stage_between(
    model: str, before: Sequence[Mapping[str, Any]], after: Sequence[Mapping[str, Any]]
) -> StageStatistics:
    """From two answers of the statistics API, an entry for each version."""
    first, last = _totals(before), _totals(after)
    restarted = any(last.get(part, (0, 0))[0] < count for part, (count, _) in first.items())
    moved = last if restarted else {
        part: (count - first.get(part, (0, 0))[0], ns - first.get(part, (0, 0))[1])
        for part, (count, ns) in last.items()
    }  # fmt: skip

    def count(part: str) -> int:
        return moved.get(part, (0, 0))[0]

    def mean_ms(part: str, of: int) -> float:
        return moved.get(part, (0, 0))[1] / of / 1e6 if of else 0.0

    requests = count("success")
    sizes = sorted({int(part.split()[1]) for part in moved if part.startswith("batch ")})
    return StageStatistics(
        model=model,
        requests=requests,
        failures=count("fail"),
        inferences=count("inferences"),
        executions=count("executions"),
        cache_hits=count("cache_hit"),
        total_ms=mean_ms("success", requests),
        queue_ms=mean_ms("queue", requests),
        compute_input_ms=mean_ms("compute_input", requests),
        compute_infer_ms=mean_ms("compute_infer", requests),
        compute_output_ms=mean_ms("compute_output", requests),
        batches=tuple(
            BatchStatistics(
                size,
                executions,
                *(mean_ms(f"batch {size} {part}", executions) for part in _COMPUTE),
            )
            for size in sizes
            if (executions := count(f"batch {size} compute_infer"))
        ),
    )


_COMPUTE = ("compute_input", "compute_infer", "compute_output")


def _totals(versions: Sequence[Mapping[str, Any]]) -> _Totals:
    """Over all versions of a model."""
    totals: _Totals = {}
    for part, count, ns in (each for version in versions for each in _parts(version)):
        known = totals.get(part, (0, 0))
        totals[part] = (known[0] + count, known[1] + ns)
    return totals


def _parts(version: Mapping[str, Any]) -> Iterator[tuple[str, int, int]]:
    yield "inferences", int(version.get("inference_count", 0)), 0
    yield "executions", int(version.get("execution_count", 0)), 0
    for part, value in version.get("inference_stats", {}).items():
        yield part, int(value.get("count", 0)), int(value.get("ns", 0))
    for batch in version.get("batch_stats", ()):
        for part in _COMPUTE:
            value = batch.get(part, {})
            yield f"batch {batch['batch_size']} {part}", int(value.get("count", 0)), int(value.get("ns", 0))


def _metrics(address: ServerAddress) -> dict[str, float]:
    """Counters alone: gauges do not add up. Empty where they are not to be reached, which takes nothing from a run."""
    if address.metrics is None:
        return {}
    try:
        text = _get(address.metrics, {}, _METRIC_TIMEOUT_S).decode()
    except (OSError, ValueError):
        return {}
    kinds = dict(line.split()[2:4] for line in text.splitlines() if line.startswith("# TYPE ") and line.count(" ") == 3)
    return {
        name: value
        for name, value in metric_samples(text).items()
        if kinds.get(name.partition("{")[0]) == "counter" and math.isfinite(value)
    }


def _json(address: ServerAddress, path: str, timeout_s: float) -> dict[str, Any]:
    url = f"{address.http.rstrip('/')}{path}"
    try:
        return json.loads(_get(url, address.headers, timeout_s))
    except HTTPError as error:
        said = error.read().decode(errors="replace")
        raise NoStatistics(f"{url} answered HTTP {error.code}: {_reason(said)}") from None
    except (URLError, OSError) as error:
        why = getattr(error, "reason", error)
        raise NoStatistics(f"{url} does not answer: {getattr(why, 'strerror', None) or why}") from None
    except ValueError:
        raise NoStatistics(f"{url} did not answer with JSON; is it a Triton server?") from None


def _get(url: str, headers: Mapping[str, str], timeout_s: float) -> bytes:
    opener = build_opener(ProxyHandler({}))
    with opener.open(Request(url, headers=dict(headers)), timeout=timeout_s) as answer:
        return answer.read()


def _reason(said: str) -> str:
    try:
        return str(json.loads(said)["error"])
    except (ValueError, KeyError, TypeError):
        return said.strip()[:200] or "no reason given"
