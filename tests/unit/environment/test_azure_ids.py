"""Azure's own answers write resource ids in several cases."""

from __future__ import annotations

import re

import pytest
from modelyard.environment import patterns

SUBSCRIPTION = "0A1b2c3d-4e5f-6789-abcd-ef0123456789"


@pytest.mark.parametrize("groups", ["resourceGroups", "resourcegroups", "ResourceGroups"])
@pytest.mark.parametrize(
    ("pattern", "below"),
    [
        (patterns.AZURE_SUBNET_PATTERN, "Microsoft.Network/virtualNetworks/v_1/subnets/gpu"),
        (patterns.AZURE_SUBNET_PATTERN, "microsoft.network/virtualnetworks/v_1/subnets/gpu"),
        (patterns.KEY_VAULT_ID_PATTERN, "Microsoft.KeyVault/vaults/models"),
        (patterns.KEY_VAULT_ID_PATTERN, "microsoft.keyvault/vaults/models"),
        (patterns.AZURE_RESOURCE_PATTERN, "microsoft.operationalinsights/workspaces/logs"),
    ],
)
def test_ids_are_taken_as_azure_writes_them(pattern: str, below: str, groups: str) -> None:
    assert re.fullmatch(pattern, f"/subscriptions/{SUBSCRIPTION}/{groups}/My_Group.1/providers/{below}")


@pytest.mark.parametrize(
    "wrong",
    [
        f"/subscriptions/{SUBSCRIPTION}/resourceGroups/a/providers/Microsoft.Network/virtualNetworks/v",
        f"/subscriptions/{SUBSCRIPTION}/groups/a/providers/Microsoft.Network/virtualNetworks/v/subnets/s",
        "/subscriptions/shop/resourceGroups/a/providers/Microsoft.Network/virtualNetworks/v/subnets/s",
    ],
)
def test_what_is_no_subnet_is_not(wrong: str) -> None:
    assert re.fullmatch(patterns.AZURE_SUBNET_PATTERN, wrong) is None
