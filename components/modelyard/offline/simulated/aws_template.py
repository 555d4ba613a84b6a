"""Ids, ARNs and computed outputs of simulated AWS resources, filled from templates that are data.

Beside the words of :mod:`modelyard.offline.simulated.template`, ``{name}`` is the physical name (or the logical one
where there is none), ``{account}``, ``{region}``, ``{partition}`` and ``{dns}`` say where, and ``{id}`` is the id.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from modelyard.graph import UNKNOWN
from modelyard.offline.simulated.aws_place import Place
from modelyard.offline.simulated.naming import hex_of
from modelyard.offline.simulated.template import Scope, digits, plausible
from modelyard.offline.urn import name_of

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
    scope = _scope(urn, inputs, place, replaces)
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
    return _scope(urn, inputs, place).fill(template)


def unfilled(facts: Facts, inputs: Mapping[str, Any]) -> dict[str, Any]:
    """Inputs that are objects with computed properties inside, those unknown."""
    return {
        name: {**dict.fromkeys(inner, UNKNOWN), **inputs[name]}
        for name, inner in facts.merge.items()
        if isinstance(inputs.get(name), Mapping)
    }


def _scope(urn: str, inputs: Mapping[str, Any], place: Place, salt: str = "") -> Scope:
    named = next((inputs[key] for key in _NAME_INPUTS if isinstance(inputs.get(key), str)), None)
    words = {
        "name": named or name_of(urn),
        "logical": name_of(urn),
        **digits(urn, salt),
        "account": place.account,
        "region": place.region if isinstance(place.region, str) else "us-east-1",
        "partition": place.partition,
        "dns": place.dns_suffix,
    }
    return Scope(inputs, words)


def _plausible(name: str, type_: str) -> Any:
    """A value of the right type for an output that no template lists."""
    if type_ == "string" and name.endswith("Arn"):
        return "{arn}"
    if type_ == "string" and name in ("ownerId", "accountId", "registryId"):
        return "{account}"
    return plausible(name, type_)


@cache
def _resources() -> dict[str, Any]:
    text = (Path(__file__).parent / "aws_resources.json").read_text(encoding="utf-8")
    return json.loads(text)["tokens"]
