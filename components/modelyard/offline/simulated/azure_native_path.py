"""Paths of Azure Resource Manager, as the specification of each API has them.

A path names a resource's parameters: all but the subscription are inputs that no update can change, the last is the
name. How a missing name is made up follows from the path too (``AutoNamer`` in pulumi-azure-native's
``provider/pkg/resources``).
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from modelyard.offline.simulated.physical_name import Kind

_PARAMETER = re.compile(r"\{([A-Za-z0-9.]+)\}")
_ENGINE = frozenset({"subscriptionId"})
_GLOBAL = frozenset({"endpointName", "customDomainName"})
"""Names that become part of a host's name, so that no two subscriptions may share them."""
_UUIDS = frozenset({"roleAssignmentName", "roleDefinitionId"})


@dataclass(frozen=True, slots=True)
class ResourcePath:
    """One path, such as ``/subscriptions/{subscriptionId}/resourceGroups/{resourceGroupName}``."""

    text: str

    @property
    def parameters(self) -> tuple[str, ...]:
        """The inputs in the path, in order; an input inside another as ``policy.objectId``."""
        return tuple(name for name in _PARAMETER.findall(self.text) if name not in _ENGINE)

    @property
    def own(self) -> str:
        """The input that is the resource's name."""
        return self.parameters[-1]

    @property
    def template(self) -> str:
        """The id as a template of the simulated providers."""
        # A scope is an id itself and begins with a slash.
        text = self.text.removeprefix("/") if self.text.startswith("/{") else self.text
        return _PARAMETER.sub(lambda found: f"{{{_word(found[1])}}}", text)

    @property
    def type(self) -> str:
        """The resource type: ``Microsoft.MachineLearningServices/workspaces/onlineEndpoints``."""
        _, _, provider = self.text.rpartition("/providers/")
        if not provider or provider == self.text:
            return "Microsoft.Resources/resourceGroups"
        parts = [part for part in provider.split("/") if not part.startswith("{")]
        return "/".join(parts)

    @property
    def naming(self) -> Kind:
        """How a missing name is made up."""
        if self.own in _UUIDS:
            return "uuid"
        parts = self.text.lower().split("microsoft.")
        top_level = len(parts) == 1 or parts[-1].count("{") == 1
        return "random" if self.own in _GLOBAL or top_level else "copy"


def _word(parameter: str) -> str:
    return parameter if parameter in _ENGINE else f"input:{parameter}"
