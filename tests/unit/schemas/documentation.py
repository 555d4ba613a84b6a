"""The programs in an SDK's own documentation, as resource types and inputs."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from typing import Any

from modelyard.graph import UNKNOWN
from modelyard.offline.schemas.sdk import Sdk, Shape


def documented_inputs(sdk: Sdk) -> Iterator[tuple[str, dict[str, Any]]]:
    """Each resource that an example declares; what is no literal there is unknown."""
    tokens = {_class_path(token): token for token in sdk.resources}
    for resource in sdk.resources.values():
        for example in resource.examples:
            try:
                tree = ast.parse(example)
            except SyntaxError:
                continue
            for call in (n for n in ast.walk(tree) if isinstance(n, ast.Call)):
                token = tokens.get(_dotted(call.func).removeprefix("aws."))
                if token is not None:
                    given = {k.arg: k.value for k in call.keywords if k.arg and k.arg != "opts"}
                    yield token, _object(given, sdk.resources[token].inputs, sdk)


def _class_path(token: str) -> str:
    _, module, name = token.split(":")
    return f"{module.split('/')[0]}.{name}"


def _object(given: dict[str, ast.expr], shape: Shape, sdk: Sdk) -> dict[str, Any]:
    names = {n.lower(): n for n in shape.properties}
    found = {}
    for key, node in given.items():
        name = names.get(key.replace("_", "").lower(), key)
        found[name] = _value(node, shape.properties.get(name, "any"), sdk)
    return found


def _value(node: ast.expr, expression: str, sdk: Sdk) -> Any:
    if isinstance(node, ast.List) and expression.startswith("["):
        return [_value(item, expression[1:-1], sdk) for item in node.elts]
    if isinstance(node, ast.Dict):
        keys = {str(k.value): v for k, v in zip(node.keys, node.values, strict=True) if isinstance(k, ast.Constant)}
        if len(keys) < len(node.keys):
            return UNKNOWN
        if expression.startswith("@") and "|" not in expression:
            return _object(keys, sdk.types[expression[1:]], sdk)
        values = expression[1:-1] if expression.startswith("{") else "any"
        return {k: _value(v, values, sdk) for k, v in keys.items()}
    try:
        return ast.literal_eval(node)
    except ValueError:
        return UNKNOWN


def _dotted(node: ast.expr) -> str:
    if isinstance(node, ast.Attribute):
        return f"{_dotted(node.value)}.{node.attr}"
    return node.id if isinstance(node, ast.Name) else ""
