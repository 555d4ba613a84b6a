"""References to secrets. A declaration holds where a secret is kept, never the secret."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field, StringConstraints, model_validator

from .declaration import Declaration
from .patterns import CONFIG_KEY_PATTERN, SECRET_NAME_PATTERN


class SecretReference(Declaration):
    """Exactly one of the two places."""

    config: Annotated[str, StringConstraints(pattern=CONFIG_KEY_PATTERN, max_length=100)] | None = None
    """Key of Pulumi's encrypted stack configuration (``pulumi config set --secret modelyard:<key>``)."""

    aws_secrets_manager: Annotated[str, StringConstraints(pattern=SECRET_NAME_PATTERN, max_length=512)] | None = Field(
        default=None
    )
    """Name or ARN of a secret in AWS Secrets Manager, read when the stack is deployed."""

    @model_validator(mode="after")
    def _one_place(self) -> SecretReference:
        if (self.config is None) == (self.aws_secrets_manager is None):
            raise ValueError("needs exactly one of config, aws_secrets_manager")
        return self
