"""A monthly budget that Azure watches: of a department, or of the whole environment."""

from __future__ import annotations

from typing import Any

import pulumi

from ..environment.managed import ManagedAzure
from ..governance.ownership import PLATFORM, Ownership
from ..resolve.names import budget_name

_NOTICES = (("Actual", 80), ("Actual", 100), ("Forecasted", 100))
"""What is compared, and from which percentage of the budget the owner hears of it: as of the budgets of AWS."""


def declare_azure_budget(
    place: ManagedAzure,
    ownership: Ownership,
    monthly_usd: float,
    *,
    whole: bool,
    provider: Any,
    parent: pulumi.Resource,
) -> None:
    """A budget over what carries the tags in the subscription; nothing where no month is named for it to begin with.

    Azure takes an amount in the currency of the subscription's billing account. Follows "Budgets" of the Consumption
    API.

    Args:
        place: the subscription, and the month in which its budgets begin.
        ownership: the department, and whom to tell.
        monthly_usd: US dollars a month.
        whole: everything of the environment instead of one department's.
        provider: of the subscription.
        parent: of the budget.
    """
    if place.budgets_from is None:
        return
    from ..governance.azure_sdk import azure

    name = budget_name(ownership.environment, PLATFORM if whole else ownership.department)
    environment = _tag("environment", ownership.environment)
    department = _tag("department", ownership.department)
    azure("Budget", "consumption").Budget(
        name,
        budget_name=name,
        scope=f"/subscriptions/{place.subscription_id}",
        amount=round(monthly_usd, 2),
        category="Cost",
        time_grain="Monthly",
        time_period={"start_date": f"{place.budgets_from}-01T00:00:00Z"},
        filter=environment if whole else {"and_": [environment, department]},
        notifications={
            f"{kind.lower()}-{percent}": {
                "enabled": True,
                "operator": "GreaterThan",
                "threshold": percent,
                "threshold_type": kind,
                "contact_emails": [ownership.owner],
            }
            for kind, percent in _NOTICES
        },
        opts=pulumi.ResourceOptions(parent=parent, provider=provider),
    )


def _tag(key: str, value: str) -> dict[str, Any]:
    return {"tags": {"name": key, "operator": "In", "values": [value]}}
