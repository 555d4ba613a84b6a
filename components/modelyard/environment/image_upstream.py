"""A registry of somebody else whose images are fetched through one's own."""

from __future__ import annotations

from typing import Annotated

from pydantic import StringConstraints, model_validator

from .declaration import Declaration
from .patterns import (
    AWS_SECRET_ARN_PATTERN,
    GOOGLE_SECRET_VERSION_PATTERN,
    HOSTNAME_PATTERN,
    KEY_VAULT_SECRET_NAME_PATTERN,
    NAME_PATTERN,
    ONE_LINE_PATTERN,
)

KeyVaultSecretName = Annotated[str, StringConstraints(pattern=KEY_VAULT_SECRET_NAME_PATTERN)]


class UpstreamCredentials(Declaration):
    """Where the credentials for an upstream are kept, in the form of each cloud that has such a registry. Each cloud
    reads its own by itself; they never reach the deployment."""

    aws_secret_arn: Annotated[str, StringConstraints(pattern=AWS_SECRET_ARN_PATTERN)] | None = None
    """Of a secret of Secrets Manager in the registry's region with username and accessToken; Amazon ECR wants its name
    to begin with ecr-pullthroughcache/."""
    google_user: Annotated[str, StringConstraints(pattern=ONE_LINE_PATTERN, min_length=1, max_length=200)] | None = None
    """User name for Artifact Registry; needed beside google_secret_version."""
    google_secret_version: Annotated[str, StringConstraints(pattern=GOOGLE_SECRET_VERSION_PATTERN)] | None = None
    """Version of a secret of Secret Manager that holds the password."""
    key_vault_user: KeyVaultSecretName | None = None
    """Secret of Key Vault that holds the user name; needed beside key_vault_password."""
    key_vault_password: KeyVaultSecretName | None = None
    """Secret of Key Vault that holds the password."""

    @model_validator(mode="after")
    def _pairs(self) -> UpstreamCredentials:
        for one, other in (("google_user", "google_secret_version"), ("key_vault_user", "key_vault_password")):
            if (getattr(self, one) is None) != (getattr(self, other) is None):
                raise ValueError(f"{one} and {other} go together; give both or none")
        if not self.model_fields_set:
            raise ValueError("names no secret; add aws_secret_arn, google_secret_version or key_vault_password")
        return self


class ImageUpstream(Declaration):
    """Its images are pulled as <registry>/<environment>/<name>/<image>."""

    name: Annotated[str, StringConstraints(pattern=NAME_PATTERN, max_length=20)]
    """Short name, for example docker-hub."""
    upstream: Annotated[str, StringConstraints(pattern=HOSTNAME_PATTERN)]
    """Host of the registry: docker.io, quay.io, ghcr.io, nvcr.io, registry.k8s.io, public.ecr.aws, ..."""
    credentials: UpstreamCredentials | None = None
    """Where the credentials are. Default: none, as the upstream lets everybody pull."""
