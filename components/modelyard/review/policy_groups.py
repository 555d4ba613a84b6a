"""Policy verdicts in the order in which a reviewer reads them."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING

from .plan import PlanDocument

if TYPE_CHECKING:
    from .verdicts import Verdict

_ORDER = ("mandatory", "advisory")
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

    def findings(self) -> list[Finding]:
        """The verdicts with the same sentences put together, in the order in which they were found."""
        urns: dict[str, list[str]] = {}
        for verdict in self.verdicts:
            urns.setdefault(verdict.message, []).append(verdict.urn)
        return [Finding(message, tuple(dict.fromkeys(about))) for message, about in urns.items()]


def grouped(verdicts: Iterable[Verdict]) -> list[PolicyGroup]:
    """Mandatory before advisory, then by name; within a group in the order in which they were found."""
    found: dict[tuple[str, str], list[Verdict]] = {}
    for verdict in verdicts:
        found.setdefault((verdict.level, verdict.policy), []).append(verdict)
    keys = sorted(found, key=lambda key: (_rank(key[0]), key))
    return [
        PolicyGroup(policy, level, found[level, policy][0].description or "", tuple(found[level, policy]))
        for level, policy in keys
    ]


def holding(document: PlanDocument) -> list[str]:
    """Names of the policies that ran and found nothing, sorted."""
    return sorted(set(document.policies_checked) - {verdict.policy for verdict in document.policies})


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
