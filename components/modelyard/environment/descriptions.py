"""What the fields of a declaration mean: the strings below them, read from the source when somebody asks."""

from __future__ import annotations

import ast
import inspect
from functools import cache
from textwrap import dedent

from .declaration import Declaration


@cache
def descriptions(declaration: type[Declaration]) -> dict[str, str]:
    """Field name to description, for the fields that have one, inherited fields included."""
    found: dict[str, str] = {}
    for ancestor in reversed(declaration.__mro__):
        if issubclass(ancestor, Declaration) and ancestor is not Declaration:
            found.update(_own(ancestor))
    return found


def _own(declaration: type[Declaration]) -> dict[str, str]:
    (definition,) = ast.parse(dedent(inspect.getsource(declaration))).body
    if not isinstance(definition, ast.ClassDef):
        return {}
    found: dict[str, str] = {}
    for statement, following in zip(definition.body, definition.body[1:], strict=False):
        if not (isinstance(statement, ast.AnnAssign) and isinstance(statement.target, ast.Name)):
            continue
        if isinstance(following, ast.Expr) and isinstance(following.value, ast.Constant):
            text = following.value.value
            if isinstance(text, str) and statement.target.id in declaration.model_fields:
                found[statement.target.id] = inspect.cleandoc(text)
    return found
