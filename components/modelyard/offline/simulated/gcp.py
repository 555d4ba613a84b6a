"""Google Cloud as its Pulumi provider shows it, for programs and for nobody's project.

Ids, computed outputs and names are in ``gcp_resources.json``. Project and region come from the provider's settings
unless a resource names its own; labels are merged as the provider does, which marks what came of it as secret.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from functools import cache
from typing import Any

from modelyard.graph import UNKNOWN
from modelyard.offline import wire
from modelyard.offline.schemas import catalogue
from modelyard.offline.simulated.catalogued import (
    CataloguedProvider,
    TypeFacts,
    constants,
    table_entry,
    table_facts,
)
from modelyard.offline.simulated.physical_name import PhysicalName

_PACKAGE = "gcp"
_ATTRIBUTION = {"goog-pulumi-provisioned": "true"}
"""The label that the provider adds, unless ``addPulumiAttributionLabel`` is false."""


class SimulatedGcp(CataloguedProvider):
    """One configured ``gcp`` provider: a project, a region and default labels."""

    package = _PACKAGE

    @classmethod
    def facts(cls, token: str) -> TypeFacts | None:
        return _facts(token)

    def words(self, inputs: Mapping[str, Any]) -> dict[str, Any]:
        region = inputs.get("region") or inputs.get("location") or self.config.get("region")
        service = inputs.get("service")
        return {
            "project": inputs.get("project") or self.config.get("project") or constants(_PACKAGE)["project"],
            "number": constants(_PACKAGE)["number"],
            "region": region or "us-central1",
            "zone": self.config.get("zone") or f"{region or 'us-central1'}-a",
            "service": service.partition(".")[0] if isinstance(service, str) else "",
        }

    def labelled(self, token: str, inputs: Mapping[str, Any]) -> dict[str, Any]:
        stored = catalogue.entry(_PACKAGE, token) or {"properties": {}}
        known: dict[str, Any] = {}
        if "effectiveLabels" in stored.get("outputs", {}):
            known = dict.fromkeys(("effectiveLabels", "pulumiLabels"), self._labels(inputs))
        for name in ("project", "region"):
            if name in stored["properties"] and inputs.get(name) is None and self.config.get(name):
                known[name] = self.config[name]
        return known

    def _labels(self, inputs: Mapping[str, Any]) -> Any:
        defaults = _json(self.config.get("defaultLabels")) or {}
        given = wire.revealed(inputs.get("labels") or {})
        if wire.contains_unknown(given) or wire.contains_unknown(defaults):
            return UNKNOWN
        attribution = {} if _json(self.config.get("addPulumiAttributionLabel")) is False else _ATTRIBUTION
        return {**attribution, **defaults, **given}


class SimulatedGcpProject(SimulatedGcp):
    """The same for the real engine, whose functions cannot answer "unknown": a project that always answers."""

    answers_for_account = True


@cache
def _facts(token: str) -> TypeFacts | None:
    stored = catalogue.entry(_PACKAGE, token)
    if stored is None:
        return None
    entry = table_entry(_PACKAGE, token)
    named = "name" in stored["properties"] and "name" not in stored.get("required", ())
    name = PhysicalName("name", **entry.get("name", {})) if named else None
    return table_facts(_PACKAGE, token, name, entry.get("id", "{name}"))


def _json(value: Any) -> Any:
    """A provider's setting; those that are not text travel as JSON text."""
    return json.loads(value) if isinstance(value, str) else value
