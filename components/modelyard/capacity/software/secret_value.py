"""The value behind a reference to a secret."""

from __future__ import annotations

from typing import Any

import pulumi

from ...environment.secret import SecretReference


def secret_value(
    reference: SecretReference, parent: pulumi.Resource, provider: pulumi.ProviderResource | None = None
) -> pulumi.Output[str]:
    """Marked as a secret.

    ``provider``, or else ``parent``, gives the AWS provider that reads Secrets Manager. A key that the stack's
    configuration lacks is Pulumi's own error, which names the key and how to set it.
    """
    if reference.config is not None:
        return pulumi.Config("modelyard").require_secret(reference.config)
    import pulumi_aws as aws

    found: Any = aws.secretsmanager.get_secret_version_output(
        secret_id=reference.aws_secrets_manager, opts=pulumi.InvokeOutputOptions(parent=parent, provider=provider)
    )
    return pulumi.Output.secret(found.secret_string)
