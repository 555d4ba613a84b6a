"""Rules between the fields of one declaration, also where another of its fields is wrong.

pydantic runs such a rule only when every field of the declaration is right. Here the rules see what there is, so that
``min_nodes`` above ``max_nodes`` is told together with the misspelt key beside it.
"""

from __future__ import annotations

from types import UnionType
from typing import Annotated, Any, Union, get_args, get_origin

from .declaration import Declaration
from .yaml_document import Steps


def broken_rules(declaration: type[Declaration], data: Any) -> list[tuple[Steps, str]]:
    """Where, and the sentence, of every rule that the data break. Rules that a wrong type keeps from being judged
    are passed over."""
    found: list[tuple[Steps, str]] = []
    _stand_in(declaration, data, (), found)
    return found


def _stand_in(annotation: Any, data: Any, steps: Steps, found: list[tuple[Steps, str]]) -> Any:
    """The data as far as possible as the declaration that they should be."""
    if isinstance(data, list):
        items = [choice for choice in _choices(annotation) if get_origin(choice) is list]
        inner = get_args(items[0])[0] if items else None
        return [_stand_in(inner, item, (*steps, position), found) for position, item in enumerate(data)]
    if not isinstance(data, dict):
        return data
    declarations = [
        choice for choice in _choices(annotation) if isinstance(choice, type) and issubclass(choice, Declaration)
    ]
    if not declarations:
        return data
    declaration = max(declarations, key=lambda each: len(each.model_fields.keys() & data.keys()))
    values = {
        name: _stand_in(field.annotation, data[name], (*steps, name), found)
        for name, field in declaration.model_fields.items()
        if name in data
    }
    stand_in = declaration.model_construct(**values)
    for name, rule in declaration.__pydantic_decorators__.model_validators.items():
        if rule.info.mode == "after":
            try:
                getattr(stand_in, name)()
            except ValueError as error:
                found.append((steps, str(error)))
            except (TypeError, AttributeError):
                continue
    return stand_in


def _choices(annotation: Any) -> list[Any]:
    if get_origin(annotation) is Annotated:
        return _choices(get_args(annotation)[0])
    if get_origin(annotation) in (Union, UnionType):
        return [found for choice in get_args(annotation) for found in _choices(choice)]
    return [annotation]
