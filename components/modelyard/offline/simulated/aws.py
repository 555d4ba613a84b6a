"""Amazon Web Services as its Pulumi provider shows it, for programs and for nobody's account.

What it knows beyond the SDK's schema is data: ``aws_autonames.json`` (which property is the physical name),
``aws_resources.json`` (ids, ARNs and computed outputs) and ``aws_updates.json`` (outputs that an update moves).
"""

from __future__ import annotations

import json
import re
from collections.abc import Collection, Mapping
from functools import cache
from pathlib import Path
from typing import Any, NamedTuple

from modelyard.graph import UNKNOWN, Secret
from modelyard.offline import schemas, wire
from modelyard.offline.schemas import Problem, catalogue
from modelyard.offline.simulated import aws_functions
from modelyard.offline.simulated.aws_place import Place
from modelyard.offline.simulated.aws_template import Facts, filled, filled_alone, unfilled
from modelyard.offline.simulated.aws_update import kept, moving_outputs, next_of
from modelyard.offline.simulated.naming import NameTooLong, autoname, prefixed_name
from modelyard.offline.simulated.provider import Before, Checked, Created, Difference, Invoked
from modelyard.offline.simulated.replacement import replaced
from modelyard.offline.simulated.unknown_token import UnknownResource
from modelyard.offline.urn import name_of

_RANDOM_DIGITS = 7


class SimulatedAws:
    """One configured ``aws`` provider: a region, default tags and an account that is only known after ``up``."""

    answers_for_account = False
    """Whether functions that only an account can answer get simulated answers in a preview too."""

    def __init__(self, config: Mapping[str, Any]) -> None:
        self._place = Place.of(config)
        self._default_tags = _default_tags(config)

    @classmethod
    def check_config(cls, config: Mapping[str, Any]) -> Checked:
        problems = schemas.check("pulumi:providers:aws", _without_engine_keys(config))
        return Checked(dict(config), problems)

    def check(
        self,
        token: str,
        urn: str,
        inputs: Mapping[str, Any],
        old_inputs: Mapping[str, Any] | None = None,
        *,
        replaces: str = "",
    ) -> Checked:
        facts = _facts(token)
        if facts is None:
            return Checked(dict(inputs), [Problem("", str(UnknownResource("aws", token)))])
        problems = list(schemas.check(token, inputs))
        checked = dict(inputs)
        rule = facts.autoname
        if rule is not None and rule.property not in inputs and _prefix_property(rule) not in inputs:
            try:
                checked[rule.property] = _physical_name(rule, urn, old_inputs, replaces)
            except NameTooLong as too_long:
                problems.append(Problem(rule.property, str(too_long)))
        if facts.has_tags_all:
            checked["tagsAll"] = self._all_tags(inputs.get("tags"))
        return Checked(checked, problems)

    def with_secrets(self, token: str, inputs: Mapping[str, Any]) -> dict[str, Any]:
        return dict(inputs)

    def create(self, token: str, urn: str, inputs: Mapping[str, Any], *, preview: bool, replaces: str = "") -> Created:
        return self._state(token, urn, UNKNOWN, inputs, preview, replaces)

    def read(self, token: str, urn: str, id_: Any, state: Mapping[str, Any], *, preview: bool) -> Created:
        if _facts(token) is None:
            raise UnknownResource("aws", token)
        return self._state(token, urn, id_, state, preview and not self.answers_for_account)

    def diff(self, token: str, urn: str, inputs: Mapping[str, Any], old_inputs: Mapping[str, Any]) -> Difference:
        changed = _changed(inputs, old_inputs)
        facts = _facts(token)
        if facts is None:
            return Difference(changed)
        anew = replaced(token, inputs, old_inputs)
        replace = tuple(name for name in changed if name in anew)
        return Difference(changed, replace, bool(replace) and _is_named_by_program(facts.autoname, urn, inputs))

    def update(
        self, token: str, urn: str, inputs: Mapping[str, Any], before: Before, *, preview: bool
    ) -> dict[str, Any]:
        outputs = {**kept(before.inputs, before.outputs), **inputs}
        facts = _facts(token)
        if facts is None:
            return outputs
        for name, inner in facts.template.merge.items():
            old, new = before.outputs.get(name), inputs.get(name)
            if isinstance(new, Mapping) and isinstance(old, Mapping):
                outputs[name] = {**{part: old[part] for part in inner if part in old}, **new}
        changed = _changed(inputs, before.inputs)
        for moving in moving_outputs(token):
            if preview and moving.is_unknown_after(changed, inputs):
                outputs[moving.output] = UNKNOWN
            elif not preview and moving.moves_with(changed, inputs):
                if moving.becomes == "next":
                    outputs[moving.output] = next_of(outputs.get(moving.output))
                elif moving.becomes == "digest":
                    outputs[moving.output] = moving.digest(urn, inputs)
                else:
                    place = self._place.in_region(inputs.get("region"))
                    outputs[moving.output] = filled_alone(moving.becomes, urn, inputs, place)
        return _with_secret_outputs(facts, outputs)

    def delete(self, token: str, urn: str, id_: str) -> None:
        """Nothing is kept, so nothing is left."""

    def invoke(self, token: str, args: Mapping[str, Any], *, preview: bool) -> Invoked:
        known = self.answers_for_account or not preview
        return aws_functions.invoke(token, args, self._place, account_known=known)

    def _state(
        self, token: str, urn: str, id_: Any, inputs: Mapping[str, Any], preview: bool, replaces: str = ""
    ) -> Created:
        facts = _facts(token)
        if facts is None:
            return Created(id_, dict(inputs))
        place = self._place.in_region(inputs.get("region"))
        outputs = {**facts.unknown_outputs, **_prefixed(facts.autoname, urn, inputs, preview, replaces), **inputs}
        if facts.has_region:
            outputs["region"] = place.region
        if preview:
            if facts.template.merge:
                outputs |= unfilled(facts.template, inputs)
        else:
            id_, computed = filled(facts.template, urn, outputs, place, id_, replaces)
            merged = facts.template.merge
            outputs |= {name: value for name, value in computed.items() if name in merged or name not in inputs}
            if facts.has_tags_all and "tagsAll" not in inputs:
                outputs["tagsAll"] = self._all_tags(inputs.get("tags"))
            outputs = {name: value for name, value in outputs.items() if value is not UNKNOWN}
        return Created(id_, _with_secret_outputs(facts, outputs))

    def _all_tags(self, tags: Any) -> Any:
        if not self._default_tags:
            return {} if tags is None else tags
        if wire.contains_unknown(tags) or wire.contains_unknown(self._default_tags):
            return UNKNOWN
        if isinstance(tags, Secret):
            return Secret({**self._default_tags, **tags.reveal()})
        return {**self._default_tags, **(tags or {})}


