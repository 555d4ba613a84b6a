"""What a plan changes, in words."""

from __future__ import annotations

from collections.abc import Iterator

from .changes import Change, Changes, Kind

HEADS: dict[Kind, str] = {
    "replaced": "Made anew",
    "gone": "Deleted",
    "new": "Created",
    "changed": "Changed in place",
}


LOST_HEAD = "Data that is lost"
DECLARED_HEAD = "Clusters and pools"


def lost_sentences(changes: Changes) -> Iterator[str]:
    """What goes with all that people keep in it, to be read before anything else."""
    for change in changes.lost:
        anew = f" is made anew ({', '.join(change.paths)}): the old one goes"
        goes = " is deleted" if change.kind == "gone" else anew
        guard = "" if change.guard is None else f"; {change.guard}"
        yield f"{named(change.urn)}{goes}, with {change.loses}{guard}"


def headline(changes: Changes) -> str:
    """``data of 1 lost, 2 made anew, 1 created since prod.json``."""
    told = [f"data of {len(changes.lost):,} lost"] if changes.lost else []
    told += [f"{len(found):,} {head.lower()}" for kind, head in HEADS.items() if (found := changes.of_kind(kind))]
    return f"{', '.join(told) or 'nothing differs'} since {changes.since}"


def sentence(change: Change) -> str:
    """Which resource, and what of it; of one that is made anew also why, and in which order."""
    what = named(change.urn)
    if change.kind == "replaced":
        order = _gone_first(change) if change.deleted_first else ("the new one comes before the old one goes")
        names = ", ".join(change.paths or change.properties)
        if change.because_of is not None:
            return f"{what}: {names} follows {named(change.because_of)}, which is made anew, too; {order}"
        return f"{what}: {names} cannot change in place; {order}"
    if change.kind == "changed":
        refused = f"; its cloud refuses to change {', '.join(change.refused)}" if change.refused else ""
        return f"{what}: {', '.join(change.properties)}{refused}"
    return what


def _gone_first(change: Change) -> str:
    why = "" if change.because_of is not None else ", since both have one name"
    return f"the old one goes first{why}"


def named(urn: str) -> str:
    """``NodeGroup prod-east-t4`` of a URN."""
    type_, _, name = urn.split("::", 2)[-1].rpartition("::")
    return f"{type_.rpartition('$')[2].rpartition(':')[2]} {name}"
