"""A simulated provider whose every type is in the catalogue and in one table of facts.

Inputs are checked by the catalogue, a name is made up where the program gives none, what the cloud computes comes from
templates, and ``catalog/data/replacements.csv`` says which changes replace. What one cloud does in its own way is a
method of its class.
"""

from __future__ import annotations

import json
import re
from abc import ABC, abstractmethod
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any, ClassVar

from modelyard.graph import UNKNOWN
from modelyard.offline import schemas, wire
from modelyard.offline.schemas import Problem, catalogue
from modelyard.offline.simulated.naming import NameTooLong, hex_of
from modelyard.offline.simulated.physical_name import PhysicalName
from modelyard.offline.simulated.provider import Before, Checked, Created, Difference, Invoked
from modelyard.offline.simulated.replacement import replaced
from modelyard.offline.simulated.template import Scope, digits, plausible
from modelyard.offline.simulated.unknown_token import UnknownFunction, UnknownResource
from modelyard.offline.urn import name_of

Facts = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class TypeFacts:
    """What is known of one resource type, put together once."""

    id: str
    name: PhysicalName | None
    outputs: Mapping[str, Any]
    """Templates of what the cloud computes, by output."""
    planned: Mapping[str, Any]
    """Those that a preview knows already, where the inputs in them are known."""
    merge: Mapping[str, Mapping[str, Any]]
    """Templates of what the cloud adds inside an input that is an object."""
    secret_outputs: frozenset[str]


