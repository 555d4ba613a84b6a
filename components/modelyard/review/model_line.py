"""One model of a plan, wherever it runs: its objective, its places, and what it costs."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal
from typing import TYPE_CHECKING

from .plan import ModelLine, ModelPlace
from .rollout_line import rollout_line

if TYPE_CHECKING:
    from ..cost import Estimate
    from ..environment.model import Model, Objective
    from ..resolve.resolved import Resolution, ResolvedEndpoint, ResolvedModel


def model_line(
    found: Sequence[ResolvedModel | ResolvedEndpoint],
    places: Sequence[ModelPlace],
    resolution: Resolution,
    costs: Estimate,
) -> ModelLine:
    """One model with all its clusters or regions.

    Args:
        found: the model in each of its places, at least one.
        places: what a plan shows of each, in the same order.
        resolution: of the environment.
        costs: of the whole environment.
    """
    first = found[0]
    declared, department = first.declared, first.department.department
    objective = declared.objective
    monthly_usd = costs.models.get((department, declared.name))
    requests = _requests(objective, department, declared.name, resolution)
    return ModelLine(
        department=department,
        model=declared.name,
        task=declared.task,
        release=first.release,
        objective_p99_ms=objective.p99_ms if objective else None,
        objective_requests_per_second=objective.requests_per_second if objective else None,
        monthly_usd=Decimal(0) if monthly_usd is None and not _has_floor(declared) else monthly_usd,
        usd_per_million=None
        if requests is None or monthly_usd is None
        else monthly_usd * 1_000_000 / (requests * len(places)),
        places=tuple(places),
        rollout=rollout_line(declared),
        runtime=declared.runtime,
        server=_server(declared),
    )


def _server(declared: Model) -> str:
    """The runtime's, or what the managed service is told to run in its place."""
    own = declared.sagemaker.framework if declared.target == "sagemaker" and declared.sagemaker else None
    prebuilt = declared.vertex.prebuilt if declared.target == "vertex" and declared.vertex else None
    return own or prebuilt or declared.server


def _has_floor(declared: Model) -> bool:
    """Whether something of its own is guaranteed at some hour; where nothing is, nothing of the model is left
    unpriced."""
    return declared.is_managed or (declared.has_own_pods and bool(declared.scaling.highest_floor))


def _requests(objective: Objective | None, department: str, model: str, resolution: Resolution) -> Decimal | None:
    """Of a month in one place: those of its traffic, or of the objective's rate if that came all month."""
    for each in resolution.choices:
        if (each.department, each.model) == (department, model):
            return Decimal(repr(each.choice.requests_per_month))
    if objective is None:
        return None
    return Decimal(str(objective.requests_per_second)) * resolution.environment.platform.costs.hours_per_month * 3600
