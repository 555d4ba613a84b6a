"""A monthly budget that Google Cloud watches: of a department, or of the whole environment."""

from __future__ import annotations

from typing import Any

import pulumi

from ..environment.managed import ManagedGcp
from ..governance.ownership import PLATFORM, Ownership
from ..resolve.names import budget_name
from .google_cloud import sdk

_RULES = (("CURRENT_SPEND", 0.8), ("CURRENT_SPEND", 1.0), ("FORECASTED_SPEND", 1.0))
"""What is compared, and from which share of the budget the owner hears of it: as of the budgets of AWS."""


def declare_google_budget(
    place: ManagedGcp, ownership: Ownership, monthly_usd: float, *, whole: bool, provider: Any, parent: pulumi.Resource
) -> None:
    """A budget over what carries the label in the project; nothing where no billing account is named.

    A budget counts by one label, so that of a department counts the department in every environment of the project,
    and the environment's counts by its own label. Follows "Budgets" of the Cloud Billing Budget API.

    Args:
        place: project and billing account.
        ownership: the department, and whom to tell.
        monthly_usd: US dollars a month.
        whole: everything of the environment instead of one department's.
        provider: of the project.
        parent: of both resources.
    """
    if place.billing_account is None:
        return
    name = budget_name(ownership.environment, PLATFORM if whole else ownership.department)
    here = pulumi.ResourceOptions(parent=parent, provider=provider)
    labels = ownership.gcp_labels()
    key = "environment" if whole else "department"
    channel = sdk().monitoring.NotificationChannel(
        name,
        project=place.project,
        type="email",
        display_name=f"owner of budget {name}",
        labels={"email_address": ownership.owner},
        user_labels=labels,
        opts=here,
    )
    units, nanos = divmod(round(monthly_usd * 100), 100)
    sdk().billing.Budget(
        name,
        billing_account=place.billing_account,
        display_name=name[:60],
        amount={"specified_amount": {"currency_code": "USD", "units": str(units), "nanos": nanos * 10_000_000}},
        budget_filter={
            "projects": [f"projects/{place.project_number}"],
            "labels": {key: labels[key]},
            "calendar_period": "MONTH",
        },
        threshold_rules=[{"spend_basis": basis, "threshold_percent": share} for basis, share in _RULES],
        all_updates_rule={"monitoring_notification_channels": [channel.name]},
        opts=here,
    )
