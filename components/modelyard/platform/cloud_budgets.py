"""Budgets of the clouds besides AWS, each over what an environment or a department spends there."""

from __future__ import annotations

from collections.abc import Mapping

import pulumi

from ..environment.managed import Managed
from ..governance.ownership import Ownership
from .azure_budget import declare_azure_budget
from .google_budget import declare_google_budget
from .handles import AzureHandle, GoogleHandle


def declare_cloud_budgets(
    managed: Managed | None,
    ownership: Ownership,
    monthly_usd: float,
    google: Mapping[str, GoogleHandle],
    azure: Mapping[str, AzureHandle],
    parent: pulumi.Resource,
    *,
    whole: bool = False,
) -> None:
    """One in each cloud that is used and says where budgets go. Each watches what is spent in its own cloud; the plan
    compares the sum.

    Args:
        managed: of the platform.
        ownership: the department, and whom to tell.
        monthly_usd: US dollars a month.
        google: by region, empty where it is not used.
        azure: by location, empty where it is not used.
        parent: of the budgets.
        whole: everything of the environment instead of one department's.
    """
    in_google, in_azure = next(iter(google.values()), None), next(iter(azure.values()), None)
    if managed is not None and managed.gcp is not None and in_google is not None:
        provider = in_google.provider
        declare_google_budget(managed.gcp, ownership, monthly_usd, whole=whole, provider=provider, parent=parent)
    if managed is not None and managed.azure is not None and in_azure is not None:
        provider = in_azure.provider
        declare_azure_budget(managed.azure, ownership, monthly_usd, whole=whole, provider=provider, parent=parent)
