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
from modelyard_policies.resource_graph import Observed
from modelyard_policies.rule import ResourceRule, StackRule

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
    """New rule objects, in the order of ``NAMES``. What one run of the engine showed them, they share."""
    observed: Observed = {}
    found: dict[str, ResourceRule | StackRule] = {}
    for subject in _SUBJECTS:
        for rule in subject.rules():
            rule.observed = observed
            found[rule.name] = rule
    return [found[name] for name in NAMES]
