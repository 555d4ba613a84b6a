"""Amazon Web Services as Pulumi's Cloud Control provider shows it: what ``aws`` alone does not have.

``aws_native_resources.json`` has ids (the primary identifier of each CloudFormation type), outputs and names. Default
tags are merged into a resource's list of tags before it is compared.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from functools import cache
from typing import Any

from modelyard.graph import UNKNOWN
from modelyard.offline import wire
from modelyard.offline.schemas import catalogue
from modelyard.offline.simulated.aws_place import Place
from modelyard.offline.simulated.catalogued import CataloguedProvider, TypeFacts, table_entry, table_facts
from modelyard.offline.simulated.physical_name import PhysicalName

_PACKAGE = "aws-native"


class SimulatedAwsNative(CataloguedProvider):
    """One configured ``aws-native`` provider: a region and default tags."""

    package = _PACKAGE

    def __init__(self, config: Mapping[str, Any]) -> None:
        super().__init__(config)
        self._place = Place.of(self.config)

    @classmethod
    def facts(cls, token: str) -> TypeFacts | None:
        return _facts(token)

    def words(self, inputs: Mapping[str, Any]) -> dict[str, Any]:
        return {
            "account": self._place.account,
            "region": self._place.region if isinstance(self._place.region, str) else "us-east-1",
            "partition": self._place.partition,
            "dns": self._place.dns_suffix,
        }

    def with_defaults(self, token: str, inputs: Mapping[str, Any]) -> dict[str, Any]:
        defaults = self.config.get("defaultTags")
        defaults = json.loads(defaults) if isinstance(defaults, str) else defaults
        stored = catalogue.entry(_PACKAGE, token) or {"properties": {}}
        if not defaults or not defaults.get("tags") or stored["properties"].get("tags") is None:
            return dict(inputs)
        given = wire.revealed(inputs.get("tags") or [])
        if wire.contains_unknown(given):
            return {**inputs, "tags": UNKNOWN}
        own = {tag["key"] for tag in given}
        added = [{"key": key, "value": value} for key, value in defaults["tags"].items() if key not in own]
        return {**inputs, "tags": [*given, *added]}


class SimulatedAwsNativeAccount(SimulatedAwsNative):
    """The same for the real engine, whose functions cannot answer "unknown": an account that always answers."""

    answers_for_account = True


@cache
def _facts(token: str) -> TypeFacts | None:
    if catalogue.entry(_PACKAGE, token) is None:
        return None
    entry = table_entry(_PACKAGE, token)
    name = PhysicalName(**entry["name"]) if "name" in entry else None
    return table_facts(_PACKAGE, token, name, entry.get("id", "{name}"))
