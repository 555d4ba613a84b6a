"""A department: who pays, who answers, which models."""

from __future__ import annotations

from typing import Annotated

from pydantic import StringConstraints

from .amount import MonthlyUsd
from .declaration import Declaration
from .inference_graph import InferenceGraph
from .model import Model
from .names import DepartmentName
from .patterns import COST_CENTER_PATTERN, EMAIL_PATTERN
from .seldon import SeldonPipeline

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
    graphs: list[InferenceGraph] = []
    """Graphs of models that KServe serves; each has a name and a host of its own."""
    pipelines: list[SeldonPipeline] = []
    """Pipelines of models that Seldon Core 2 serves; each has a name and a host of its own."""
