"""Models at managed services with what each costs, and what their services cannot do of what they ask."""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal
from typing import TYPE_CHECKING

from .model_figures import predicted, usd_per_million
from .plan import ModelLine, ModelPlace
from .rollout_line import rollout_line

if TYPE_CHECKING:
    from ..cost import Estimate
    from ..resolve.resolved import Resolution, ResolvedEndpoint


def endpoints_by_model(resolution: Resolution) -> list[list[ResolvedEndpoint]]:
    """Each model's endpoints, one a region."""
    found: dict[tuple[str, str], list[ResolvedEndpoint]] = {}
    for endpoint in resolution.endpoints:
        found.setdefault((endpoint.department.department, endpoint.declared.name), []).append(endpoint)
    return list(found.values())


def endpoint_line(found: list[ResolvedEndpoint], costs: Estimate, hours_per_month: Decimal) -> ModelLine:
    """One model with all its regions."""
    first = found[0]
    objective = first.declared.objective
    monthly_usd = costs.models.get((first.department.department, first.declared.name))
    return ModelLine(
        department=first.department.department,
        model=first.declared.name,
        task=first.declared.task,
        release=first.release,
        objective_p99_ms=objective.p99_ms if objective else None,
        objective_requests_per_second=objective.requests_per_second if objective else None,
        monthly_usd=monthly_usd,
        usd_per_million=usd_per_million(objective, len(found), monthly_usd, hours_per_month),
        places=tuple(_place(endpoint) for endpoint in found),
        rollout=rollout_line(first.declared),
    )


def endpoint_notices(resolution: Resolution) -> Iterator[str]:
    """One line for each thing that a model asks and its service cannot do, with the nearest that it can."""
    from ..serving.managed.capabilities import kubernetes_shortfalls, shortfalls

    for found in endpoints_by_model(resolution):
        for shortfall in shortfalls(found[0].declared, found[0].target):
            yield shortfall.sentence(found[0].declared.name)
    for _, model in resolution.environment.models():
        for shortfall in kubernetes_shortfalls(model):
            yield shortfall.sentence(model.name)


def _place(endpoint: ResolvedEndpoint) -> ModelPlace:
    from ..serving.managed.endpoint import shares_of, version_name

    declared = endpoint.declared
    shares = shares_of(declared.rollout, declared.stable_version)
    return ModelPlace(
        cluster=endpoint.region,
        pool=None,
        overflow_pool=None,
        accelerator=None,
        min_replicas=declared.scaling.min_replicas,
        max_replicas=declared.scaling.max_replicas,
        prediction=None if endpoint.sizing is None else predicted(endpoint.sizing),
        target=endpoint.target,
        instance_type=endpoint.instance_type,
        shares=tuple((version_name(version), percent) for version, percent in shares.items()),
    )
