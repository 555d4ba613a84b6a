"""JSON files that lie beside a model: what is wrong with one, in the words of the YAML files."""

from __future__ import annotations

from collections.abc import Iterator

from pydantic import ValidationError

from .declaration import Declaration
from .environment import shown_path
from .messages import meant_steps, sentence, steps_of
from .problem import Problem


def json_problems(file: str, invalid: ValidationError, declaration: type[Declaration]) -> Iterator[Problem]:
    """A problem for each mistake, once.

    Args:
        file: as errors name it.
        invalid: of ``declaration.model_validate_json``, where the content is JSON.
        declaration: what the whole file declares.
    """
    errors = invalid.errors(include_url=False)
    places = [steps_of(error) for error in errors]
    meant = {steps for error in errors if (steps := meant_steps(error, declaration))}
    for error, steps in zip(errors, places, strict=True):
        if error["type"] == "missing" and steps in meant:
            continue  # It is there, misspelt, and that is said.
        if error["type"] == "too_short" and any(other[: len(steps)] == steps != other for other in places):
            continue  # pydantic counts only the items without mistakes.
        yield Problem(file, shown_path(steps), sentence(error, declaration, None))
