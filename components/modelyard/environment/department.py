"""A department: who pays, who answers, which models."""

from __future__ import annotations

from typing import Annotated

from pydantic import StringConstraints

from .amount import MonthlyUsd
from .declaration import Declaration
from .model import Model
from .names import DepartmentName
from .patterns import COST_CENTER_PATTERN, EMAIL_PATTERN

CostCenter = Annotated[str, StringConstraints(pattern=COST_CENTER_PATTERN, max_length=63)]
Email = Annotated[str, StringConstraints(pattern=EMAIL_PATTERN, max_length=254)]


class Department(Declaration):
    """``departments/<name>.yaml``"""

    department: DepartmentName
    """Same as the file's name."""
    cost_center: CostCenter
    owner: Email
    """Told when the budget is nearly spent."""
    monthly_budget_usd: MonthlyUsd
    models: list[Model] = []
