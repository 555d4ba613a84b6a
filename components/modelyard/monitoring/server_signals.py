"""What the servers of each runtime tell of their health, as queries for Prometheus
(``catalog/data/runtime_health.csv``)."""

from __future__ import annotations

from functools import cache
from typing import Literal

from ..catalog.runtime_signals import measured_as, queries
from ..catalog.table import rows

HealthSignal = Literal["error_rate", "p99_ms", "queue_ms"]

WINDOW = "5m"


def server_query(server: str, signal: HealthSignal, pods: str) -> str | None:
    """One number of all replicas together, over five minutes; None where the server has no metric for it.

    The share of failures has no result without requests, and the errors that callers make do not count where the server
    tells them apart.

    Args:
        server: as the table names it: tensorflow_serving, torchserve, mlserver, sklearnserver, xgbserver, seldon.
        signal: what is asked.
        pods: labels of its series, without braces.
    """
    key = measured_as(server), signal
    template = _health().get(key) or (queries().get(key) if signal == "queue_ms" else None)
    return None if template is None else template.replace("<pods>", pods).replace("<window>", WINDOW)


@cache
def _health() -> dict[tuple[str, str], str]:
    return {(row["runtime"], row["signal"]): row["query"] for row in rows("runtime_health.csv")}
