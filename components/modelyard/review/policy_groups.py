"""Policy verdicts in the order in which a reviewer reads them."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING

from .plan import PlanDocument

if TYPE_CHECKING:
    from .verdicts import Verdict

_ORDER = ("mandatory", "advisory")
_LATER = re.compile(r"can't run policy '[^']*' from policy pack '[^']*' during preview: ")
"""How the engine begins a note that a value is not known yet."""
_NAMED = 3
"""Resources that one sentence about several of them names."""


@dataclass(frozen=True, slots=True)
class Finding:
    """One sentence and the resources that it is about."""

    message: str
    urns: tuple[str, ...]

    @property
    def about(self) -> str:
        """``a``, ``a and b``, or ``a, b, c and 7 more``."""
        names = [subject(urn) for urn in self.urns]
        shown, more = names[:_NAMED], len(names) - _NAMED
        if more > 0:
            return f"{', '.join(shown)} and {more:,} more"
        return " and ".join(filter(None, [", ".join(shown[:-1]), shown[-1]]))


@dataclass(frozen=True, slots=True)
class PolicyGroup:
    """What one policy found at one level."""

    policy: str
    level: str
    description: str
    verdicts: tuple[Verdict, ...]
    undecided: bool = False
    """The rule could not be run on these resources; the verdicts say what it would have to know."""

    @property
    def standing(self) -> str:
        """``mandatory``, ``advisory`` or ``undecided``."""
        return "undecided" if self.undecided else self.level

    def findings(self) -> list[Finding]:
        """The verdicts with the same sentences put together, in the order in which they were found."""
        urns: dict[str, list[str]] = {}
        for verdict in self.verdicts:
            message = _LATER.sub("cannot be judged before 'pulumi up': ", verdict.message, count=1)
            urns.setdefault(message if self.undecided else verdict.message, []).append(verdict.urn)
        return [Finding(message, tuple(dict.fromkeys(about))) for message, about in urns.items()]


def grouped(verdicts: Iterable[Verdict]) -> list[PolicyGroup]:
    """Mandatory before advisory before undecided, then by name; within a group in the order in which they were
    found."""
    found: dict[tuple[bool, str, str], list[Verdict]] = {}
    for verdict in verdicts:
        found.setdefault((verdict.undecided, verdict.level, verdict.policy), []).append(verdict)
    keys = sorted(found, key=lambda key: (key[0], _rank(key[1]), key))
    return [PolicyGroup(key[2], key[1], found[key][0].description or "", tuple(found[key]), key[0]) for key in keys]


def holding(document: PlanDocument) -> list[str]:
    """Names of the policies that ran and found nothing, sorted."""
    return sorted(set(document.policies_checked) - {verdict.policy for verdict in document.policies})


def undecided(document: PlanDocument) -> list[str]:
    """Names of the policies that found nothing and could not be run on every resource, sorted."""
    late = {verdict.policy for verdict in document.policies if verdict.undecided}
    return sorted(late - {verdict.policy for verdict in document.policies if not verdict.undecided})


def subject(urn: str | None) -> str:
    """What a verdict is about: the resource's name, or the stack when it is about all of it."""
    if not urn:
        return "the whole stack"
    parts = urn.split("::")
    if len(parts) < 4:
        return urn
    if parts[2] == "pulumi:pulumi:Stack":
        return parts[1].rpartition(":")[2]
    return "::".join(parts[3:])


def _rank(level: str) -> int:
    return _ORDER.index(level) if level in _ORDER else len(_ORDER)
