"""Python models, read and never run: what Triton's Python backend looks for in them."""

from __future__ import annotations

import ast
import re
import sys
import warnings
from collections.abc import Iterator
from pathlib import Path

from ...environment.yaml_document import Steps
from ..repository import RepositoryFile, RepositoryModel
from .artefacts import main_files
from .backend_name import backend_name
from .fault import Fault
from .version_policy import loaded

_CLASS = "TritonPythonModel"
_COMPLETES = "auto_complete_config"
_LARGEST_BYTES = 4 * 1024 * 1024
_WRITES_NAMES = ("exec", "eval", "globals", "vars", "setattr", "__getattr__")
"""Whoever uses one of these may define anything."""
_NEWER_SYNTAX = re.compile(r"""[fFtT][rR]?["']|\btype\s+\w+|\b(?:def|class)\s+\w+\s*\[|\bexcept\b""")
"""Lines on which Python versions after the one that runs here allow more (PEP 695, 701, 750, 758)."""
_NEWEST_KNOWN = (3, 14)
_UNREADABLE = (SyntaxError, ValueError, RecursionError, MemoryError)


def faults(model: RepositoryModel) -> Iterator[Fault]:
    """triton-inference-server/python_backend README.md, Usage: a class TritonPythonModel with execute(self, requests).

    What only running would tell is not judged: a class that is imported, inherited or made by a decorator.
    """
    has_tensors = bool(model.config.input or model.config.output)
    for file in _files(model):
        for message in _file(_source(file), has_tensors):
            where: Steps = ("default_model_filename",) if model.config.default_model_filename else ()
            yield Fault(model.name, where, f"{file.key.partition('/')[2]} of model {model.name!r} {message}")


def may_complete(model: RepositoryModel) -> bool:
    """Whether the code may tell the server tensors that the configuration leaves out."""
    for file in _files(model):
        try:
            tree = _parsed(_source(file))
        except _UNREADABLE:
            return True
        found = _definition(tree)
        if not isinstance(found, ast.ClassDef) or _is_opaque(found) or _binds(found, _COMPLETES):
            return True
    return False


def _files(model: RepositoryModel) -> list[RepositoryFile]:
    """What the Python backend opens."""
    if backend_name(model) != "python":
        return []
    names = main_files(model)
    wanted = {f"{model.name}/{version}/{name}" for version in loaded(model) for name in names}
    return [file for file in model.files if file.key in wanted and 0 < file.size <= _LARGEST_BYTES]


def _source(file: RepositoryFile) -> bytes:
    return file.text.encode("utf-8") if file.text is not None else Path(str(file.path)).read_bytes()


def _parsed(source: bytes) -> ast.Module:
    with warnings.catch_warnings():
        # What Python warns of in the user's code is not ours to print.
        warnings.simplefilter("ignore")
        return ast.parse(source)


def _file(source: bytes, has_tensors: bool) -> Iterator[str]:
    try:
        tree = _parsed(source)
    except _UNREADABLE as error:
        line = getattr(error, "lineno", None) or 1
        if not _may_be_newer(source, line):
            reason = getattr(error, "msg", None) or str(error) or "it is nested too deeply"
            yield f"is no Python: line {line}: {reason}; correct it"
        return
    found = _definition(tree)
    if found is None:
        names = [node.name for node in tree.body if isinstance(node, ast.ClassDef)]
        there = f"; name the class {names[0]} so" if names else "; add it"
        yield f"has no class {_CLASS}, of which the Python backend makes its instances{there}"
        return
    if not isinstance(found, ast.ClassDef) or _is_opaque(found):
        return
    if not _binds(found, "execute"):
        yield f"has a {_CLASS} without execute(self, requests), which answers every request; add it"
    for node in found.body:
        is_function = isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)
        if is_function and node.name == "execute" and not _takes_requests(node):
            yield f"has an execute in line {node.lineno} that does not take the requests; write execute(self, requests)"
    if not has_tensors and not _binds(found, _COMPLETES):
        yield f"has no {_COMPLETES}, and the configuration no inputs and no outputs; declare them"


def _definition(tree: ast.Module) -> ast.AST | None:
    """Whatever binds the class's name last; the module, where that cannot be told."""
    names = {node.id for node in ast.walk(tree) if isinstance(node, ast.Name)}
    changed = any(
        isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name) and node.value.id == _CLASS
        for node in ast.walk(tree)
        if isinstance(getattr(node, "ctx", None), ast.Store)
    )
    if changed or names & set(_WRITES_NAMES) or any("__getattr__" in _bound(node) for node in tree.body):
        return tree
    found: ast.AST | None = None
    for node in tree.body:
        if isinstance(node, ast.ClassDef) and node.name == _CLASS:
            found = node
        elif isinstance(node, ast.If | ast.Try | ast.With | ast.For | ast.While | ast.Match):
            inner = [child for child in ast.walk(node) if isinstance(child, ast.stmt) and child is not node]
            if any({_CLASS, "*"} & _bound(child) for child in inner):
                found = node
        elif {_CLASS, "*"} & _bound(node):
            found = node
    return found


def _is_opaque(found: ast.ClassDef) -> bool:
    """Whether the class may have more than its body says."""
    inherits = any(not (isinstance(base, ast.Name) and base.id == "object") for base in found.bases)
    return bool(inherits or found.decorator_list or found.keywords)


def _binds(found: ast.ClassDef, name: str) -> bool:
    """Whether the class body binds ``name``, in whatever way."""
    inner = [child for node in found.body for child in ast.walk(node) if isinstance(child, ast.stmt)]
    return any(name in _bound(node) for node in inner)


def _bound(node: ast.stmt) -> set[str]:
    if isinstance(node, ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef):
        return {node.name}
    if isinstance(node, ast.Import | ast.ImportFrom):
        return {(alias.asname or alias.name).split(".")[0] for alias in node.names}
    return {child.id for child in ast.walk(node) if isinstance(child, ast.Name) and isinstance(child.ctx, ast.Store)}


def _takes_requests(node: ast.FunctionDef | ast.AsyncFunctionDef) -> bool:
    if node.decorator_list:
        return True
    arguments = node.args
    positional = len(arguments.posonlyargs) + len(arguments.args)
    required = positional - len(arguments.defaults)
    needs_keyword = any(default is None for default in arguments.kw_defaults)
    return required <= 2 and (positional >= 2 or arguments.vararg is not None) and not needs_keyword


def _may_be_newer(source: bytes, line: int) -> bool:
    """Whether the line may be right for the server's Python, which is newer than this one."""
    if sys.version_info >= _NEWEST_KNOWN:
        return False
    lines = source.decode("utf-8", "replace").splitlines()
    return any(_NEWER_SYNTAX.search(each) for each in lines[max(line - 2, 0) : line + 1])
