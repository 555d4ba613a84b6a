"""A component's plain arguments, held to the same rules as the declaration that they mirror.

Whoever imports one component gets the errors that a whole environment would give.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from difflib import get_close_matches
from typing import Any, TypeVar

from pydantic import BaseModel, ValidationError

from ..environment.problem import InvalidEnvironment, Problem

Declared = TypeVar("Declared", bound=BaseModel)


def read_arguments(model: type[Declared], args: Mapping[str, Any], args_type: type, component: str) -> Declared:
    """The declaration in a component's arguments; keys that the declaration lacks are the component's own.

    Args:
        model: the declaration, for example ``GpuPool``.
        args: what the user gave.
        args_type: the component's TypedDict, which knows all its keys.
        component: type and name of the component, for example ``GpuNodePool l4``.

    Raises:
        InvalidEnvironment: a key is unknown or missing, or a value is wrong; all of them at once.
    """
    problems = [*unknown_keys(args, args_type, component), *missing_keys(args, args_type, component)]
    try:
        declared = model.model_validate({key: args[key] for key in model.model_fields if key in args})
    except ValidationError as error:
        problems.extend(_problem(one, component) for one in error.errors())
        declared = None
    if problems or declared is None:
        raise InvalidEnvironment(problems)
    return declared


def unknown_keys(args: Mapping[str, Any], args_type: type, component: str) -> Iterable[Problem]:
    """Keys that the component does not take, each with the nearest that it does."""
    known = [*args_type.__annotations__]
    for key in args:
        if key not in known:
            near = get_close_matches(str(key), known, n=1)
            hint = f"; did you mean {near[0]!r}?" if near else f"; allowed are {', '.join(known)}"
            yield Problem(component, str(key), f"unknown argument{hint}")


def missing_keys(args: Mapping[str, Any], args_type: type, component: str) -> Iterable[Problem]:
    """Keys that the component cannot do without."""
    required = getattr(args_type, "__required_keys__", frozenset())
    for key in args_type.__annotations__:
        if key in required and key not in args:
            yield Problem(component, key, "is missing")


def _problem(error: Mapping[str, Any], component: str) -> Problem:
    path = ""
    for part in error["loc"]:
        path += f"[{part}]" if isinstance(part, int) else f".{part}" if path else str(part)
    said = str(error["msg"]).removeprefix("Value error, ")
    value = "" if error["type"] in ("missing", "value_error") else f", not {error['input']!r}"
    return Problem(component, path, said[:1].lower() + said[1:] + value)
