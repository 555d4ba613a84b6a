"""Settings of Amazon ECR that exist once in an account and region, for the one environment that owns them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import pulumi
import pulumi_aws as aws

from ..environment.image_registry import ImageRegistry
from ..governance.ownership import Ownership
from .ecr import registry_document


def account_settings(
    name: str,
    declared: ImageRegistry,
    region: str,
    replicas: Sequence[str],
    account_id: pulumi.Output[str],
    pull_role_arns: Sequence[pulumi.Input[str]],
    ownership: Ownership,
    child: pulumi.ResourceOptions,
) -> None:
    """Replication and scanning of the repositories below ``<environment>/``, and who may fill caches.

    Whatever else stands in these settings of the account is overwritten, which is why one environment owns them.
    """
    prefix = f"{ownership.environment}/"
    if replicas:
        aws.ecr.ReplicationConfiguration(
            name,
            replication_configuration={
                "rules": [
                    {
                        "destinations": [{"region": each, "registry_id": account_id} for each in replicas],
                        "repository_filters": [{"filter": prefix, "filter_type": "PREFIX_MATCH"}],
                    }
                ]
            },
            region=region,
            opts=child,
        )
    if declared.scanning == "enhanced":
        aws.ecr.RegistryScanningConfiguration(
            name,
            scan_type="ENHANCED",
            rules=[_scanned("SCAN_ON_PUSH", prefix), _scanned("CONTINUOUS_SCAN", prefix)],
            region=region,
            opts=child,
        )
    if declared.pull_through and pull_role_arns:
        prefixes = [f"{ownership.environment}/{each.name}" for each in declared.pull_through]
        aws.ecr.RegistryPolicy(
            name,
            policy=pulumi.Output.all(account_id, *pull_role_arns).apply(
                lambda known: registry_document(known[0], region, prefixes, known[1:])
            ),
            region=region,
            opts=child,
        )


def _scanned(frequency: str, prefix: str) -> Any:
    return {
        "scan_frequency": frequency,
        "repository_filters": [{"filter": f"{prefix}*", "filter_type": "WILDCARD"}],
    }
