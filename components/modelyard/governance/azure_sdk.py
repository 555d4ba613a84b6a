"""The Azure SDK of Pulumi, which only those have who declare something of Azure."""

from __future__ import annotations

from ...governance.azure_sdk import NoAzureSdk as NoAzureSdk
from ...governance.azure_sdk import azure as azure
