"""Names of metrics, by what they measure and by release of the server that exports them
(``data/metrics.csv``)."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache

from modelyard.catalog.spelling import nearest
from modelyard.catalog.table import rows


class UnknownMetric(LookupError):
    """A signal that nothing exports, or that the server's release does not export yet."""


def metric(signal: str, release: str | None = None) -> str:
    """The metric of a signal: ``metric("queue_us")`` is ``nv_inference_queue_duration_us``.

    ``release`` is the server's, for example 26.07; None: a release that exports everything.

    Raises:
        UnknownMetric: no such signal, or only in later releases.
    """
    try:
        row = _by_signal()[signal]
    except KeyError:
        close = nearest(signal, _by_signal())
        hint = f"; did you mean {close!r}?" if close else ""
        raise UnknownMetric(f"no signal is called {signal!r}; known: {', '.join(sorted(_by_signal()))}{hint}") from None
    if release is not None and row["since_release"] and release < row["since_release"]:
        raise UnknownMetric(
            f"{row['metric']} came with release {row['since_release']}; release {release} does not export it"
        )
    return row["metric"]


@cache
def _by_signal() -> dict[str, Mapping[str, str]]:
    return {row["signal"]: row for row in rows("metrics.csv")}
