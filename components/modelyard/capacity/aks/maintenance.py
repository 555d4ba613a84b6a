"""When AKS may exchange what a cluster runs on.

Follows "Use planned maintenance to schedule and control upgrades for an AKS cluster".
"""

from __future__ import annotations

from typing import Any

import pulumi

from ...environment.aks import Aks
from ...governance.azure_sdk import azure

_UPGRADES = {"kubernetes": "aksManagedAutoUpgradeSchedule", "node-image": "aksManagedNodeOSUpgradeSchedule"}
"""By what is exchanged, the names that AKS knows."""


def maintenance_windows(name: str, aks: Aks, cluster: Any, parent: pulumi.Resource) -> None:
    """One for new versions of Kubernetes and one for new node images, at the same hours of the week."""
    window = aks.maintenance
    if window is None:
        return
    for what, known_as in _UPGRADES.items():
        azure("ServingCluster", "containerservice").MaintenanceConfiguration(
            f"{name}-{what}",
            config_name=known_as,
            resource_name_=cluster.name,
            resource_group_name=aks.resource_group,
            maintenance_window={
                "schedule": {"weekly": {"dayOfWeek": window.day.title(), "intervalWeeks": 1}},
                "startTime": window.start,
                "durationHours": window.hours,
                "utcOffset": window.utc_offset,
            },
            opts=pulumi.ResourceOptions(parent=parent),
        )
