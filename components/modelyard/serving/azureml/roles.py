"""What the identity of an online endpoint may do."""

from __future__ import annotations

from collections.abc import Iterable

from ...environment.azureml import vault_of
from ...environment.cloud_secret import KeyVaultSecret
from ...governance.azure_role import ACR_PULL, BLOB_CONTRIBUTOR, BLOB_READER, METRICS_WRITER


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
