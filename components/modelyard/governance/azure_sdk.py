"""The Azure SDK of Pulumi, which only those have who declare something of Azure."""

from __future__ import annotations

from importlib import import_module
from types import ModuleType


class NoAzureSdk(ModuleNotFoundError):
    """The package pulumi-azure-native is not installed."""

    def __init__(self, component: str) -> None:
        super().__init__(f"{component} needs the package pulumi-azure-native; pip install modelyard[azure]")


def azure(component: str, module: str) -> ModuleType:
    """A module of the SDK, for example ``machinelearningservices``.

    Args:
        component: who needs it, for example ``AzureMLEndpoint``.
        module: name of the module.

    Raises:
        NoAzureSdk: the SDK is not installed.
    """
    try:
        return import_module(f"pulumi_azure_native.{module}")
    except ModuleNotFoundError as error:
        if (error.name or "").partition(".")[0] != "pulumi_azure_native":
            raise
        raise NoAzureSdk(component) from None
