"""Secrets in a server's environment: read by reference, kept in a Kubernetes Secret, never in a manifest."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pulumi
import pulumi_kubernetes as kubernetes

from ...environment.secret import SecretReference
from .served_model import ServedModel


def secret(
    name: str, model: ServedModel, references: Mapping[str, SecretReference], parent: pulumi.Resource
) -> kubernetes.core.v1.Secret:
    """An immutable Secret with one key for each variable.

    Its name is generated, so that a changed value makes a new Secret and with it new pods.
    """
    metadata = model.metadata()
    del metadata["name"]
    return kubernetes.core.v1.Secret(
        name,
        metadata=metadata,
        immutable=True,
        string_data={variable: secret_value(reference, parent) for variable, reference in references.items()},
        opts=pulumi.ResourceOptions(parent=parent),
    )


def secret_value(reference: SecretReference, parent: pulumi.Resource) -> pulumi.Output[str]:
    """The value behind a reference, marked as a secret.

    ``parent`` gives the AWS provider that reads Secrets Manager. A key that the stack's configuration lacks is
    Pulumi's own error, which names the key and how to set it.
    """
    if reference.config is not None:
        return pulumi.Config("modelyard").require_secret(reference.config)
    import pulumi_aws as aws

    found: Any = aws.secretsmanager.get_secret_version_output(
        secret_id=reference.aws_secrets_manager, opts=pulumi.InvokeOutputOptions(parent=parent)
    )
    return pulumi.Output.secret(found.secret_string)
