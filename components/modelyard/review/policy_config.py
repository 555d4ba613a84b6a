"""The policy pack's configuration for an environment: the same for a plan and for ``pulumi preview``."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from .cost_assumptions import cost_assumptions
from .refused import PlanRefused

if TYPE_CHECKING:
    from ..resolve.resolved import Resolution
    from ..resolve.resolved_pool import ResolvedCpuPool, ResolvedGpuPool


def policy_config(resolution: Resolution) -> dict[str, dict[str, Any]]:
    """What ``--policy-pack-config`` takes, as data that JSON can hold.

    Everything comes from declarations, so that a department's stack is judged with what the foundation beside it
    offers: its pools, its immutable repositories, the metrics of its adapter. Raises PlanRefused for a level or a
    policy that does not exist.
    """
    from modelyard_policies.config import InvalidPolicyConfig, for_environment

    from ..capacity.software.prometheus_adapter import QUEUE_METRIC

    platform = resolution.environment.platform
    try:
        return for_environment(
            platform.tier,
            platform.policies.levels,
            {each.department: each.monthly_budget_usd for each in resolution.environment.departments},
            cost_assumptions(resolution),
            immutable_repositories=[f"*{repository}" for repository in platform.image_registry.repositories],
            custom_metrics=[QUEUE_METRIC],
            pools={
                f"{cluster.declared.name}/{pool.declared.name}": _capacity(pool)
                for cluster in resolution.clusters
                for pool in (*cluster.gpu_pools, *cluster.cpu_pools)
            },
        )
    except InvalidPolicyConfig as error:
        raise PlanRefused("\n".join(f"platform.yaml: policies: {problem}" for problem in error.problems)) from error


def _capacity(pool: ResolvedGpuPool | ResolvedCpuPool) -> str:
    """Whether a cloud may take all of its nodes back at once."""
    return "spot" if pool.declared.capacity == "spot" and pool.floor is None else "on_demand"
