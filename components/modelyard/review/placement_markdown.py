"""Nodes, how full they are and what finds none, for a pull request's comment."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from .cluster_lines import cluster_sentences
from .model_text import fill_pair
from .placement_text import (
    FILLS,
    blocked_sentences,
    machine,
    misfit_sentences,
    pool_name,
    room_sentences,
    waiting_sentence,
)
from .plan import PlanDocument
from .pool_lines import recreation_sentences

_SHOWN = 20


def placement_markdown(document: PlanDocument, escaped: Callable[[object], str]) -> Iterator[str]:
    """A table of the pools, and beneath it what does not fit; nothing where there is neither."""
    placement = document.placement
    sentences = [
        *(sentence for sentence, _ in misfit_sentences(placement)),
        *(waiting_sentence(each) for each in placement.unpacked),
        *blocked_sentences(placement),
        *(f"{each.name} is not placed: {each.reason}" for each in placement.undetermined),
        *room_sentences(placement),
        *recreation_sentences(document.pools),
        *cluster_sentences(document.cluster_lines),
    ]
    if not placement.pools and not sentences:
        return
    yield "### Placement\n\n"
    if placement.pools:
        yield "With the guaranteed replicas; in brackets with every autoscaler at its maximum.\n\n"
        yield "| Pool | Nodes | At most | GPU | GPU memory | CPU | Memory | Pods |\n|---|--:|--:|--:|--:|--:|--:|--:|\n"
    for each in placement.pools[:_SHOWN]:
        nodes = f"{_number(each.nodes_at_floor)} ({_number(each.nodes_at_max)})"
        fills = [fill_pair(each.fill_at_floor, each.fill_at_max, key) for key in FILLS]
        name = f"{escaped(pool_name(each.pool))}: {escaped(machine(each.pool))}"
        yield f"| {' | '.join((name, nodes, _number(each.pool.max_size), *fills))} |\n"
    if len(placement.pools) > _SHOWN:
        yield f"\n{len(placement.pools) - _SHOWN:,} more pools are in the JSON document.\n"
    yield "\n"
    for sentence in sentences[:_SHOWN]:
        yield f"- {escaped(sentence)}\n"
    if len(sentences) > _SHOWN:
        yield f"- and {len(sentences) - _SHOWN:,} more\n"
    yield "\n"


def _number(value: int | None) -> str:
    return "?" if value is None else str(value)
