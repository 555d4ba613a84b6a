"""Load on a model from a process of its own, measured without coordinated omission."""

from __future__ import annotations

from array import array
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Literal

from .address import ServerAddress
from .arrivals import Pattern
from .requests import SampleRequest

Protocol = Literal["http", "grpc"]


@dataclass(frozen=True, slots=True)
class OpenLoop:
    """Requests at a rate, whether or not earlier ones were answered, as callers do who do not know of each other."""

    requests_per_second: float
    pattern: Pattern = "poisson"
    seed: int = 0


@dataclass(frozen=True, slots=True)
class ClosedLoop:
    """So many callers, each sending its next request when the last was answered: for comparing throughput."""

    concurrency: int


@dataclass(frozen=True, slots=True)
class LoadPlan:
    model: str
    loop: OpenLoop | ClosedLoop
    requests: tuple[SampleRequest, ...]
    """Sent in turn."""
    seconds: float
    """Measured; the warm-up comes before."""
    version: int | None = None
    warm_up_s: float = 2.0
    timeout_s: float = 10.0
    """From when a request was meant to be sent; one that is not answered by then counts as failed."""
    most_in_flight: int = 1024
    """Requests at a time, which bounds the connections. A request above it waits here, and its waiting counts."""
    protocol: Protocol = "http"


@dataclass(frozen=True, slots=True)
class LoadProgress:
    seconds: float
    """Since the load began, warm-up included."""
    of_seconds: float
    answered: int
    failed: int
    warming_up: bool


@dataclass(frozen=True, slots=True)
class LoadResult:
    """What the callers saw, without the warm-up. The arrays are as long as requests were to be sent, in the order
    in which they were."""

    plan: LoadPlan
    intended_s: array[float]
    """When each request was meant to be sent, in seconds since the measured part began."""
    latency_ms: array[float]
    """From then to its answer; for a request without one, to when it was given up."""
    late_ms: array[float]
    """How late the generator itself was in sending, apart from waiting for ``most_in_flight``."""
    outcome: array[int]
    """0: answered; else the position in ``reasons`` plus 1."""
    reasons: tuple[str, ...]
    """Why requests failed, each once."""
    waited_for_connection: int
    """Requests that waited for ``most_in_flight``."""
    elapsed_s: float
    """From the start of the measured part to the last answer."""
    generator_cpu_s: float
    """Processor time of the generator in the measured part."""
    invalid: str | None
    """Why the figures say nothing about the server: the generator could not keep the rate; None: they do."""

    @property
    def failures(self) -> Mapping[str, int]:
        """How many by reason."""
        raise NotImplementedError


class CannotLoad(Exception):
    """The generator ended without a result; the message says why."""


def load(
    address: ServerAddress,
    plan: LoadPlan,
    *,
    progress: Callable[[LoadProgress], None] | None = None,
    measuring: Callable[[], None] | None = None,
) -> LoadResult:
    """Runs the load and waits for it. The generator ends with this call, also when it is interrupted.

    Args:
        progress: called about five times a second.
        measuring: called once when the warm-up has ended, to read the server's counters.

    Raises:
        CannotLoad: for example because nothing answers at the address.
    """
    raise NotImplementedError
