"""All rules of the pack."""

from __future__ import annotations

from typing import Final

from pulumi_policy import Policy

from modelyard_policies import (
    accounts,
    autoscaling,
    availability,
    budgets,
    clusters,
    exposure,
    gpus,
    images,
    network_policies,
    nodes,
    ownership,
    pod_security,
    registries,
    rollouts,
    secrets,
    storage,
)
from modelyard_policies.levels import table

NAMES: Final = tuple(table())
"""Every rule's name, in the order in which the rules run."""

_SUBJECTS: Final = (
    ownership,
    images,
    registries,
    clusters,
    network_policies,
    exposure,
    storage,
    nodes,
    accounts,
    gpus,
    pod_security,
    secrets,
    availability,
    rollouts,
    autoscaling,
    budgets,
)


def policies() -> list[Policy]:
    """New rule objects, in the order of ``NAMES``. They keep no state between resources or runs."""
    found: dict[str, Policy] = {rule.name: rule for subject in _SUBJECTS for rule in subject.rules()}
    return [found[name] for name in NAMES]
