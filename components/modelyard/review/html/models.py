"""Models as a table."""

from __future__ import annotations

from collections.abc import Iterator

from ..model_text import p99, pools, replicas
from ..money import dollars
from ..plan import PlanDocument
from .element import safe, table

_MODELS_SHOWN = 1000


def models_section(document: PlanDocument) -> Iterator[str]:
    yield '<section id="models"><h2>Models</h2>\n'
    if not document.models:
        yield "<p>No model is declared.</p></section>\n"
        return
    if len(document.models) > _MODELS_SHOWN:
        yield f'<p class="quiet">The first {_MODELS_SHOWN:,} of {len(document.models):,}; '
        yield "the JSON document has all.</p>\n"
    heads = (
        ("Model", ""),
        ("Cluster", ""),
        ("Pool", ""),
        ("Replicas", "num"),
        ("p99 ms, predicted / promised", "num"),
        ("$ a month", "num"),
    )
    yield from table(heads, _rows(document), "Models, where they run and what they cost")
    sources = dict.fromkeys(
        place.prediction_source for line in document.models for place in line.places if place.prediction_source
    )
    if sources:
        yield '<p class="quiet">Predictions rest on:</p>\n<ul class="quiet">\n'
        for source in list(sources)[:20]:
            yield f"<li>{safe(source)}</li>\n"
        yield "</ul>\n"
    yield "</section>\n"


def _rows(document: PlanDocument) -> Iterator[tuple[str, ...]]:
    for line in document.models[:_MODELS_SHOWN]:
        for position, place in enumerate(line.places):
            first = position == 0
            name = f'{safe(line.model)}<br><span class="quiet">{safe(line.department)}</span>' if first else ""
            cost = "unpriced" if line.monthly_usd is None else dollars(line.monthly_usd)
            late = (
                place.predicted_p99_ms is not None
                and line.objective_p99_ms is not None
                and place.predicted_p99_ms > line.objective_p99_ms
            )
            timing = safe(p99(line, place))
            yield (
                name,
                safe(place.cluster),
                safe(pools(place)),
                replicas(place),
                f'<strong class="late">{timing}</strong>' if late else timing,
                cost if first else "",
            )
