"""Nodes and how full they are, as a chart and a table."""

from __future__ import annotations

from collections.abc import Iterator

from ...page.element import bullets, safe, table
from ..cluster_lines import cluster_sentences
from ..model_text import fill_pair
from ..placement_text import (
    FILLS,
    blocked_sentences,
    machine,
    misfit_sentences,
    pool_name,
    room_sentences,
    waiting_sentence,
)
from ..plan import PlanDocument
from ..pool_lines import recreation_sentences
from .figures import running

_SENTENCES_SHOWN = 100


def placement_section(document: PlanDocument) -> Iterator[str]:
    placement = document.placement
    yield '<section id="placement"><h2>Placement</h2>\n'
    if not placement.pools:
        yield "<p>No node group is in this plan.</p>\n"
    else:
        yield "<p>With the guaranteed replicas; in brackets with every autoscaler at its maximum.</p>\n"
        if running(document):
            yield '<div class="chart" id="chart-placement" role="img" aria-label="Share of each pool that is '
            yield 'requested; the same figures are in the table below"></div>\n'
        heads = (
            ("Pool", ""),
            ("Nodes", "num"),
            ("At most", "num"),
            ("GPU", "num"),
            ("GPU memory", "num"),
            ("CPU", "num"),
            ("Memory", "num"),
            ("Pods", "num"),
        )
        yield from table(heads, _rows(document), "Node pools and how full they are")
    misfits = [sentence for sentence, _ in misfit_sentences(placement)]
    waits = [*(waiting_sentence(each) for each in placement.unpacked), *blocked_sentences(placement)]
    unplaced = [f"{each.name} is not placed: {each.reason}" for each in placement.undetermined]
    notes = [
        *room_sentences(placement),
        *placement.notes,
        *recreation_sentences(document.pools),
        *cluster_sentences(document.cluster_lines),
    ]
    for sentences, style in ((misfits, "bad"), (waits, "warn"), (unplaced, "warn"), (notes, "quiet")):
        if sentences:
            yield from bullets(sentences[:_SENTENCES_SHOWN], style)
        if len(sentences) > _SENTENCES_SHOWN:
            yield f'<p class="quiet">and {len(sentences) - _SENTENCES_SHOWN:,} more in the JSON document</p>\n'
    yield "</section>\n"


def _rows(document: PlanDocument) -> Iterator[tuple[str, ...]]:
    for each in document.placement.pools:
        pool = each.pool
        yield (
            f'{safe(pool_name(pool))}<br><span class="quiet">{safe(machine(pool))}</span>',
            f"{_number(each.nodes_at_floor)} ({_number(each.nodes_at_max)})",
            _number(pool.max_size),
            *(safe(fill_pair(each.fill_at_floor, each.fill_at_max, key)) for key in FILLS),
        )


def _number(value: int | None) -> str:
    return "?" if value is None else str(value)
