"""Budgets that no cloud watches, since nothing says where it would."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from ..resolve.resolved import Resolution


def budget_notices(resolution: Resolution) -> Iterator[str]:
    """One line for each cloud with models and without a place for budgets; AWS needs none."""
    managed, used = resolution.environment.platform.managed, {each.target for each in resolution.endpoints}
    if managed is None:
        return
    held = "so only the plan holds them there"
    if "vertex" in used and managed.gcp is not None and managed.gcp.billing_account is None:
        yield f"Google Cloud watches no budget, {held}; name managed.gcp.billing_account and project_number"
    if "azureml" in used and managed.azure is not None and managed.azure.budgets_from is None:
        yield f"Azure watches no budget, {held}; name the month of the first deployment in managed.azure.budgets_from"
