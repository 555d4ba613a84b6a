"""A problem while it is still being found, and the way in which values are walked to find it."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from typing import Any, Protocol

from modelyard.graph import UNKNOWN, Secret

from .problem import Problem, described, kind, listed, nearest, shortened, written


class Key(str):
    """A part of a path that the user chose, such as a tag's name: inside a secret it is a part of the secret."""

    __slots__ = ()


@dataclass(frozen=True, slots=True)
class Fault:
    """A problem while it is still being found, with its path from the value under check downwards."""

    path: tuple[str | int, ...]
    reason: str
    secret_reason: str
    """What may be said when the value turns out to be a secret."""
    of_type: bool = False
    """The value is of another type altogether, rather than a wrong one of the right type."""

    def under(self, part: str | int) -> Fault:
        return Fault((part, *self.path), self.reason, self.secret_reason)

    def hidden(self) -> Fault:
        path = tuple("[secret]" if isinstance(part, Key) else part for part in self.path)
        return Fault(path, self.secret_reason, self.secret_reason)

    def problem(self) -> Problem:
        return Problem(written(self.path), self.reason)


Faults = list[Fault] | None


class Check(Protocol):
    expected: str

    def __call__(self, value: Any) -> Faults: ...


def inside(check: Check, value: Any) -> Faults:
    """Check a value that may be unknown or secret; what is found in a secret is told without the value."""
    if value is UNKNOWN or value is None:
        return None
    if isinstance(value, Secret):
        found = inside(check, value.reveal())
        return [f.hidden() for f in found] if found else None
    return check(value)


def fault(reason: str, secret_reason: str | None = None) -> Fault:
    return Fault((), reason, secret_reason if secret_reason is not None else reason)


def wrong_type(expected: str, value: Any) -> Fault:
    told, secretly = f"expected {expected}, got {described(value)}", f"expected {expected}, got {kind(value)}"
    return Fault((), told, secretly, of_type=True)


def unknown_property(name: str, allowed: Collection[str]) -> Fault:
    choices = f"allowed: {listed(allowed)}" if allowed else "nothing is allowed here"
    near = nearest(name, allowed)
    reason = f'unknown property "{shortened(name)}"; did you mean "{near}"?' if near else None
    said = reason or f'unknown property "{shortened(name)}"; {choices}'
    return Fault((Key(name),), said, f"unknown property; {choices}")


def missing_property(name: str, expected: str) -> Fault:
    reason = f"required property is missing: give {expected}"
    return Fault((name,), reason, reason)


def not_allowed(value: str, allowed: Collection[str]) -> Fault:
    near = nearest(value, allowed)
    hint = f' did you mean "{near}"?' if near else ""
    choices = f"allowed: {listed(allowed)}"
    return fault(
        f'"{shortened(value)}" is not an allowed value;{hint} {choices}',
        f"the value is not an allowed one; {choices}",
    )
