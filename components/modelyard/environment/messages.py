"""What pydantic found, as one plain sentence for whoever wrote the file."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from math import isfinite
from types import UnionType
from typing import Annotated, Any, Literal, Union, get_args, get_origin

from pydantic import Tag
from pydantic_core import ErrorDetails

from ..catalog.spelling import nearest
from .alternatives import is_tag
from .credential import credential, names_secret, shown
from .declaration import Declaration
from .known_name import look_alike, unknown
from .patterns import MEANING
from .secret import SecretReference
from .yaml_document import Steps

REFERENCE = "{config: <key>} or {aws_secrets_manager: <name>}"
_SECRET_FIELDS = frozenset(("config", "aws_secrets_manager", "kubeconfig", "env", "webhook_url"))
_ITEMS = {
    "models": "model",
    "graphs": "graph",
    "pipelines": "pipeline",
    "clusters": "cluster",
    "gpu_pools": "pool",
    "schedules": "schedule",
    "receivers": "receiver",
}
_KINDS = {
    "string_type": "text",
    "int_type": "a whole number",
    "int_from_float": "a whole number",
    "float_type": "a number",
    "decimal_type": "a number",
    "decimal_parsing": "a number",
    "finite_number": "a finite number",
    "bool_type": "true or false",
    "list_type": "a list",
    "dict_type": "a mapping of keys to values",
    "model_type": "a mapping of keys to values",
}
_BOUNDS = {
    "greater_than": ("more than", "gt"),
    "greater_than_equal": ("at least", "ge"),
    "less_than": ("less than", "lt"),
    "less_than_equal": ("at most", "le"),
}


def steps_of(error: ErrorDetails) -> Steps:
    """Where the error is in the file: its location without the tags of alternatives."""
    return tuple(step for step in error["loc"] if not is_tag(step) and step != "[key]")


def meant_steps(error: ErrorDetails, declaration: type[Declaration]) -> Steps | None:
    """For an unknown key that is a known one misspelt, where the known one would be: that one is not missing too."""
    if error["type"] != "extra_forbidden":
        return None
    owner, steps = _type_at(declaration, error["loc"][:-1]), steps_of(error)
    closest = nearest(str(steps[-1]), owner.model_fields) if _is_declaration(owner) else None
    return (*steps[:-1], closest) if closest else None


def sentence(error: ErrorDetails, declaration: type[Declaration], spelled: str | None) -> str:
    """The error as a sentence that follows the path: ``must be at least 1, not 0``.

    Args:
        error: of ``ValidationError.errors()``.
        declaration: what the whole file declares.
        spelled: the value as the file spells it, when it is a plain scalar: ``1.30``.
    """
    steps = steps_of(error)
    kind, value, context = error["type"], error["input"], error.get("ctx", {})
    if kind == "extra_forbidden":
        return _unknown_key(str(steps[-1]), _type_at(declaration, error["loc"][:-1]))
    if kind == "missing":
        choices = _choices(_type_at(declaration, error["loc"]))
        return f"is missing and has no default; add it{': one of ' + ', '.join(choices) if choices else ''}"
    if kind == "refused":
        return _without_value(error["msg"]) if is_secret(steps) else error["msg"]
    if kind == "value_error":
        return str(context["error"])
    if kind in _KINDS:
        return _wrong_type(kind, value, _type_at(declaration, error["loc"]), steps, spelled)
    is_key = error["loc"][-1:] == ("[key]",)
    value_shown = f"the key {shown(value)}" if is_key else "the value" if is_secret(steps) else shown(value)
    if kind == "decimal_max_places":
        return f"{value_shown} has more than {context['decimal_places']} decimal places; money ends at the cent"
    if kind == "literal_error":
        if is_key:
            return unknown("a known key", value, re.findall("'([^']*)'", context["expected"]))
        choices = _choices(_type_at(declaration, error["loc"]))
        return unknown("an allowed value", value, choices) if choices else f"{value_shown} is not allowed"
    if kind in _BOUNDS:
        words, name = _BOUNDS[kind]
        return f"must be {words} {float(context[name]):.10g}, not {value_shown}"
    if kind == "string_pattern_mismatch":
        form = MEANING.get(context["pattern"], "of the form " + context["pattern"])
        return f"{value_shown} must be {form}{'' if is_secret(steps) else look_alike(value)}"
    if kind == "string_too_long":
        return f"{value_shown} has {len(value)} characters; at most {context['max_length']} are allowed"
    if kind == "string_too_short":
        what = f"{value_shown} has {len(value)} characters" if value else "is empty"
        least = context["min_length"]
        return f"{what}; at least {least} {'is' if least == 1 else 'are'} needed" if value else f"{what}; write it"
    if kind == "too_short":
        least, held = context["min_length"], context["actual_length"]
        needed = f"at least {least} {'is' if least == 1 else 'are'} needed"
        if held:
            return f"holds {held} {'item' if held == 1 else 'items'}; {needed}"
        default = "" if _is_required(declaration, error["loc"]) else "; delete the key to have the default"
        return f"is an empty list; {needed}{default}"
    if kind == "too_long":
        return f"holds more items than the {context['max_length']} that are allowed"
    return f"{value_shown} is not valid ({kind.replace('_', ' ')})"


def is_secret(steps: Iterable[str | int]) -> bool:
    """Whether the value at ``steps`` may be a secret because of where it stands."""
    return any(isinstance(step, str) and (step in _SECRET_FIELDS or names_secret(step)) for step in steps)


def named(data: Any, steps: Steps) -> str:
    """`` (model 'tagging')``: the innermost named thing around ``steps``; empty when there is none, or it has no
    name yet, or the name itself is at fault."""
    found = ""
    for position, step in enumerate(steps):
        if isinstance(data, dict):
            data = data.get(step)
        elif isinstance(data, list) and isinstance(step, int) and step < len(data):
            data = data[step]
        else:
            break
        noun = _ITEMS.get(str(steps[position - 1])) if isinstance(step, int) and position else None
        if noun and isinstance(data, dict) and steps[position + 1 :] != ("name",):
            name = data.get("name")
            if isinstance(name, str) and len(name) <= 63 and not credential(name):
                found = f" ({noun} {name!r})"
    return found


def _unknown_key(key: str, owner: Any) -> str:
    fields = list(owner.model_fields) if _is_declaration(owner) else []
    homes = [
        name
        for name in fields
        if _is_declaration(inner := _bare(owner.model_fields[name].annotation)) and key in inner.model_fields
    ]
    if homes and not credential(key):
        return f"unknown key {shown(key)} here; it belongs under {' or '.join(homes)}"
    return unknown("a known key", key, fields) + look_alike(key)


def _wrong_type(kind: str, value: Any, expected: Any, steps: Steps, spelled: str | None) -> str:
    if expected is SecretReference:
        return f"must be a reference to a secret, {REFERENCE}, never the secret itself"
    wanted = _KINDS[kind]
    if value is None:
        return f"has no value; give it {wanted}, or delete the key"
    if is_secret(steps):
        return f"must be {wanted}"
    if kind == "string_type" and isinstance(value, bool | int | float):
        text = spelled if spelled is not None else shown(value)
        return f'must be text, not {text}; put it in quotes: "{text}"'
    hint = ""
    if isinstance(value, str) and kind in ("int_type", "float_type", "bool_type", "decimal_type"):
        hint = "; write it without quotes" if _spells(value, kind) else ""
    if kind == "list_type":
        hint = "; begin each item with '- '"
    return f"must be {wanted}, not {_as_written(value, spelled)}{hint}"


def _as_written(value: Any, spelled: str | None) -> str:
    """Of a number past what a computer counts to, the file says more than ``inf``."""
    if isinstance(value, float) and not isfinite(value) and spelled:
        return spelled if len(spelled) <= 40 else f"{spelled[:37]}..."
    return shown(value)


def _spells(text: str, kind: str) -> bool:
    if not text.isascii():
        return False
    if kind == "bool_type":
        return text.lower() in ("true", "false")
    return text.strip().replace(".", "", 1).lstrip("+-").isdigit()


def _without_value(text: str) -> str:
    return text if text.startswith("must be") else "is not valid"


def _choices(annotation: Any) -> list[str]:
    bare = _bare(annotation)
    return [str(choice) for choice in get_args(bare)] if get_origin(bare) is Literal else []


def _type_at(declaration: type[Declaration], location: Iterable[str | int]) -> Any:
    """The type that stands at a pydantic location, tags included; None where that cannot be told."""
    current: Any = declaration
    for step in location:
        if step == "[key]":
            return current
        if is_tag(step):
            current = _tagged(current, str(step))
            continue
        current = _bare(current)
        if _is_declaration(current):
            field = current.model_fields.get(str(step))
            current = field.annotation if field else None
        elif get_origin(current) in (list, dict):
            current = get_args(current)[-1]
        elif get_origin(current) is tuple:
            current = get_args(current)[0]
        else:
            return None
    return current if get_origin(_bare(current)) in (Union, UnionType) else _bare(current)


def _is_required(declaration: type[Declaration], location: Sequence[str | int]) -> bool:
    owner = _type_at(declaration, location[:-1])
    field = owner.model_fields.get(str(location[-1])) if _is_declaration(owner) else None
    return field is None or field.is_required()


def _bare(annotation: Any) -> Any:
    """Without ``Annotated`` and ``| None``."""
    while True:
        if get_origin(annotation) is Annotated:
            annotation = get_args(annotation)[0]
        elif get_origin(annotation) in (Union, UnionType):
            rest = [choice for choice in get_args(annotation) if choice is not type(None)]
            if len(rest) != 1:
                return annotation
            annotation = rest[0]
        else:
            return annotation


def _tagged(annotation: Any, tag: str) -> Any:
    for choice in get_args(_bare(annotation)):
        if get_origin(choice) is Annotated and any(isinstance(m, Tag) and m.tag == tag for m in get_args(choice)[1:]):
            return get_args(choice)[0]
    return None


def _is_declaration(annotation: Any) -> bool:
    return isinstance(annotation, type) and issubclass(annotation, Declaration)
