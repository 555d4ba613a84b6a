"""What an account must be allowed to run, which nobody can see without asking it.

New accounts often start at 0 for GPU families. A quota that ``quotas`` declares is checked instead
(:mod:`modelyard.resolve.quota`).
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from ..environment.quota import Quota
from .quota import QuotaKey, counted_of_google, known_family, quota_uses
from .resolved import ResolvedCluster


def quota_notices(clusters: Sequence[ResolvedCluster], quotas: Sequence[Quota] = ()) -> Iterator[str]:
    """One sentence for each quota that the GPU pools could fill at their maximum, and that nobody declares."""
    declared = {
        QuotaKey(quota.cloud, quota.region, known_family(quota) or "", quota.capacity == "spot") for quota in quotas
    }
    for key, uses in quota_uses(clusters).items():
        needed = sum(use.nodes * use.each for use in uses if use.gpu)
        if needed and key not in declared:
            yield _sentence(key, needed)


def _sentence(key: QuotaKey, needed: int) -> str:
    if key.cloud == "gcp":
        name = f"PREEMPTIBLE_{key.family}" if key.spot else key.family
        counted = counted_of_google(key.family)
        return (
            f"the GPU pools of {key.region} run up to {needed} {counted}; check the project's quota {name!r} there, "
            "which is 0 in many new projects"
        )
    if key.cloud == "azure":
        return (
            f"the GPU pools of {key.region} run up to {needed} vCPUs; check the subscription's quota {key.family!r} "
            "there, which is 0 in many new subscriptions"
        )
    quota = f"All {key.family} Spot Instance Requests" if key.spot else f"Running On-Demand {key.family} instances"
    return (
        f"the GPU pools of {key.region} run up to {needed} vCPUs; check the account's EC2 quota {quota!r} there, which "
        "is 0 in many new accounts"
    )