class SimulatedAwsAccount(SimulatedAws):
    """The same for the real engine, whose functions cannot answer "unknown": an account that always answers."""

    answers_for_account = True


class Autoname(NamedTuple):
    """Which input is the physical name, its longest form, and what AWS wants before it."""

    property: str
    max_length: int
    prefix: str = ""
    lowercase: bool = False


class TokenFacts(NamedTuple):
    """What is known of one resource type, put together once."""

    autoname: Autoname | None
    has_tags_all: bool
    has_region: bool
    unknown_outputs: dict[str, Any]
    secret_outputs: frozenset[str]
    template: Facts


@cache
def _facts(token: str) -> TokenFacts | None:
    entry = catalogue.entry("aws", token)
    if entry is None or not token.startswith("aws:"):
        return None
    inputs, computed = entry["properties"], dict(entry.get("outputs", {}))
    computed.pop("id", None)
    return TokenFacts(
        autoname=_autoname_rule(token, inputs, entry.get("required", ())),
        has_tags_all="tagsAll" in computed,
        has_region="region" in inputs,
        unknown_outputs=dict.fromkeys(computed, UNKNOWN),
        secret_outputs=schemas.secret_outputs(token),
        template=Facts.of(token, computed),
    )


def _autoname_rule(token: str, inputs: Mapping[str, Any], required: Collection[str]) -> Autoname | None:
    table = _autonames()
    if token in table["tokens"]:
        entry = table["tokens"][token]
        return Autoname(**entry) if entry else None
    if "name" in inputs and "name" not in required:
        return Autoname(**table["default"])
    return None


@cache
def _autonames() -> dict[str, Any]:
    return json.loads((Path(__file__).parent / "aws_autonames.json").read_text(encoding="utf-8"))


def _physical_name(rule: Autoname, urn: str, old_inputs: Mapping[str, Any] | None, replaces: str) -> str:
    if old_inputs and isinstance(old_inputs.get(rule.property), str):
        return old_inputs[rule.property]
    name = autoname(urn, name_of(urn), _RANDOM_DIGITS, rule.max_length - len(rule.prefix), replaces)
    return rule.prefix + (name.lower() if rule.lowercase else name)


def _prefix_property(rule: Autoname) -> str:
    """The input that leaves the rest of the name to the cloud."""
    return f"{rule.property}Prefix"


def _prefixed(
    rule: Autoname | None, urn: str, inputs: Mapping[str, Any], preview: bool, replaces: str
) -> dict[str, Any]:
    """The name that the cloud makes of a prefix, known after creation."""
    if rule is None or rule.property in inputs or _prefix_property(rule) not in inputs:
        return {}
    prefix = inputs[_prefix_property(rule)]
    known = isinstance(prefix, str) and not preview
    return {rule.property: prefixed_name(urn, prefix, replaces) if known else UNKNOWN}


def _is_named_by_program(rule: Autoname | None, urn: str, inputs: Mapping[str, Any]) -> bool:
    """Whether the program chose the physical name, so that two such resources cannot be there at once.

    Pulumi's Terraform bridge decides so too (``nameRequiresDeleteBeforeReplace``); it knows from its own bookkeeping
    which names it made up, and we by their form.
    """
    name = None if rule is None else inputs.get(rule.property)
    if rule is None or not isinstance(name, str):
        return False
    made_up = re.escape(f"{rule.prefix}{name_of(urn)}") + f"-[0-9a-f]{{{_RANDOM_DIGITS}}}"
    return re.fullmatch(made_up, name, re.IGNORECASE if rule.lowercase else 0) is None


def _changed(inputs: Mapping[str, Any], old_inputs: Mapping[str, Any]) -> tuple[str, ...]:
    names = inputs.keys() | old_inputs.keys()
    return tuple(sorted(name for name in names if inputs.get(name) != old_inputs.get(name)))


def _with_secret_outputs(facts: TokenFacts, outputs: dict[str, Any]) -> dict[str, Any]:
    for name in facts.secret_outputs:
        if name in outputs:
            outputs[name] = wire.secret(outputs[name])
    return outputs


def _default_tags(config: Mapping[str, Any]) -> dict[str, Any]:
    """The provider's ``defaultTags.tags``; provider inputs travel as JSON text."""
    defaults = wire.revealed(config.get("defaultTags"))
    if isinstance(defaults, str):
        defaults = json.loads(defaults)
    if not isinstance(defaults, Mapping):
        return {}
    return dict(defaults.get("tags") or {})


def _without_engine_keys(config: Mapping[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in config.items() if name not in ("version", "__internal")}
