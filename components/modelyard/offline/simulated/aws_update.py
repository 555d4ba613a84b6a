"""What an update in place does to the outputs that AWS computes.

They keep their values, but for those that ``aws_updates.json`` lists: of these the plan of Terraform's provider, and
so a preview, says "unknown", or it keeps the old value and the update brings another.
"""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from modelyard.graph import UNKNOWN
from modelyard.offline import wire

_TRAILING_NUMBER = re.compile(r"\d+$")


@dataclass(frozen=True, slots=True)
class Moving:
    """One computed output that an update may move."""

    output: str
    becomes: str
    moved: frozenset[str]
    """Inputs whose change gives it another value."""
    planned: frozenset[str] = frozenset()
    """Inputs whose change makes it unknown in a preview."""
    planned_unless: frozenset[str] | None = None
    """Where given, any other input's change makes it unknown in a preview."""
    condition: str | None = None
    """An input that has to be true."""

    def is_unknown_after(self, changed: Collection[str], inputs: Mapping[str, Any]) -> bool:
        """Whether a preview of an update with these changed inputs cannot know it."""
        if not self._applies(inputs):
            return False
        if self.planned_unless is not None:
            return any(name not in self.planned_unless for name in changed)
        return not self.planned.isdisjoint(changed)

    def moves_with(self, changed: Collection[str], inputs: Mapping[str, Any]) -> bool:
        """Whether the update gives it another value."""
        return self._applies(inputs) and not self.moved.isdisjoint(changed)

    def digest(self, urn: str, inputs: Mapping[str, Any]) -> str:
        """32 hexadecimal digits that depend on the moving inputs."""
        decisive = {name: wire.revealed(inputs[name]) for name in sorted(self.moved) if name in inputs}
        return hashlib.sha256(f"{urn}|{json.dumps(decisive, sort_keys=True)}".encode()).hexdigest()[:32]

    def _applies(self, inputs: Mapping[str, Any]) -> bool:
        return self.output not in inputs and (self.condition is None or inputs.get(self.condition) is True)


def kept(old_inputs: Mapping[str, Any], old_outputs: Mapping[str, Any]) -> dict[str, Any]:
    """Outputs that the provider computed itself: none of the program's inputs, and nothing that was not known."""
    return {name: value for name, value in old_outputs.items() if name not in old_inputs and value is not UNKNOWN}


def next_of(value: Any) -> Any:
    """The value with the number that it ends in counted up."""
    if isinstance(value, int):
        return value + 1
    if not isinstance(value, str):
        return value
    return _TRAILING_NUMBER.sub(lambda number: str(int(number[0]) + 1), value)


@cache
def moving_outputs(token: str) -> tuple[Moving, ...]:
    """The moving outputs of one resource type; most types have none."""
    return tuple(_moving(_tokens().get(token, {}).get("outputs", {})))


def _moving(outputs: Mapping[str, Mapping[str, Any]]) -> Iterator[Moving]:
    for output, entry in outputs.items():
        unless = entry.get("planned_unless")
        yield Moving(
            output=output,
            becomes=entry["becomes"],
            moved=frozenset(entry["moved"]),
            planned=frozenset(entry.get("planned", ())),
            planned_unless=None if unless is None else frozenset(unless),
            condition=entry.get("if"),
        )


@cache
def _tokens() -> Mapping[str, Any]:
    text = (Path(__file__).parent / "aws_updates.json").read_text(encoding="utf-8")
    return json.loads(text)["tokens"]
