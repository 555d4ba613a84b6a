"""A rollout's change in the text of a department's file: the numbers that change, and nothing else."""

from __future__ import annotations

import copy
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher
from typing import Any

import yaml

from ..environment.yaml_document import UnreadableFile, parse
from .canary import Canary
from .decision import Decision

Pair = tuple[yaml.Node, yaml.Node]


class NotWritable(Exception):
    """The file is written in a way in which the change is a person's to make. ``str()`` says what to change."""


@dataclass(frozen=True, slots=True)
class ChangedLine:
    """One line; ``before`` or ``after`` is None where there was none, or is none."""

    number: int
    """In the file as it was."""
    before: str | None
    after: str | None


def changed(text: str, canary: Canary, decision: Decision) -> str:
    """The file's text with the decision made.

    A promotion and a rollback change ``percent``, or add it where it is left out. The end of a rollout makes ``stable``
    the canary's version, ``version`` too where the model names it, and deletes ``canary``, ``percent`` and
    ``mirror_percent``.

    Raises:
        NotWritable: aliases, comments inside of braces or the like are in the way: the result, read again, would say
            something else than the decision.
    """
    sets, deletes = _wanted(canary, decision)
    expected = _expected(text, canary, sets, deletes)
    try:
        made = _edited(text, canary.position, sets, deletes)
        if parse(made.removeprefix("\ufeff")).data == expected:
            return made
    except (yaml.YAMLError, UnreadableFile, _OtherShape):
        pass
    raise NotWritable(
        f"{canary.file_name}: the rollout of model {canary.model!r} is written in a way that is not changed here; "
        f"change it by hand: {_told(sets, deletes)}"
    )


def changed_lines(before: str, after: str) -> tuple[ChangedLine, ...]:
    """Lines that differ, in their order."""
    old, new = before.splitlines(), after.splitlines()
    lines: list[ChangedLine] = []
    for kind, old_from, old_to, new_from, new_to in SequenceMatcher(None, old, new, autojunk=False).get_opcodes():
        if kind == "equal":
            continue
        for place in range(max(old_to - old_from, new_to - new_from)):
            was = old[old_from + place] if old_from + place < old_to else None
            now = new[new_from + place] if new_from + place < new_to else None
            lines.append(ChangedLine(old_from + place + 1, was, now))
    return tuple(lines)


class _OtherShape(Exception):
    pass


Sets = Mapping[tuple[str, ...], int]


def _wanted(canary: Canary, decision: Decision) -> tuple[Sets, Sequence[str]]:
    """Numbers by their keys below the model, and keys of the rollout that go."""
    if decision.action != "finish":
        assert decision.percent is not None
        return {("rollout", "percent"): decision.percent}, ()
    sets: dict[tuple[str, ...], int] = {("rollout", "stable"): canary.version}
    if canary.version_declared:
        sets["version",] = canary.version
    return sets, ("canary", "percent", "mirror_percent")


def _told(sets: Sets, deletes: Sequence[str]) -> str:
    parts = [f"{'.'.join(keys)}: {number}" for keys, number in sets.items()]
    return ", ".join([*parts, *([f"and without {', '.join(deletes)}"] if deletes else [])])


def _expected(text: str, canary: Canary, sets: Sets, deletes: Sequence[str]) -> Any:
    """What the changed text has to say. What an alias repeats is copied, so that one place changes alone."""
    data = _plain(parse(text.removeprefix("\ufeff")).data)
    model = data["models"][canary.position]
    for keys, number in sets.items():
        holder = model
        for key in keys[:-1]:
            holder = holder[key]
        holder[keys[-1]] = number
    for key in deletes:
        model["rollout"].pop(key, None)
    return data


def _plain(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: _plain(inner) for key, inner in value.items()}
    return [_plain(inner) for inner in value] if isinstance(value, list) else copy.copy(value)


def _edited(text: str, model: int, sets: Sets, deletes: Sequence[str]) -> str:
    mark = "\ufeff" if text.startswith("\ufeff") else ""
    made = text.removeprefix("\ufeff")
    for keys, number in sets.items():
        made = _set(made, model, keys, number)
    for key in deletes:
        made = _delete(made, model, key)
    return mark + made


def _set(text: str, model: int, keys: tuple[str, ...], number: int) -> str:
    holder = _mapping(text, model, keys[:-1])
    found = _find(holder, keys[-1])
    if found is not None:
        start, end = _span(text, found[1])
        return f"{text[:start]}{number}{text[end:]}"
    after = _find(holder, "canary")
    if after is None:
        raise _OtherShape
    _, end = _span(text, after[1])
    if holder.flow_style:
        return f"{text[:end]}, {keys[-1]}: {number}{text[end:]}"
    line_start, line_end = _line(text, end)
    key_start, _ = _span(text, after[0])
    indent = text[line_start:key_start]
    if indent.strip(" "):
        raise _OtherShape
    ending = "\r\n" if text[:line_end].endswith("\r") else "\n"
    at = line_end - (ending == "\r\n")
    return f"{text[:at]}{ending}{indent}{keys[-1]}: {number}{text[at:]}"


def _delete(text: str, model: int, key: str) -> str:
    holder = _mapping(text, model, ("rollout",))
    found = _find(holder, key)
    if found is None:
        return text
    key_start, _ = _span(text, found[0])
    _, value_end = _span(text, found[1])
    if not holder.flow_style:
        line_start, line_end = _line(text, value_end)
        if text[line_start:key_start].strip(" "):
            raise _OtherShape
        return text[:line_start] + text[min(line_end + 1, len(text)) :]
    place = holder.value.index(found)
    if place + 1 < len(holder.value):
        start, end = key_start, _span(text, holder.value[place + 1][0])[0]
    elif place:
        start, end = _span(text, holder.value[place - 1][1])[1], value_end
    else:
        raise _OtherShape
    if "#" in text[start:end]:
        raise _OtherShape
    return text[:start] + text[end:]


def _mapping(text: str, model: int, keys: tuple[str, ...]) -> yaml.MappingNode:
    models = _find(yaml.compose(text, Loader=yaml.CSafeLoader), "models")
    if models is None or not isinstance(models[1], yaml.SequenceNode):
        raise _OtherShape
    node: yaml.Node | None = models[1].value[model]
    for key in keys:
        found = _find(node, key)
        node = found[1] if found is not None else None
    if not isinstance(node, yaml.MappingNode):
        raise _OtherShape
    return node


def _find(node: yaml.Node | None, key: str) -> Pair | None:
    if not isinstance(node, yaml.MappingNode):
        raise _OtherShape
    return next((pair for pair in node.value if pair[0].value == key), None)


def _span(text: str, node: yaml.Node) -> tuple[int, int]:
    """Where a plain or quoted word begins and ends. Lines are counted as YAML 1.1 does; the result is read again."""
    if not isinstance(node, yaml.ScalarNode) and not isinstance(node.value, list):
        raise _OtherShape
    starts = [0]
    for line in text.split("\n")[:-1]:
        starts.append(starts[-1] + len(line) + 1)
    marks = node.start_mark, node.end_mark
    start, end = (starts[each.line] + each.column for each in marks)
    return start, end


def _line(text: str, at: int) -> tuple[int, int]:
    """From the first letter of a line to its line feed, or to the end of the text."""
    end = text.find("\n", at)
    return text.rfind("\n", 0, at) + 1, len(text) if end < 0 else end
