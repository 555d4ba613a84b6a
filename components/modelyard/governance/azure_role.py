"""Azure's built-in roles: ``catalog/data/azureml_roles.csv``."""

from __future__ import annotations

from ..catalog.table import rows

ACR_PULL = "AcrPull"
BLOB_READER = "Storage Blob Data Reader"
BLOB_CONTRIBUTOR = "Storage Blob Data Contributor"
METRICS_WRITER = "AzureML Metrics Writer (preview)"
SECRETS_USER = "Key Vault Secrets User"
CALLER = "AzureML Data Scientist"
KEY_USER = "Key Vault Crypto Service Encryption User"


def role_definition_id(subscription_id: str, role: str) -> str:
    """Resource id of a built-in role, as an assignment names it.

    Raises:
        KeyError: the table has no such role.
    """
    ids = {row["role"]: row["id"] for row in rows("azureml_roles.csv")}
    return f"/subscriptions/{subscription_id}/providers/Microsoft.Authorization/roleDefinitions/{ids[role]}"
