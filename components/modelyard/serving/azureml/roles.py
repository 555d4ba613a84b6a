"""Azure's built-in roles: ``catalog/data/azureml_roles.csv``."""

from __future__ import annotations

from collections.abc import Iterable

from ...catalog.table import rows
from ...environment.azureml import vault_of
from ...environment.cloud_secret import KeyVaultSecret

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


def endpoint_roles(*, registry: bool, storage: bool, captures: bool) -> tuple[tuple[str, str], ...]:
    """What an endpoint's identity may do and where: pairs of a role and of ``registry``, ``storage`` or ``workspace``.

    Those that Azure gives the identity of a system-assigned endpoint ("Authentication for managed online endpoints",
    automatic role assignment), less what this endpoint has no use for.

    Args:
        registry: whether images come from a container registry of one's own.
        storage: whether the model's files are in a storage account that is named.
        captures: whether payloads are written there.
    """
    found = [(METRICS_WRITER, "workspace")]
    if registry:
        found.append((ACR_PULL, "registry"))
    if storage:
        found.append((BLOB_CONTRIBUTOR if captures else BLOB_READER, "storage"))
    return tuple(found)


def secret_scopes(secrets: Iterable[KeyVaultSecret]) -> dict[str, str]:
    """Resource id of each secret that the endpoint's identity is to read, by ``<vault>-<secret>``; none of those whose
    vault is not named, since somebody else gives that right."""
    found = {}
    for secret in secrets:
        if secret.vault_id is not None:
            name = secret.url.split("/")[4]
            found[f"{vault_of(secret)}-{name}"] = f"{secret.vault_id}/secrets/{name}"
    return found
