"""Azure as Pulumi's native provider shows it, for programs and for nobody's subscription.

``azure_native_resources.json`` has the path of every type, from which ids, types and names follow, and what Azure
computes. A resource without a location takes the provider's.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from typing import Any

from modelyard.graph import UNKNOWN
from modelyard.offline import wire
from modelyard.offline.schemas import catalogue
from modelyard.offline.simulated.azure_native_path import ResourcePath
from modelyard.offline.simulated.catalogued import (
    CataloguedProvider,
    TypeFacts,
    constants,
    table_entry,
    table_facts,
)
from modelyard.offline.simulated.naming import uuid_of
from modelyard.offline.simulated.physical_name import PhysicalName

_PACKAGE = "azure-native"
_LENGTHS = {"accountName": 24, "vaultName": 24, "endpointName": 32, "workspaceName": 33, "registryName": 50}
"""Longest names where they are shorter than the 90 characters of a resource group's: Azure's naming rules
(https://learn.microsoft.com/azure/azure-resource-manager/management/resource-name-rules)."""
_LONGEST = 90
_NO_LOCATION = frozenset({"azure-native:resources:Deployment"})
"""A template of a resource group has none (``AutoLocationDisabled`` in pulumi-azure-native)."""


class SimulatedAzureNative(CataloguedProvider):
    """One configured ``azure-native`` provider: a subscription and a location."""

    package = _PACKAGE

    @classmethod
    def facts(cls, token: str) -> TypeFacts | None:
        return _facts(token)

    def words(self, inputs: Mapping[str, Any]) -> dict[str, Any]:
        location = inputs.get("location") or self.config.get("location")
        return {
            "subscriptionId": self.config.get("subscriptionId") or constants(_PACKAGE)["subscriptionId"],
            "tenant": self.config.get("tenantId") or constants(_PACKAGE)["tenant"],
            "client": constants(_PACKAGE)["client"],
            "location": str(wire.revealed(location or "westeurope")).replace(" ", "").lower(),
        }

    def with_defaults(self, token: str, inputs: Mapping[str, Any]) -> dict[str, Any]:
        stored = catalogue.entry(_PACKAGE, token) or {"properties": {}}
        location = self.config.get("location")
        wanted = "location" in stored["properties"] and token not in _NO_LOCATION
        if wanted and "location" not in inputs and location:
            return {**inputs, "location": location}
        return dict(inputs)

    def answered(self, outputs: dict[str, Any]) -> dict[str, Any]:
        identity = outputs.get("identity")
        return {**outputs, "identity": _identity(identity)} if isinstance(identity, Mapping) else outputs

    def moves(self, token: str, changed: tuple[str, ...]) -> bool:
        path = resource_path(token)
        return path is not None and not set(changed).isdisjoint(path.parameters)


class SimulatedAzureNativeSubscription(SimulatedAzureNative):
    """The same for the real engine, whose functions cannot answer "unknown": a subscription that always answers."""

    answers_for_account = True


def resource_path(token: str) -> ResourcePath | None:
    """The path of a type, or None for one that is not simulated."""
    text = table_entry(_PACKAGE, token).get("path")
    return ResourcePath(text) if text else None


def _identity(identity: Mapping[str, Any]) -> dict[str, Any]:
    """Given as a list of ids, user-assigned identities come back with what each is to Entra ID. Only the identity that
    Azure makes for the resource itself has a principal of its own."""
    answer = dict(identity)
    if "SystemAssigned" not in str(wire.revealed(identity.get("type"))):
        answer.pop("principalId", None)
        answer.pop("tenantId", None)
    named = wire.revealed(identity.get("userAssignedIdentities"))
    if isinstance(named, list):
        answer["userAssignedIdentities"] = (
            UNKNOWN
            if wire.contains_unknown(named)
            else {
                each: {"clientId": uuid_of(each, "client"), "principalId": uuid_of(each, "principal")} for each in named
            }
        )
    return answer


@cache
def _facts(token: str) -> TypeFacts | None:
    path, stored = resource_path(token), catalogue.entry(_PACKAGE, token)
    if path is None or stored is None:
        return None
    own = path.own
    name = PhysicalName(own, path.naming, _LENGTHS.get(own, _LONGEST)) if own in stored["properties"] else None
    facts = table_facts(_PACKAGE, token, name, path.template)
    if facts is not None and "type" in facts.outputs:
        outputs = {**facts.outputs, "type": path.type, "systemData": {}, "azureApiVersion": "simulated"}
        if "name" in outputs:
            outputs["name"] = "{name}"
        known = {output: value for output, value in outputs.items() if output in facts.outputs}
        return TypeFacts(facts.id, facts.name, known, facts.planned, facts.merge, facts.secret_outputs)
    return facts
