"""Python models, read and never run: what Triton's Python backend looks for in them."""

from __future__ import annotations

import ast
import re
import sys
from collections.abc import Iterator
from pathlib import Path

from ...environment.yaml_document import Steps
from ..repository import RepositoryFile, RepositoryModel
from .artefacts import main_files
from .fault import Fault
from .version_policy import loaded

_CLASS = "TritonPythonModel"
_LARGEST_BYTES = 4 * 1024 * 1024
_NEWER_SYNTAX = re.compile(r"""[fFtT][rR]?["']|\btype\s+\w+|\b(?:def|class)\s+\w+\s*\[|\bexcept\b""")
"""Lines on which Python versions after the one that runs here allow more (PEP 695, 701, 750, 758)."""
_NEWEST_KNOWN = (3, 14)


def faults(model: RepositoryModel) -> Iterator[Fault]:
    """triton-inference-server/python_backend README.md, Usage: a class TritonPythonModel with execute(self, requests).

    What only running would tell is not judged: a class that is imported, inherited or made by a decorator.
    """
    if model.config.backend != "python":
        return
    names = main_files(model)
    wanted = {f"{model.name}/{version}/{name}" for version in loaded(model) for name in names}
    for file in model.files:
        if file.key in wanted and 0 < file.size <= _LARGEST_BYTES:
            for message in _file(file, bool(model.config.output)):
                where: Steps = ("default_model_filename",) if model.config.default_model_filename else ()
                yield Fault(model.name, where, f"{file.key.partition('/')[2]} of model {model.name!r} {message}")


def _file(file: RepositoryFile, has_outputs: bool) -> Iterator[str]:
    source: str | bytes = file.text if file.text is not None else Path(str(file.path)).read_bytes()
    try:
        tree = ast.parse(source)
    except (SyntaxError, ValueError) as error:
        line = getattr(error, "lineno", None) or 1
        if not _may_be_newer(source, line):
            reason = getattr(error, "msg", None) or str(error)
            yield f"is no Python: line {line}: {reason}; correct it"
        return
    found = _definition(tree.body)
    if found is None:
        names = [node.name for node in tree.body if isinstance(node, ast.ClassDef)]
        there = f"; it has the class {names[0]}" if names else ""
        yield f"defines no class {_CLASS}, which the Python backend makes its instances from{there}: name it so"
        return
    if not isinstance(found, ast.ClassDef) or found.decorator_list or found.keywords or _inherits(found):
        return
    if not _binds(found, "execute"):
        yield f"has a {_CLASS} without execute(self, requests), which answers every request; add it"
    for node in found.body:
        is_function = isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)
        if is_function and node.name == "execute" and not _takes_two(node):
            yield f"has an execute in line {node.lineno} that does not take the requests; write execute(self, requests)"
    if not has_outputs and not _binds(found, "auto_complete_config"):
        yield "has no auto_complete_config, and the configuration no outputs; declare the outputs"


def _binds(found: ast.ClassDef, name: str) -> bool:
    """Whether the class body binds ``name``, in whatever way."""
    return any(name in _bound(node) for node in found.body)


def _definition(body: list[ast.stmt]) -> ast.AST | None:
    """Whatever binds the class's name last, also inside if and try; a star import may."""
    found: ast.AST | None = None
    for node in body:
        if isinstance(node, ast.ClassDef) and node.name == _CLASS:
            found = node
        elif isinstance(node, ast.If | ast.Try | ast.With | ast.For | ast.While):
            inner = [child for child in ast.walk(node) if isinstance(child, ast.stmt) and child is not node]
            if any(_CLASS in _bound(child) for child in inner):
                found = node
        elif _CLASS in _bound(node) or "*" in _bound(node):
            found = node
    return found


def _bound(node: ast.stmt) -> set[str]:
    if isinstance(node, ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef):
        return {node.name}
    if isinstance(node, ast.Import | ast.ImportFrom):
        return {(alias.asname or alias.name).split(".")[0] for alias in node.names}
    return {child.id for child in ast.walk(node) if isinstance(child, ast.Name) and isinstance(child.ctx, ast.Store)}


def _inherits(found: ast.ClassDef) -> bool:
    return any(not (isinstance(base, ast.Name) and base.id == "object") for base in found.bases)


def _takes_two(node: ast.FunctionDef | ast.AsyncFunctionDef) -> bool:
    if node.decorator_list:
        return True
    arguments = node.args
    positional = len(arguments.posonlyargs) + len(arguments.args)
    required = positional - len(arguments.defaults)
    keyword_only = [
        name for name, value in zip(arguments.kwonlyargs, arguments.kw_defaults, strict=True) if value is None
    ]
    return required <= 2 and (positional >= 2 or arguments.vararg is not None) and not keyword_only


def _may_be_newer(source: str | bytes, line: int) -> bool:
    """Whether the line may be right for the server's Python, which is newer than this one."""
    if sys.version_info >= _NEWEST_KNOWN:
        return False
    text = source if isinstance(source, str) else source.decode("utf-8", "replace")
    lines = text.splitlines()
    return any(_NEWER_SYNTAX.search(each) for each in lines[max(line - 2, 0) : line + 1])
