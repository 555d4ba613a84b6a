"""Provider instances by URN: those that the program declares, and default ones made on demand as the engine does."""

from __future__ import annotations

import difflib
import json
import re
import uuid
from collections.abc import Mapping
from typing import Any

from modelyard.graph import UNKNOWN, Secret
from modelyard.offline import wire
from modelyard.offline.schemas import Problem
from modelyard.offline.simulated import Checked, Providers, SimulatedProvider

_BUILTIN = "pulumi"
"""The engine's own package, which no provider serves."""


class NoProvider(LookupError):
    """A resource or function whose provider is missing, denied or not simulated."""


class ProviderRegistry:
    """Configures simulated providers.

    ``config`` is the stack's configuration by full key; ``aws:region`` becomes the input ``region`` of the default
    ``aws`` provider.
    """

    def __init__(self, providers: Providers, config: Mapping[str, str | Secret]) -> None:
        self._providers = providers
        self._config = config
        self._instances: dict[str, SimulatedProvider] = {}
        self._unconfigured: set[str] = set()
        self._defaults: dict[tuple[str, str, str], str] = {}

    def check(self, package: str, inputs: Mapping[str, Any]) -> Checked:
        """A provider resource's inputs, checked. A package that is not simulated is a problem."""
        if package == _BUILTIN:
            return Checked(dict(inputs))
        provider = self._providers.get(package)
        if provider is None:
            return Checked(dict(inputs), [Problem("", self._not_simulated(package))])
        return provider.check_config(inputs)

    def __contains__(self, package: str) -> bool:
        return package in self._providers

    def configure(self, urn: str, package: str, inputs: Mapping[str, Any]) -> str:
        """Make the instance of a checked provider resource; gives its id."""
        if package != _BUILTIN:
            self._instances[urn] = self._providers[package](inputs)
            if wire.contains_unknown(inputs):
                self._unconfigured.add(urn)
        return str(uuid.uuid5(uuid.NAMESPACE_URL, urn))

    def instance(self, urn: str, needed_by: str) -> SimulatedProvider:
        """The configured provider. Raises NoProvider when the URN names none."""
        try:
            return self._instances[urn]
        except KeyError:
            raise NoProvider(f"unknown provider '{urn}' (needed by {needed_by})") from None

    def is_configured(self, urn: str) -> bool:
        """Whether all of the provider's settings are known."""
        return urn not in self._unconfigured

    def default_urn(self, package: str, version: str, url: str) -> str:
        """The default provider that serves the package already, or an empty string."""
        return self._defaults.get((package, version, url), "")

    def remember_default(self, package: str, version: str, url: str, urn: str) -> None:
        self._defaults[package, version, url] = urn

    def default_inputs(self, package: str, version: str) -> dict[str, Any]:
        """A default provider's inputs: the configuration under the package's name, and the SDK's version."""
        prefix = f"{package}:"
        inputs: dict[str, Any] = {
            key[len(prefix) :]: value for key, value in self._config.items() if key.startswith(prefix)
        }
        if version:
            inputs["version"] = version
        return inputs

    def check_default_allowed(self, package: str, token: str) -> None:
        """Raises NoProvider where ``pulumi:disable-default-providers`` names the package."""
        setting = self._config.get("pulumi:disable-default-providers")
        if package == "pulumi" or not setting or setting is UNKNOWN or isinstance(setting, Secret):
            return
        barred = [str(name).strip() for name in json.loads(setting)]
        if "*" in barred or package in barred:
            raise NoProvider(f"Default provider for '{package}' disabled. '{token}' must use an explicit provider.")

    def _not_simulated(self, package: str) -> str:
        known = sorted(self._providers)
        close = difflib.get_close_matches(package, known, 1)
        hint = f" (did you mean {close[0]!r}?)" if close else ""
        return (
            f"package {package!r} has no simulated provider{hint}: simulated are {', '.join(known)}; "
            "plan this stack with `pulumi preview`"
        )


def default_name(version: str, url: str) -> str:
    """The logical name that the engine gives a default provider: ``default_7_51_1``."""
    parts = ["default", version, url]
    return "_".join(re.sub(r"[^a-zA-Z0-9]", "_", part) for part in parts if part)


def provider_urn(reference: str) -> str:
    """The URN in a provider reference ``<urn>::<id>``."""
    return reference.rpartition("::")[0]