class CataloguedProvider(ABC):
    """One configured provider of a package whose types are all in the catalogue."""

    package: ClassVar[str]
    answers_for_account: ClassVar[bool] = False
    """Whether functions that only an account can answer get simulated answers in a preview too."""

    def __init__(self, config: Mapping[str, Any]) -> None:
        self.config = {name: wire.revealed(value) for name, value in config.items()}

    @classmethod
    def check_config(cls, config: Mapping[str, Any]) -> Checked:
        own = {name: value for name, value in config.items() if name not in ("version", "__internal")}
        return Checked(dict(config), schemas.check(f"pulumi:providers:{cls.package}", own))

    def check(
        self,
        token: str,
        urn: str,
        inputs: Mapping[str, Any],
        old_inputs: Mapping[str, Any] | None = None,
        *,
        replaces: str = "",
    ) -> Checked:
        facts = self.facts(token)
        if facts is None:
            return Checked(dict(inputs), [Problem("", str(UnknownResource(self.package, token)))])
        problems = list(schemas.check(token, inputs))
        checked = self.with_defaults(token, inputs)
        if facts.name is not None:
            try:
                made_up = facts.name.of(urn, inputs, old_inputs, replaces)
            except NameTooLong as too_long:
                problems.append(Problem(facts.name.property, str(too_long)))
            else:
                if made_up is not None:
                    checked[facts.name.property] = made_up
                problems += facts.name.problems(checked)
        return Checked(checked, problems)

    def with_secrets(self, token: str, inputs: Mapping[str, Any]) -> dict[str, Any]:
        facts = self.facts(token)
        return dict(inputs) if facts is None else _marked(facts, dict(inputs))

    def create(self, token: str, urn: str, inputs: Mapping[str, Any], *, preview: bool, replaces: str = "") -> Created:
        return self._state(token, urn, UNKNOWN, inputs, preview, replaces)

    def read(self, token: str, urn: str, id_: Any, state: Mapping[str, Any], *, preview: bool) -> Created:
        if self.facts(token) is None:
            raise UnknownResource(self.package, token)
        return self._state(token, urn, id_, state, preview and not self.answers_for_account)

    def diff(self, token: str, urn: str, inputs: Mapping[str, Any], old_inputs: Mapping[str, Any]) -> Difference:
        names = inputs.keys() | old_inputs.keys()
        changed = tuple(sorted(name for name in names if inputs.get(name) != old_inputs.get(name)))
        replace = replaced(token, inputs, old_inputs)
        facts = self.facts(token)
        name = None if facts is None else facts.name
        stays = name is not None and name.property not in changed and not name.is_made_up(urn, inputs)
        return Difference(changed, replace, bool(replace) and stays and not self.moves(token, changed))

    def update(
        self, token: str, urn: str, inputs: Mapping[str, Any], before: Before, *, preview: bool
    ) -> dict[str, Any]:
        computed = {n: v for n, v in before.outputs.items() if n not in before.inputs and v is not UNKNOWN}
        outputs = {**computed, **inputs}
        facts = self.facts(token)
        if facts is None:
            return outputs
        for name, inner in facts.merge.items():
            old, new = before.outputs.get(name), inputs.get(name)
            if isinstance(new, Mapping) and isinstance(old, Mapping):
                outputs[name] = _added(_kept(inner, old), new)
            elif isinstance(new, Mapping):
                outputs[name] = _added(_unknown(inner), new) if preview else dict(new)
        outputs |= self.labelled(token, inputs)
        return _marked(facts, self.answered(outputs))

    def delete(self, token: str, urn: str, id_: str) -> None:
        """Nothing is kept, so nothing is left."""
        return

    def invoke(self, token: str, args: Mapping[str, Any], *, preview: bool) -> Invoked:
        functions = self.functions()
        function = functions.get(token)
        if function is None:
            raise UnknownFunction(self.package, token, sorted(functions))
        if preview and not self.answers_for_account and not function.get("local"):
            return Invoked(UNKNOWN)
        scope = Scope(args, {**digits(json.dumps(wire.revealed(dict(args)), sort_keys=True), token), **self.words({})})
        answer = {name: scope.fill(value) for name, value in function["answer"].items()}
        return Invoked({n: wire.secret(v) if n in function.get("secret", ()) else v for n, v in answer.items()})

    # What each cloud says for itself.

    @classmethod
    @abstractmethod
    def facts(cls, token: str) -> TypeFacts | None:
        """What is known of a type, or None."""

    @classmethod
    def functions(cls) -> Mapping[str, Facts]:
        """Functions by token: ``answer`` (templates), ``secret`` (names), ``local`` (known without an account)."""
        return _table(cls.package).get("functions", {})

    @abstractmethod
    def words(self, inputs: Mapping[str, Any]) -> dict[str, Any]:
        """Words of this cloud's templates: where things are."""

    def with_defaults(self, token: str, inputs: Mapping[str, Any]) -> dict[str, Any]:
        """The inputs with what the provider's settings add to them."""
        return dict(inputs)

    def labelled(self, token: str, inputs: Mapping[str, Any]) -> dict[str, Any]:
        """Outputs about labels and the place, which a preview knows too."""
        return {}

    def answered(self, outputs: dict[str, Any]) -> dict[str, Any]:
        """The outputs in the form in which the cloud gives back what it was told."""
        return outputs

    def moves(self, token: str, changed: tuple[str, ...]) -> bool:
        """Whether a change of these inputs gives the replacement another id, so that both can be there at once."""
        return False

    def _state(
        self, token: str, urn: str, id_: Any, inputs: Mapping[str, Any], preview: bool, replaces: str = ""
    ) -> Created:
        facts = self.facts(token)
        if facts is None:
            return Created(id_, dict(inputs))
        scope = self._scope(facts, urn, inputs, replaces)
        outputs = {**dict.fromkeys(facts.outputs, UNKNOWN), **self.labelled(token, inputs), **inputs}
        if preview:
            for name, template in facts.planned.items():
                outputs[name] = _if_known(scope, template)
            for name, inner in facts.merge.items():
                if isinstance(inputs.get(name), Mapping):
                    outputs[name] = _added(_unknown(inner), inputs[name])
            return Created(id_, _marked(facts, self.answered(outputs)))
        if not isinstance(id_, str):
            filled = scope.fill(facts.id)
            id_ = filled if isinstance(filled, str) else scope.words["logical"]
        scope.words["id"] = id_
        known = self.labelled(token, inputs)
        outputs |= {n: scope.fill(t) for n, t in facts.outputs.items() if n not in inputs and n not in known}
        for name, inner in facts.merge.items():
            if isinstance(inputs.get(name), Mapping):
                outputs[name] = _added(scope.fill(inner), inputs[name])
        outputs = {name: value for name, value in outputs.items() if value is not UNKNOWN}
        return Created(id_, _marked(facts, self.answered(outputs)))

    def _scope(self, facts: TypeFacts, urn: str, inputs: Mapping[str, Any], salt: str) -> Scope:
        named = inputs.get(facts.name.property) if facts.name else None
        numbers = {f"number{count}": str(int(hex_of(urn, 32, salt), 16))[:count].lstrip("0") for count in (3, 19)}
        words = {"name": named or name_of(urn), "logical": name_of(urn), **digits(urn, salt), **numbers}
        return Scope(inputs, {**words, **self.words(inputs)})


