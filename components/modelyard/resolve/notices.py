"""Sentences that a plan shows beside its result: what was left unchecked, and what will surprise somebody."""

from __future__ import annotations

_NAMED = 5


class Notices:
    """Notices in the order in which they were first given; what many models share is one sentence."""

    def __init__(self) -> None:
        self._single: dict[str, None] = {}
        self._shared: dict[tuple[str, str], list[str]] = {}

    def add(self, sentence: str) -> None:
        """A sentence of its own; the same sentence counts once."""
        self._single[sentence] = None

    def add_model(self, name: str, one: str, many: str) -> None:
        """Something that is true of a model. ``one`` follows ``model 'x'``, ``many`` follows ``3 models (...)``."""
        names = self._shared.setdefault((one, many), [])
        if name not in names[-1:]:
            names.append(name)

    def sentences(self) -> tuple[str, ...]:
        """All of them, those about models last."""
        return (*self._single, *(_sentence(names, *texts) for texts, names in self._shared.items()))


def _sentence(names: list[str], one: str, many: str) -> str:
    if len(names) == 1:
        return f"model {names[0]!r} {one}"
    listed = ", ".join(names[:_NAMED])
    rest = f" and {len(names) - _NAMED} more" if len(names) > _NAMED else ""
    return f"{len(names)} models ({listed}{rest}) {many}"
