"""How many nodes each pool needs and how full they are."""

from __future__ import annotations

from typing import TYPE_CHECKING

from rich.text import Text

from ..cluster_lines import cluster_sentences
from ..model_text import fill_pair
from ..placement_text import blocked_sentences, machine, misfit_sentences, pool_name, room_sentences, waiting_sentence
from ..plan import PlanDocument
from ..pool_lines import recreation_sentences
from .section import Page

if TYPE_CHECKING:
    from ...placement import PoolPlacement


def print_placement(document: PlanDocument, page: Page) -> None:
    placement = document.placement
    if not (placement.pools or placement.misfits or placement.undetermined):
        return
    page.heading("Placement", "with the guaranteed replicas; in brackets with every autoscaler at its maximum")
    table = page.table()
    table.add_column("pool", overflow="fold", min_width=16)
    table.add_column("nodes", justify="right", no_wrap=True)
    table.add_column("of", justify="right", no_wrap=True)
    for title in ("gpu", "cpu", "memory", "pods"):
        table.add_column(title, justify="right", no_wrap=True)
    for each in page.first(placement.pools):
        table.add_row(
            _pool(each, page),
            _pair(each.nodes_at_floor, each.nodes_at_max),
            _number(each.pool.max_size),
            *(fill_pair(each.fill_at_floor, each.fill_at_max, name) for name in ("gpu", "cpu", "memory", "pods")),
        )
    page.console.print(table)
    page.rest(placement.pools)
    misfits = list(misfit_sentences(placement))
    for sentence, at in page.first(misfits):
        page.item(sentence, "red" if at == "floor" else "yellow")
    page.rest(misfits)
    waits = [*(waiting_sentence(each) for each in placement.unpacked), *blocked_sentences(placement)]
    for sentence in page.first(waits):
        page.item(sentence, "yellow")
    page.rest(waits)
    for unplaced in page.first(placement.undetermined):
        page.item(f"{unplaced.name} is not placed: {unplaced.reason}", "yellow")
    page.rest(placement.undetermined)
    for note in (
        *room_sentences(placement),
        *placement.notes,
        *recreation_sentences(document.pools),
        *cluster_sentences(document.cluster_lines),
    ):
        page.item(note, "dim")


def _pool(each: PoolPlacement, page: Page) -> Text:
    pool = each.pool
    label = Text(page.text(pool_name(pool)))
    label.append(f"\n  {page.text(machine(pool))}", style="dim")
    return label


def _pair(now: int | None, then: int | None) -> str:
    return f"{_number(now)} ({_number(then)})"


def _number(value: int | None) -> str:
    return "?" if value is None else str(value)
