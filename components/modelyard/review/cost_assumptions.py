"""What the estimate and the budget policy of an environment take for granted."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from ..resolve.resolved import Resolution

_SECONDS = "serverless_seconds_per_month"


def cost_assumptions(resolution: Resolution) -> dict[str, Any]:
    """As ``platform.yaml`` declares them; of a serverless model with a traffic profile also the time of its requests,
    as predicted, unless the declaration says one for all."""
    declared = resolution.environment.platform.costs.model_dump(exclude_none=True)
    if _SECONDS not in declared and (predicted := dict(_predicted(resolution))):
        declared[_SECONDS] = predicted
    return declared


def _predicted(resolution: Resolution) -> Iterator[tuple[str, int]]:
    """Seconds a month by model; where a model of that name is in two departments, of the last."""
    serverless = {
        (endpoint.department.department, endpoint.declared.name)
        for endpoint in resolution.endpoints
        if endpoint.declared.sagemaker is not None and endpoint.declared.sagemaker.kind == "serverless"
    }
    for found in resolution.choices:
        if (found.department, found.model) not in serverless:
            continue
        seconds = (each.seconds_of_use for each in found.choice.options if each.kind.startswith("serverless"))
        first = next(seconds, None)
        if first is not None:
            yield found.model, round(first)
