"""A component's plain arguments, held to the same rules as the declaration that they mirror.

Whoever imports one component gets the sentences that a whole environment would give.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import Any, TypeVar

from pydantic import ValidationError

from ..environment.credential import shown
from ..environment.declaration import Declaration
from ..environment.environment import shown_path
from ..environment.known_name import unknown
from ..environment.messages import sentence, steps_of
from ..environment.problem import InvalidEnvironment, Problem
from .argument_values import value_problems
from .ownership import InvalidOwnership, Ownership

Declared = TypeVar("Declared", bound=Declaration)


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
    problems = key_problems(args, args_type, component, declared=model.model_fields)
    if not isinstance(args, Mapping):
        raise InvalidEnvironment(problems)
    said = {problem.path for problem in problems}
    declared = None
    try:
        declared = model.model_validate({key: _as_declared(args[key]) for key in model.model_fields if key in args})
    except ValidationError as error:
        problems += [
            Problem(component, shown_path(steps_of(one)), sentence(one, model, None))
            for one in error.errors()
            if (one["type"] != "missing" or len(one["loc"]) > 1) and shown_path(steps_of(one)) not in said
        ]
    if problems or declared is None:
        raise InvalidEnvironment(problems)
    return declared


def _as_declared(value: Any) -> Any:
    """As a file would give it: other languages hand every number over as a float, and Python has tuples."""
    if isinstance(value, float) and value.is_integer():
        return int(value)
    if isinstance(value, Mapping):
        return {key: _as_declared(inner) for key, inner in value.items()}
    if isinstance(value, list | tuple):
        return [_as_declared(inner) for inner in value]
    return value


def check_keys(args: Mapping[str, Any], args_type: type, component: str) -> None:
    """For components that mirror no declaration.

    Raises:
        InvalidEnvironment: a key is unknown or missing, or a value is wrong; all of them at once.
    """
    problems = key_problems(args, args_type, component)
    if problems:
        raise InvalidEnvironment(problems)


def key_problems(
    args: Mapping[str, Any], args_type: type, component: str, declared: Collection[str] = ()
) -> list[Problem]:
    """Keys that the component does not take, with the nearest that it does, those that it cannot do without, and
    values that are not of the kind that the arguments say; those of ``declared`` keys are left to the declaration."""
    if not isinstance(args, Mapping):
        return [Problem(component, "", f"its arguments must be a mapping of keys to values, not {shown(args)}")]
    known = list(args_type.__annotations__)
    required = getattr(args_type, "__required_keys__", frozenset())
    problems = [
        *(Problem(component, str(key), unknown("an argument", str(key), known)) for key in args if key not in known),
        *(
            Problem(component, key, "is missing and has no default; add it")
            for key in known
            if key in required and key not in args
        ),
        *value_problems(args, args_type, component, declared),
    ]
    owned = "ownership" in known and args.get("ownership") is not None
    if owned and not any(problem.path.startswith("ownership") for problem in problems):
        problems += _ownership_problems(args["ownership"], component)
    return problems


def _ownership_problems(ownership: Any, component: str) -> list[Problem]:
    try:
        Ownership.of(ownership)
    except InvalidOwnership as error:
        path, _, text = str(error).partition(": ")
        return [Problem(component, path, text)]
    return []
