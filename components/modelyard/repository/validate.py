"""``model.yaml`` as declarations, with every mistake in it."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any, TypeVar

from pydantic import ValidationError

from ..environment.coherence import broken_rules
from ..environment.credential import credential, names_secret
from ..environment.declaration import Declaration
from ..environment.known_name import unknown
from ..environment.messages import meant_steps, sentence, steps_of
from ..environment.yaml_document import Steps
from .declared.formats import FORMATS, declaration_of
from .declared.model import ModelDeclaration
from .declared.reference import ReferencedModel

Declared = TypeVar("Declared", bound=Declaration)
Spelled = Callable[[Steps], str | None]
"""A plain scalar as the file spells it."""


@dataclass(slots=True)
class Validated:
    """What a file declares, as far as it is right."""

    model: ModelDeclaration | None = None
    composing: list[tuple[int, ModelDeclaration | ReferencedModel]] = field(default_factory=list)
    """Each with its position under ``models``."""
    problems: list[tuple[Steps, str]] = field(default_factory=list)


def validated(data: dict[str, Any], spelled: Spelled) -> Validated:
    """The declarations of one file. Nothing that may be a secret is in a problem."""
    found = Validated()
    secrets = dict(_secrets(data))
    found.problems.extend(secrets.items())
    models = data.get("models", [])
    own = {key: value for key, value in data.items() if key != "models"}
    found.model = _model(own, (), found.problems, secrets, spelled)
    if not isinstance(models, list):
        found.problems.append((("models",), "must be a list of models; begin each item with '- '"))
        return found
    for position, item in enumerate(models):
        at: Steps = ("models", position)
        if not isinstance(item, dict):
            found.problems.append((at, "must be a model: a mapping of keys to values"))
            continue
        if "models" in item:
            sentence_ = "composing models do not hold others; write them all under the file's own models"
            found.problems.append(((*at, "models"), sentence_))
            continue
        if not isinstance(item.get("name"), str):
            found.problems.append(((*at, "name"), "is missing and has no default; the steps name the model by it"))
            continue
        composing: ModelDeclaration | ReferencedModel | None
        if "format" not in item and item.keys() <= ReferencedModel.model_fields.keys():
            composing = _declaration(ReferencedModel, item, at, found.problems, secrets, spelled)
        else:
            composing = _model(item, at, found.problems, secrets, spelled)
        if composing is not None:
            found.composing.append((position, composing))
    return found


def _model(
    data: dict[str, Any], at: Steps, problems: list[tuple[Steps, str]], secrets: dict[Steps, str], spelled: Spelled
) -> ModelDeclaration | None:
    format = data.get("format")
    if not isinstance(format, str) or format not in FORMATS:
        if format is None:
            message = f"is missing and has no default; add it: one of {', '.join(FORMATS)}"
        else:
            message = unknown("a known format", format, FORMATS)
        problems.append(((*at, "format"), message))
        return None
    return _declaration(declaration_of(format), data, at, problems, secrets, spelled)


def _declaration(
    declaration: type[Declared],
    data: dict[str, Any],
    at: Steps,
    problems: list[tuple[Steps, str]],
    secrets: dict[Steps, str],
    spelled: Spelled,
) -> Declared | None:
    try:
        return declaration.model_validate(data)
    except ValidationError as invalid:
        errors = invalid.errors(include_url=False)
    meant = {steps for error in errors if (steps := meant_steps(error, declaration))}
    told: dict[tuple[Steps, str], None] = {}
    for error in errors:
        steps = steps_of(error)
        secret = any((*at, *steps)[: len(known)] == known for known in secrets)
        if not secret and not (error["type"] == "missing" and steps in meant):
            told[steps, sentence(error, declaration, spelled((*at, *steps)))] = None
    sentences = {message for _, message in told}
    for steps, message in broken_rules(declaration, data):
        holds_secret = any(known[: len(at) + len(steps)] == (*at, *steps) for known in secrets)
        if message not in sentences and not holds_secret:
            told[steps, message] = None
    problems.extend(((*at, *steps), message) for steps, message in told)
    return None


def _secrets(data: Any) -> Iterator[tuple[Steps, str]]:
    """Where a credential is written, and the sentence about it: a model's configuration is no place for one."""
    pending: list[tuple[Any, Steps]] = [(data, ())]
    while pending:
        value, at = pending.pop()
        if isinstance(value, dict):
            for key, inner in value.items():
                if credential(str(key)):
                    yield (*at, key), "the key looks like a credential; delete it here and revoke it"
                else:
                    pending.append((inner, (*at, key)))
        elif isinstance(value, list):
            pending.extend((inner, (*at, position)) for position, inner in enumerate(value))
        elif isinstance(value, str):
            kind = credential(value)
            reason = f"looks like {kind}" if kind else _secret_parameter(at)
            if reason is None:
                continue
            yield (
                at,
                f"the value {reason}; delete it here, revoke it, and give it to the server by the model's env in the "
                "department's file, as a reference: {config: <key>} or {aws_secrets_manager: <name>}",
            )


def _secret_parameter(at: Steps) -> str | None:
    *around, name = at or ("",)
    if isinstance(name, str) and "parameters" in str(around[-1:]) and names_secret(name):
        return f"is secret, as the name {name} says"
    return None
