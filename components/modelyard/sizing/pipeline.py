"""The steps that a request goes through: one for a single model, a graph for an ensemble."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Step:
    """One execution for each request."""

    model: str
    after: tuple[int, ...] = ()
    """Positions of the steps that must have answered; empty: the request's own tensors are all it needs."""


@dataclass(frozen=True, slots=True)
class Pipeline:
    """Steps in an order in which each comes after those that it waits for."""

    steps: tuple[Step, ...]

    @property
    def models(self) -> tuple[str, ...]:
        """That execute, each once, in the order in which a request meets them."""
        return tuple(dict.fromkeys(step.model for step in self.steps))


def single(model: str) -> Pipeline:
    """A model by itself."""
    return Pipeline((Step(model),))


def chain(models: Sequence[str]) -> Pipeline:
    """One model after another."""
    return Pipeline(tuple(Step(model, (at - 1,) if at else ()) for at, model in enumerate(models)))


def ensemble(steps: Iterable[tuple[str, Iterable[str], Iterable[str]]]) -> Pipeline:
    """From an ensemble's steps: the model, the ensemble's tensors that it reads, and those that it writes.

    Raises:
        ValueError: steps that wait for one another.
    """
    waiting = [(model, frozenset(reads), frozenset(writes)) for model, reads, writes in steps]
    written = frozenset[str]().union(*(writes for _, _, writes in waiting))
    placed: list[tuple[Step, frozenset[str]]] = []
    while waiting:
        known = frozenset[str]().union(*(writes for _, writes in placed))
        ready = next((each for each in waiting if each[1] & written <= known), None)
        if ready is None:
            raise ValueError("the steps of " + ", ".join(repr(model) for model, _, _ in waiting) + " wait in a circle")
        waiting.remove(ready)
        after = tuple(at for at, (_, writes) in enumerate(placed) if writes & ready[1])
        placed.append((Step(ready[0], after), ready[2]))
    return Pipeline(tuple(step for step, _ in placed))
