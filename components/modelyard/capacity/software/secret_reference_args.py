"""A reference to a secret, as a component's argument."""

from typing import NotRequired, TypedDict


class SecretReferenceArgs(TypedDict):
    """Exactly one of the two places."""

    config: NotRequired[str]
    """Key of Pulumi's encrypted stack configuration (``pulumi config set --secret modelyard:<key>``)."""
    aws_secrets_manager: NotRequired[str]
    """Name or ARN of a secret in AWS Secrets Manager, read when the stack is deployed."""
