"""What each runtime tells of its load, as queries for Prometheus (``catalog/data/runtime_metrics.csv``)."""

from __future__ import annotations

from dataclasses import dataclass

from ...catalog.runtime_signals import ANY, SIGNALS, SignalName, queries
from ...catalog.runtime_signals import measured_runtimes as measured_runtimes
from ...catalog.runtime_signals import signals_of as signals_of
from ...environment.scaling import Scaling
from .scale_target import ScaleTarget

WINDOW = "2m"
"""Over which rates are taken: at least two scrapes at every interval up to a minute."""
DEFAULT_QUEUE_MS = 5.0


@dataclass(frozen=True, slots=True)
class Target:
    """A signal, and the value above which replicas are added."""

    signal: SignalName
    value: float

    @property
    def per_replica(self) -> bool:
        """Whether the query gives a sum over replicas, of which each may have :attr:`value`; otherwise an average,
        which more replicas lower."""
        return self.signal in ("concurrency", "requests_per_second")


def targets(scaling: Scaling, target: ScaleTarget) -> tuple[Target, ...]:
    """Those that are declared. Where none is: the queue at 5 ms if prometheus-adapter serves it, else none."""
    declared = tuple(
        Target(signal, value) for signal in SIGNALS if (value := getattr(scaling, f"target_{signal}")) is not None
    )
    if declared or target.adapter_metric is None:
        return declared
    return (Target("queue_ms", DEFAULT_QUEUE_MS),)


def query(target: ScaleTarget, signal: SignalName, window: str = WINDOW) -> str:
    """One number from Prometheus: of all replicas together for what is counted per replica, else the average.

    Without requests it is 0 and never a division by zero; without a server there is no answer.

    Raises:
        KeyError: the runtime has no metric for this signal (:func:`signals_of`).
    """
    known = queries()
    template = known.get((target.catalogue_runtime, signal)) or known[ANY, signal]
    return (
        template.replace("<pods>", target.selector)
        .replace("<gpu_pods>", target.gpu_selector)
        .replace("<window>", window)
    )
