"""Who may pull from a registry of Google Cloud or Azure, each with a grant of their own."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import pulumi


@dataclass(frozen=True, slots=True)
class Puller:
    """One identity, and what its grant is called."""

    name: str
    """Stays with the identity whoever comes or goes beside it. By their places the grants of all who follow would be
    made anew under each other's names, and the old ones, which say the same, deleted last: nobody could pull."""
    identity: pulumi.Input[str]
    place: int
    """In the list; grants were once called so."""


def pullers(identities: Sequence[pulumi.Input[str]], names: Sequence[str] | None) -> list[Puller]:
    """Each identity once.

    Args:
        identities: known or not.
        names: of each of them. Default: the identity itself where it is known, else its place.
    """
    found: dict[str, Puller] = {}
    for place, identity in enumerate(identities):
        name = names[place] if names is not None else identity if isinstance(identity, str) else str(place)
        found.setdefault(name, Puller(name, identity, place))
    return list(found.values())
