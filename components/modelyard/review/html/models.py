"""Models as a table."""

from __future__ import annotations

from collections.abc import Iterator

from ...page.element import safe, table
from ..model_text import (
    heads,
    late,
    needed,
    p99,
    pools,
    prediction_legend,
    prediction_sources,
    replicas,
    serving,
    usd_per_million,
    where,
)
from ..money import dollars
from ..plan import PlanDocument
from .cold_starts import cold_starts_of_models
from .rollouts import rollouts_of_models

_MODELS_SHOWN = 1000


def models_section(document: PlanDocument) -> Iterator[str]:
    yield '<section id="models"><h2>Models</h2>\n'
    if not document.models:
        yield "<p>No model is declared.</p></section>\n"
        return
    if len(document.models) > _MODELS_SHOWN:
        yield f'<p class="quiet">The first {_MODELS_SHOWN:,} of {len(document.models):,}; '
        yield "the JSON document has all.</p>\n"
    first, second = heads(document.models)
    columns = (
        ("Model", ""),
        (first.capitalize(), ""),
        (second.capitalize(), ""),
        ("Replicas", "num"),
        ("Needed, and how busy", "num"),
        ("p99 ms, predicted / promised", "num"),
        ("$ a month", "num"),
        ("$ a million inferences", "num"),
    )
    yield from table(columns, _rows(document), "Models, where they run and what they cost")
    sources = prediction_sources(document.models)
    if sources:
        yield f'<p class="quiet">Predicted figures are {safe(prediction_legend(document.models))}. '
        yield 'They rest on:</p>\n<ul class="quiet">\n'
        for source in sources[:20]:
            yield f"<li>{safe(source)}</li>\n"
        yield "</ul>\n"
    yield from rollouts_of_models(document)
    yield from cold_starts_of_models(document)
    yield "</section>\n"


def _rows(document: PlanDocument) -> Iterator[tuple[str, ...]]:
    for line in document.models[:_MODELS_SHOWN]:
        for position, place in enumerate(line.places):
            first = position == 0
            name = f'{safe(line.model)}<br><span class="quiet">{safe(line.department)}</span>' if first else ""
            cost = "unpriced" if line.monthly_usd is None else dollars(line.monthly_usd)
            part = serving(line)
            timing = safe(p99(line, place))
            yield (
                name,
                safe(where(place)),
                safe(pools(place)),
                replicas(place),
                safe(needed(place)),
                f'<strong class="late">{timing}</strong>' if late(line, place) else timing,
                f'{cost}<br><span class="quiet">{safe(part)}</span>' if first and part else cost if first else "",
                usd_per_million(line) if first else "",
            )
