"""What managed services measure of an endpoint: the metric behind each signal (``data/managed_signals.csv``).

Five signals are watched at every service: rate, errors, latency, queue or saturation, and GPU or memory.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache

from .table import rows


@dataclass(frozen=True, slots=True)
class ManagedSignal:
    """One metric of one service."""

    target: str
    kind: str
    """Of endpoint: ``serverless``, ``peered`` ...; empty: all that have no row of their own."""
    name: str
    """``rate``, ``errors``, ``latency``, ``queue``, ``overhead``, ``concurrency``, ``saturation``, ``gpu``, ``memory``
    or ``gpu-memory``."""
    namespace: str
    """CloudWatch's namespace, Cloud Monitoring's monitored resource, or Azure's resource type."""
    metric: str
    dimensions: tuple[str, ...]
    """Dimensions or labels that the metric is published with, of those that are asked for."""
    unit: str
    """As the service writes it."""
    statistic: str
    """As the service writes it: ``Sum``, ``p99``, ``ALIGN_RATE`` ..."""
    source: str
    source_date: str


def managed_signal(target: str, name: str, kind: str = "") -> ManagedSignal:
    """The metric of one signal: the kind's own, or that of all kinds.

    Raises:
        KeyError: the service measures no such thing.
    """
    table = _table()
    return table.get((target, kind, name)) or table[target, "", name]


@cache
def _table() -> dict[tuple[str, str, str], ManagedSignal]:
    return {
        (row["target"], row["kind"], row["signal"]): ManagedSignal(
            target=row["target"],
            kind=row["kind"],
            name=row["signal"],
            namespace=row["namespace"],
            metric=row["metric"],
            dimensions=tuple(row["dimensions"].split()),
            unit=row["unit"],
            statistic=row["statistic"],
            source=row["source"],
            source_date=row["source_date"],
        )
        for row in rows("managed_signals.csv")
    }
