"""What each serving runtime tells of its load, by which replicas can be added (``data/runtime_metrics.csv``)."""

from __future__ import annotations

from functools import cache
from typing import Literal, get_args

from modelyard.catalog.table import rows

SignalName = Literal["queue_ms", "concurrency", "requests_per_second", "gpu_utilization_percent"]
SIGNALS: tuple[SignalName, ...] = get_args(SignalName)

ANY = "any"
"""In the table: whatever the runtime is."""
_MEASURED_AS = {"sklearnserver": "kserve", "xgbserver": "kserve"}
"""Servers whose metrics the table has under another name."""


def measured_as(server: str) -> str:
    """Name under which the table has the metrics of this server."""
    return _MEASURED_AS.get(server, server)


def signals_of(runtime: str) -> tuple[SignalName, ...]:
    """Every signal that a server of this runtime, or its GPU, has a metric for."""
    return tuple(signal for signal in SIGNALS if (runtime, signal) in queries() or (ANY, signal) in queries())


def measured_runtimes() -> tuple[str, ...]:
    """Runtimes whose metrics the catalogue knows."""
    return tuple(dict.fromkeys(runtime for runtime, _ in queries() if runtime != ANY))


@cache
def queries() -> dict[tuple[str, str], str]:
    """By runtime and signal, with ``<pods>``, ``<gpu_pods>`` and ``<window>`` to be put in."""
    return {(row["runtime"], row["signal"]): row["query"] for row in rows("runtime_metrics.csv")}
