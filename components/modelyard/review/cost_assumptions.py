"""What the estimate and the budget policy of an environment take for granted."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from .compared_option import option_of_endpoint

if TYPE_CHECKING:
    from ..resolve.resolved import Resolution

_SECONDS = "serverless_seconds_per_month"
_AVERAGES = "average_replicas"


def cost_assumptions(resolution: Resolution) -> dict[str, Any]:
    """As ``platform.yaml`` declares them; of models at managed services with a traffic profile also what was predicted
    by it: the time of requests to serverless ones, unless the declaration says one for all, and the average number of
    replicas of autoscaled ones."""
    declared = resolution.environment.platform.costs.model_dump(exclude_none=True)
    found = [
        (endpoint.department.department, endpoint.declared.name, option)
        for endpoint in resolution.endpoints
        if (option := option_of_endpoint(resolution.choices, endpoint)) is not None and endpoint.canary is None
    ]
    seconds = {model: round(option.seconds_of_use) for _, model, option in found if option.seconds_of_use is not None}
    if seconds and _SECONDS not in declared:
        declared[_SECONDS] = seconds
    averages = {
        f"{department}/{model}": round(option.average, 9)
        for department, model, option in found
        if option.kind == "autoscaled" and option.average is not None
    }
    return {**declared, **({_AVERAGES: averages} if averages else {})}
