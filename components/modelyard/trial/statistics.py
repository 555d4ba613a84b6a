"""What the server counted: Triton's statistics API, its Prometheus metrics, and its processor time."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from .address import ServerAddress


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
    """One model between two readings; means in milliseconds for a request."""

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
    """One reading; subtract with :func:`between`."""

    at_s: float
    models: Mapping[str, Mapping[str, object]]
    metrics: Mapping[str, float]
    """Prometheus samples as written, ``name{labels}``; empty where the metrics are not to be reached."""
    cpu_s: float | None
    """Processor time of the server's processes; None: it runs elsewhere."""
    cpu_by_stage_s: Mapping[str, float]
    """Of it, what processes of a stage's own used: the Python backend has one for each instance."""


@dataclass(frozen=True, slots=True)
class ServerStatistics:
    """Between two readings."""

    seconds: float
    stages: tuple[StageStatistics, ...]
    """In the order asked for."""
    cpu_s: float | None
    cpu_by_stage_s: Mapping[str, float]
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
    raise NotImplementedError


def between(before: Counters, after: Counters) -> ServerStatistics:
    """What happened from one reading to the next."""
    raise NotImplementedError


def process_group_cpu_s(group: int) -> float:
    """Processor time that the living processes of a group have used, in seconds; 0 when there are none."""
    raise NotImplementedError


def server_version(address: ServerAddress, *, timeout_s: float = 10.0) -> str:
    """As the server says it, for example 2.51.0.

    Raises:
        NoStatistics: no answer.
    """
    raise NotImplementedError
