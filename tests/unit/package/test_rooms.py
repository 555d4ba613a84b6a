"""Rooms of the package import one another in one direction alone."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from graphlib import TopologicalSorter
from pathlib import Path

import modelyard

ROOT = Path(modelyard.__file__).parent
ORDER = ("environment", "sizing", "repository", "resolve", "serving", "platform", "review", "cli")


def imported(file: Path) -> Iterator[str]:
    """Rooms that a file imports from, wherever in it."""
    folders = file.relative_to(ROOT).parts[:-1]
    for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
        if isinstance(node, ast.ImportFrom):
            around = folders[: len(folders) - node.level + 1] if node.level else ()
            named = (node.module or "").split(".") if node.module else []
            path = [*around, *named] if node.level else named[1:] if named[0] == "modelyard" else []
            yield from [path[0]] if path else [each.name for each in node.names if node.level]
        elif isinstance(node, ast.Import):
            yield from (each.name.split(".")[1] for each in node.names if each.name.startswith("modelyard."))


def rooms() -> dict[str, set[str]]:
    """By room, those that it imports from."""
    found: dict[str, set[str]] = {}
    for file in ROOT.rglob("*.py"):
        own = file.relative_to(ROOT).parts[0].removesuffix(".py")
        if own != "__init__":
            found.setdefault(own, set()).update(room for room in imported(file) if room != own)
    return found


def test_rooms_stand_in_one_line() -> None:
    """A cycle cannot be sorted; what is declared never asks what is made of it."""
    found = rooms()
    sorted_rooms = list(TopologicalSorter(found).static_order())
    assert set(ORDER) <= set(sorted_rooms)
    for place, room in enumerate(ORDER):
        assert not found[room] & set(ORDER[place + 1 :]), room
