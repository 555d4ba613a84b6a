"""Ids, ARNs and computed outputs of simulated AWS resources, filled from templates that are data.

In a template ``{name}`` is the physical name (or the logical one where there is none), ``{hex8}`` and ``{hex17}``
are digits derived from the URN, ``{uuid}`` likewise, ``{account}``, ``{region}``, ``{partition}`` and ``{dns}`` say
where, ``{id}`` is the id, and ``{input:path}`` is an input.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from modelyard.graph import UNKNOWN, Secret
from modelyard.offline.simulated.aws_place import Place
from modelyard.offline.simulated.naming import hex_of, uuid_of
from modelyard.offline.urn import name_of

_FIELD = re.compile(r"\{(input:)?([A-Za-z0-9.]+)\}")
_NAME_INPUTS = ("name", "bucket", "nodeGroupName", "clusterName")


@dataclass(frozen=True, slots=True)
class Facts:
    """How one resource type is identified and what it computes."""

    id: str
    arn: str
    outputs: Mapping[str, Any]
    merge: Mapping[str, Mapping[str, Any]]
    """Computed properties inside an input that is an object."""

    @staticmethod
    def of(token: str, computed: Mapping[str, str]) -> Facts:
        """From ``aws_resources.json``, with plausible values for computed outputs that it does not list."""
        entry = _resources().get(token, {})
        service = token.split(":")[1].partition("/")[0]
        kind = re.sub(r"(?<=[a-z0-9])(?=[A-Z])", "-", token.rpartition(":")[2]).lower()
        arn = entry.get("arn", f"arn:{{partition}}:{service}:{{region}}:{{account}}:{kind}/{{id}}")
        listed = entry.get("outputs", {})
        outputs = {name: listed.get(name, _plausible(name, type_)) for name, type_ in computed.items()}
        outputs |= {name: value for name, value in listed.items() if name not in computed}
        outputs.pop("tagsAll", None)
        if "arn" in computed:
            outputs["arn"] = arn
        return Facts(entry.get("id", "{name}"), arn, outputs, entry.get("merge", {}))


def filled(
    facts: Facts, urn: str, inputs: Mapping[str, Any], place: Place, id_: Any, replaces: str = ""
) -> tuple[str, dict[str, Any]]:
    """The id (``id_`` when it is known already) and the computed outputs of a resource.

    ``replaces`` is the id of the one that it replaces, if any.
    """
    scope = _Scope(urn, inputs, place, replaces)
    if not isinstance(id_, str):
        id_ = scope.fill(facts.id)
    scope.words["id"] = id_ if isinstance(id_, str) else hex_of(urn, 17)
    scope.words["arn"] = scope.fill(facts.arn)
    computed = {name: scope.fill(value) for name, value in facts.outputs.items()}
    for name, inner in facts.merge.items():
        if isinstance(inputs.get(name), Mapping):
            computed[name] = {**scope.fill(inner), **inputs[name]}
    return scope.words["id"], computed


def filled_alone(template: str, urn: str, inputs: Mapping[str, Any], place: Place) -> Any:
    """One template that speaks of inputs and of the place only."""
    return _Scope(urn, inputs, place).fill(template)


def unfilled(facts: Facts, inputs: Mapping[str, Any]) -> dict[str, Any]:
    """Inputs that are objects with computed properties inside, those unknown."""
    return {
        name: {**dict.fromkeys(inner, UNKNOWN), **inputs[name]}
        for name, inner in facts.merge.items()
        if isinstance(inputs.get(name), Mapping)
    }


class _Scope:
    def __init__(self, urn: str, inputs: Mapping[str, Any], place: Place, salt: str = "") -> None:
        self.inputs = inputs
        named = next((inputs[key] for key in _NAME_INPUTS if isinstance(inputs.get(key), str)), None)
        self.words: dict[str, Any] = {
            "name": named or name_of(urn),
            "logical": name_of(urn),
            "hex8": hex_of(urn, 8, salt),
            "hex17": hex_of(urn, 17, salt),
            "hex32": hex_of(urn, 32, salt),
            "uuid": uuid_of(urn, salt),
            "account": place.account,
            "region": place.region if isinstance(place.region, str) else "us-east-1",
            "partition": place.partition,
            "dns": place.dns_suffix,
        }

    def fill(self, template: Any) -> Any:
        if isinstance(template, Mapping):
            return {name: self.fill(item) for name, item in template.items()}
        if isinstance(template, list):
            return [self.fill(item) for item in template]
        if not isinstance(template, str):
            return template
        whole = _FIELD.fullmatch(template)
        if whole:
            return self._value(whole)
        secret = False

        def text(field: re.Match[str]) -> str:
            nonlocal secret
            value = self._value(field)
            if isinstance(value, Secret):
                secret, value = True, value.reveal()
            return "" if value is None or value is UNKNOWN else str(value)

        done = _FIELD.sub(text, template)
        return Secret(done) if secret else done

    def _value(self, field: re.Match[str]) -> Any:
        if not field[1]:
            return self.words[field[2]]
        value: Any = self.inputs
        for part in field[2].split("."):
            value = value.get(part) if isinstance(value, Mapping) else None
        return value


def _plausible(name: str, type_: str) -> Any:
    """A value of the right type for an output that no template lists."""
    if type_.startswith("["):
        return []
    if type_.startswith("{"):
        return {}
    by_type = {"boolean": False, "integer": 0, "number": 0}
    if type_ in by_type:
        return by_type[type_]
    if type_ != "string":
        return None
    if name.endswith("Arn"):
        return "{arn}"
    return "{account}" if name in ("ownerId", "accountId", "registryId") else name + "-{hex8}"


@cache
def _resources() -> dict[str, Any]:
    text = (Path(__file__).parent / "aws_resources.json").read_text(encoding="utf-8")
    return json.loads(text)["tokens"]
