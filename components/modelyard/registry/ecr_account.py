"""Settings of Amazon ECR that exist once in an account and region, for the one environment that owns them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import pulumi
import pulumi_aws as aws

from ..environment.image_registry import ImageRegistry
from ..governance.ownership import Ownership
from .ecr import registry_document

_NOTATION = "Notation-OCI-SHA384-ECDSA"
"""What AWS Signer calls signatures of container images."""


class NoAwsNativeSdk(ModuleNotFoundError):
    """The package pulumi-aws-native is not installed."""

    def __init__(self) -> None:
        super().__init__(
            "ecr.managed_signing of ContainerRegistry needs the package pulumi-aws-native; pip install "
            "modelyard[aws-native]"
        )


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
    """Replication, scanning and signing of the repositories below ``<environment>/``, and who may fill caches.

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
    if declared.scanning == "on_push":
        # Accounts of before 2024 still have the scanner that it replaced.
        aws.ecr.AccountSetting(
            f"{name}-scanner", name="BASIC_SCAN_TYPE_VERSION", value="AWS_NATIVE", region=region, opts=child
        )
    if declared.ecr.managed_signing:
        _managed_signing(name, region, ownership, child)
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


def _managed_signing(name: str, region: str, ownership: Ownership, child: pulumi.ResourceOptions) -> None:
    """Each push is signed by Notation ("Managed signing" of the user guide). A profile's name is of letters, digits and
    underscores, and is never free again."""
    native = _native()
    profile = aws.signer.SigningProfile(
        f"{name}-signing",
        name=f"{ownership.environment}_images_{region}".replace("-", "_"),
        platform_id=_NOTATION,
        region=region,
        tags=ownership.aws_tags(),
        opts=child,
    )
    provider = native.Provider(f"{name}-native", region=region, opts=pulumi.ResourceOptions(parent=child.parent))
    filters = [{"filter": f"{ownership.environment}/*", "filter_type": "WILDCARD_MATCH"}]
    native.ecr.SigningConfiguration(
        f"{name}-signing",
        rules=[{"signing_profile_arn": profile.arn, "repository_filters": filters}],
        opts=pulumi.ResourceOptions(parent=child.parent, provider=provider),
    )


def _native() -> Any:
    try:
        import pulumi_aws_native
    except ImportError:
        raise NoAwsNativeSdk() from None
    return pulumi_aws_native


def _scanned(frequency: str, prefix: str) -> Any:
    return {
        "scan_frequency": frequency,
        "repository_filters": [{"filter": f"{prefix}*", "filter_type": "WILDCARD"}],
    }
