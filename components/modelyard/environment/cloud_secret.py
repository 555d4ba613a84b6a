"""Secrets of a managed service's own cloud: named here, read there by the server's own identity, and shown nowhere."""

from __future__ import annotations

from typing import Annotated

from pydantic import StringConstraints

from .declaration import Declaration
from .patterns import (
    AWS_SECRET_ARN_PATTERN,
    GOOGLE_SECRET_PATTERN,
    KEY_ARN_PATTERN,
    KEY_VAULT_ID_PATTERN,
    KEY_VAULT_SECRET_PATTERN,
)


class AwsSecret(Declaration):
    """A secret of AWS Secrets Manager that the endpoint's role, and so the server, may read."""

    arn: Annotated[str, StringConstraints(pattern=AWS_SECRET_ARN_PATTERN, max_length=2048)]
    """Of the secret, with the six characters that AWS puts to the end of its name."""
    kms_key_arn: Annotated[str, StringConstraints(pattern=KEY_ARN_PATTERN)] | None = None
    """Key of one's own that it is encrypted with. Default: AWS's own key for Secrets Manager."""


GoogleSecret = Annotated[str, StringConstraints(pattern=GOOGLE_SECRET_PATTERN, max_length=512)]
"""``projects/<project>/secrets/<name>`` of Secret Manager."""


class KeyVaultSecret(Declaration):
    """A secret of Azure Key Vault that Azure ML puts into a variable when the container starts."""

    url: Annotated[str, StringConstraints(pattern=KEY_VAULT_SECRET_PATTERN, max_length=512)]
    """https://<vault>.vault.azure.net/secrets/<name>/<version>"""
    vault_id: Annotated[str, StringConstraints(pattern=KEY_VAULT_ID_PATTERN)] | None = None
    """Resource id of the vault: then the endpoint's identity is given the right to read this secret alone. The vault
    has to use Azure's role-based access control. Default: somebody else gives it."""
