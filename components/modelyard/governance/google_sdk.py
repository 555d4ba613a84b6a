"""The Google Cloud SDK of Pulumi, which only those have who declare something of Google Cloud."""

from __future__ import annotations

from importlib import import_module
from types import ModuleType


class NoGcpSdk(ModuleNotFoundError):
    """The package pulumi-gcp is not installed."""

    def __init__(self, component: str) -> None:
        super().__init__(f"{component} needs the package pulumi-gcp; pip install modelyard[gcp]")


def google(component: str, module: str) -> ModuleType:
    """A module of the SDK, for example ``artifactregistry``.

    Args:
        component: who needs it, for example ``ContainerRegistry``.
        module: name of the module.

    Raises:
        NoGcpSdk: the SDK is not installed.
    """
    try:
        return import_module(f"pulumi_gcp.{module}")
    except ModuleNotFoundError as error:
        if (error.name or "").partition(".")[0] != "pulumi_gcp":
            raise
        raise NoGcpSdk(component) from None
