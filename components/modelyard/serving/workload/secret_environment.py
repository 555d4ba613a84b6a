"""Secrets in a server's environment: read by reference, kept in a Kubernetes Secret, never in a manifest."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pulumi
import pulumi_kubernetes as kubernetes

from ...capacity.software.secret_value import secret_value
from ...environment.secret import SecretReference
from .workload import Workload


def secret(
    name: str,
    workload: Workload,
    references: Mapping[str, SecretReference],
    parent: pulumi.Resource,
    opts: pulumi.ResourceOptions,
) -> kubernetes.core.v1.Secret:
    """An immutable Secret with one key for each variable.

    Its name is generated, so that a changed value makes a new Secret and with it new pods.
    """
    metadata: Any = workload.metadata()
    del metadata["name"]
    return kubernetes.core.v1.Secret(
        name,
        metadata=metadata,
        immutable=True,
        string_data={variable: secret_value(reference, parent) for variable, reference in references.items()},
        opts=opts,
    )
