"""A cluster on one's own premises, as Azure knows it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import pulumi

from ..capacity.arc.connection import ArcConnection
from ..environment.arc import ArcConnection as Declared
from ..environment.managed import Managed
from ..governance.ownership import Ownership
from .azure_cloud import azure_provider
from .handles import AzureHandle


@dataclass(frozen=True, slots=True)
class _Place:
    subscription_id: str | None
    tenant_id: str | None


def connect(
    name: str,
    declared: Declared,
    managed: Managed | None,
    ownership: Ownership,
    azure: Mapping[str, AzureHandle],
    parent: pulumi.Resource,
) -> None:
    """Its record, and what Azure installs there.

    Args:
        name: of the cluster and of its record.
        declared: as ``existing.arc``.
        managed: whose subscription it is where it names none.
        ownership: the platform's.
        azure: what managed endpoints have, by location; their provider is used where it is the same subscription.
        parent: the environment.
    """
    account = managed.azure if managed is not None else None
    own = declared.subscription_id
    shared = account is not None and own in (None, account.subscription_id) and declared.location in azure
    if shared:
        provider = azure[declared.location].provider
    else:
        place = _Place(own or (account and account.subscription_id), account.tenant_id if account else None)
        provider = azure_provider(place, declared.location, parent, f"modelyard-azure-arc-{name}", "Azure Arc")
    told = declared.model_dump(mode="json", exclude_none=True, exclude_unset=True, exclude={"subscription_id"})
    ArcConnection(
        name,
        {**told, "cluster_name": name, "ownership": ownership.args()},  # pyright: ignore[reportArgumentType]
        pulumi.ResourceOptions(parent=parent, providers=[provider]),
    )
