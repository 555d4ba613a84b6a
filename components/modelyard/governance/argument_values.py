"""Whether the values of a component's arguments are of the kinds that its TypedDict says.

Declarations are held by pydantic; what only components take (ids, names, ARNs) is held here, so that a resource in
place of its id is one sentence before anything is made, and no failure of the SDK's in the middle of it.
"""

from __future__ import annotations

import inspect
from collections.abc import Awaitable, Collection, Iterator, Mapping, Sequence
from functools import lru_cache
from math import isfinite
from types import UnionType
from typing import Any, Union, get_args, get_origin, get_type_hints, is_typeddict

import pulumi

from ..environment.credential import shown
from ..environment.environment import shown_path
from ..environment.messages import is_secret
from ..environment.problem import Problem

_Steps = tuple[str | int, ...]
_PLAIN = {str: "text", bool: "true or false", int: "a whole number", float: "a number"}


def value_problems(
    args: Mapping[str, Any], args_type: type, component: str, declared: Collection[str]
) -> list[Problem]:
    """What does not fit; of ``declared`` keys, whose values a declaration is asked about, Outputs where none may be.

    None counts as not given where text or an Output may stand, as in the SDKs of clouds.

    Args:
        args: what the user gave.
        args_type: the component's TypedDict.
        component: type and name of the component, for example ``GpuNodePool l4``.
        declared: keys of the declaration that the arguments mirror.
    """
    hints = _hints(args_type)
    required = getattr(args_type, "__required_keys__", frozenset())
    found: list[tuple[_Steps, str]] = []
    for key, value in args.items():
        if key not in hints:
            continue
        if key in declared and not _takes_outputs(hints[key]):
            found += _unknown_values(value, hints[key], (key,))
        elif value is not None:
            found += _misfits(value, hints[key], (key,), required=key in required)
        elif key in required:
            found.append(((key,), "is missing and has no default; add it"))
        elif _kind(hints[key]) is not str and not _takes_outputs(hints[key]) and not _takes_none(hints[key]):
            found.append(((key,), f"has no value; give it {_words(hints[key])}, or delete the key"))
    return [Problem(component, shown_path(steps), text) for steps, text in found]


@lru_cache(maxsize=256)
def _hints(args_type: type) -> dict[str, Any]:
    """``pulumi.Input`` names its Output by text, which only the SDK's own module could resolve."""
    return get_type_hints(args_type, localns={"Output": pulumi.Output, "T": Any})


def _misfits(value: Any, hint: Any, steps: _Steps, *, required: bool = False) -> Iterator[tuple[_Steps, str]]:
    kind, outputs = _kind(hint), _takes_outputs(hint)
    if _is_output(value):
        if not outputs:
            yield steps, _beforehand(hint)
    elif is_typeddict(kind):
        if not isinstance(value, Mapping):
            yield steps, _wrong(value, hint, steps)
            return
        for key, inner in value.items():
            if key in _hints(kind) and inner is not None:
                yield from _misfits(inner, _hints(kind)[key], (*steps, key))
    elif get_origin(kind) is Sequence or kind is list or get_origin(kind) is list:
        if not isinstance(value, list | tuple):
            yield steps, _wrong(value, hint, steps)
            return
        for position, inner in enumerate(value):
            yield from _misfits(inner, get_args(kind)[0], (*steps, position))
    elif get_origin(kind) is Mapping:
        if not isinstance(value, Mapping):
            yield steps, _wrong(value, hint, steps)
            return
        for key, inner in value.items():
            if not isinstance(key, str):
                yield steps, f"the key {shown(key)} must be text"
            else:
                yield from _misfits(inner, get_args(kind)[1], (*steps, key))
    elif kind in _PLAIN:
        if not _fits(value, kind):
            yield steps, _wrong(value, hint, steps)
        elif value == "" and (outputs or required):
            yield steps, "is empty; write it" if required else "is empty; write it, or delete the key"


def _unknown_values(value: Any, hint: Any, steps: _Steps) -> Iterator[tuple[_Steps, str]]:
    """Outputs in what decides which resources there are."""
    if _is_output(value):
        if not _takes_outputs(hint):
            yield steps, _beforehand(hint)
        return
    kind = _kind(hint)
    if isinstance(value, Mapping):
        for key, inner in value.items():
            known = _hints(kind).get(key) if is_typeddict(kind) else (get_args(kind) or (None,))[-1]
            if known is not None:
                yield from _unknown_values(inner, known, (*steps, str(key)))
    elif isinstance(value, list | tuple) and get_args(kind):
        for position, inner in enumerate(value):
            yield from _unknown_values(inner, get_args(kind)[0], (*steps, position))


def _is_output(value: Any) -> bool:
    return isinstance(value, pulumi.Output) or inspect.isawaitable(value)


def _beforehand(hint: Any) -> str:
    return (
        f"must be {_words(hint)} that the program knows beforehand, not an Output; write it, or read it from the "
        "stack's config"
    )


def _wrong(value: Any, hint: Any, steps: _Steps) -> str:
    wanted = _words(hint) + (" or an Output of it" if _takes_outputs(hint) else "")
    if isinstance(value, pulumi.Resource):
        return f"must be {wanted}, not a resource; give its name, id or ARN"
    if is_secret(steps):
        return f"must be {wanted}"
    said = shown(value) if isinstance(value, str | int | float | list | tuple | dict) or value is None else None
    return f"must be {wanted}, not {said or type(value).__name__}"


def _fits(value: Any, kind: Any) -> bool:
    """Other languages hand every number over as a float."""
    if kind in (str, bool):
        return isinstance(value, kind)
    number = isinstance(value, int | float) and not isinstance(value, bool) and isfinite(value)
    return number and (kind is float or float(value).is_integer())


def _alternatives(hint: Any) -> tuple[Any, ...]:
    return get_args(hint) if get_origin(hint) in (Union, UnionType) else (hint,)


def _kind(hint: Any) -> Any:
    """What stands there when it is known: neither Output nor None."""
    plain = [one for one in _alternatives(hint) if _origin(one) not in (pulumi.Output, Awaitable, type(None))]
    return plain[0] if len(plain) == 1 else Any


def _takes_outputs(hint: Any) -> bool:
    return any(_origin(one) is pulumi.Output for one in _alternatives(hint))


def _takes_none(hint: Any) -> bool:
    return type(None) in _alternatives(hint)


def _origin(hint: Any) -> Any:
    return get_origin(hint) or hint


def _words(hint: Any) -> str:
    kind = _kind(hint)
    if kind in _PLAIN:
        return _PLAIN[kind]
    return "a list" if _origin(kind) in (Sequence, list) else "a mapping of keys to values"