@cache
def table_facts(package: str, token: str, name: PhysicalName | None, id_: str) -> TypeFacts | None:
    """The facts of a type in the catalogue; outputs that no table lists get plausible values."""
    stored = catalogue.entry(package, token)
    if stored is None or ":" not in token or token.startswith("pulumi:"):
        return None
    entry = _table(package)["tokens"].get(token, {})
    computed = {n: type_ for n, type_ in stored.get("outputs", {}).items() if n != "id"}
    listed = entry.get("outputs", {})
    return TypeFacts(
        id=id_,
        name=name,
        # An input that is listed too is computed where the program does not give it.
        outputs={
            **{n: template for n, template in listed.items() if n in stored["properties"]},
            **{n: listed.get(n, plausible(n, type_)) for n, type_ in computed.items()},
        },
        planned=entry.get("planned", {}),
        merge=entry.get("merge", {}),
        secret_outputs=schemas.secret_outputs(token),
    )


def table_entry(package: str, token: str) -> Facts:
    """The row of a type in its package's table; empty for a type that it does not list."""
    return _table(package)["tokens"].get(token, {})


def constants(package: str) -> Mapping[str, str]:
    """Numbers and names of the simulated account."""
    return _table(package)["constants"]


@cache
def _table(package: str) -> Mapping[str, Any]:
    path = Path(__file__).parent / f"{package.replace('-', '_')}_resources.json"
    return json.loads(path.read_text(encoding="utf-8"))


def _if_known(scope: Scope, template: str) -> Any:
    used = [scope.inputs.get(name) for name in re.findall(r"\{input:([A-Za-z0-9]+)", template)]
    used += [scope.words.get(name) for name in re.findall(r"\{([A-Za-z0-9]+)\}", template)]
    return UNKNOWN if any(wire.contains_unknown(value) for value in used) else scope.fill(template)


def _added(computed: Mapping[str, Any], given: Mapping[str, Any]) -> dict[str, Any]:
    """What was given, with what the cloud adds at every depth."""
    merged = {**computed, **given}
    for name, value in computed.items():
        inner = given.get(name)
        if isinstance(value, Mapping) and isinstance(inner, Mapping):
            merged[name] = _added(value, inner)
    return merged


def _unknown(inner: Mapping[str, Any]) -> dict[str, Any]:
    return {name: _unknown(value) if isinstance(value, Mapping) else UNKNOWN for name, value in inner.items()}


def _kept(inner: Mapping[str, Any], old: Mapping[str, Any]) -> dict[str, Any]:
    kept: dict[str, Any] = {}
    for name, value in inner.items():
        before = old.get(name)
        if isinstance(value, Mapping) and isinstance(before, Mapping):
            kept[name] = _kept(value, before)
        elif name in old:
            kept[name] = before
    return kept


def _marked(facts: TypeFacts, outputs: dict[str, Any]) -> dict[str, Any]:
    for name in facts.secret_outputs:
        if name in outputs:
            outputs[name] = wire.secret(outputs[name])
    return outputs
