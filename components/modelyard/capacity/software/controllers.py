"""Controllers that are installed where a model needs them: KEDA, KServe, Argo Rollouts and Flagger."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import pulumi

from ...governance.ownership import Ownership
from .argo_rollouts import argo_rollouts_values
from .cluster_software_declaration import ClusterSoftwareDeclaration
from .flagger import flagger_values
from .keda import keda_values
from .kserve import kserve_monitor, kserve_values
from .kubernetes_object import declare
from .namespaces import OF_CONTROLLER
from .release import release


@dataclass(frozen=True, slots=True)
class Ground:
    """What controllers stand on: each waits for what it needs of it."""

    name: str
    """Of the cluster's software, and the beginning of every resource's name."""
    declared: ClusterSoftwareDeclaration
    ownership: Ownership
    parent: pulumi.Resource
    namespaces: dict[str, pulumi.Resource]
    prometheus: pulumi.Resource
    """Release that brings the definitions of monitors."""
    certificates: pulumi.Resource
    """Release of cert-manager, which signs for KServe's webhooks."""
    priority: pulumi.Resource
    """PriorityClass of serving pods."""

    def release(self, controller: str, chart: str, values: dict[str, Any], *before: pulumi.Resource) -> pulumi.Resource:
        """In the controller's namespace."""
        namespace = OF_CONTROLLER[controller]
        opts = self.after(self.namespaces[namespace], *before)
        return release(f"{self.name}-{chart}", chart, namespace=namespace, values=values, opts=opts)

    def after(self, *before: pulumi.Resource) -> pulumi.ResourceOptions:
        return pulumi.ResourceOptions(parent=self.parent, depends_on=list(before))


def declare_controllers(ground: Ground) -> dict[str, pulumi.Resource]:
    """Register those that are declared; by name, what their custom resources wait for, and so go before when all is
    taken away."""
    makers = {"keda": _keda, "kserve": _kserve, "argo_rollouts": _argo_rollouts, "flagger": _flagger}
    return {name: make(ground) for name, make in makers.items() if name in ground.declared.controllers}


def _keda(ground: Ground) -> pulumi.Resource:
    values = keda_values(system_nodes=ground.declared.system_nodes)
    return ground.release("keda", "keda", values, ground.prometheus)


def _kserve(ground: Ground) -> pulumi.Resource:
    """Definitions, then the controller. They go in the other order: KServe holds an InferenceService until it has let
    go of it, and takes it along when its definition goes."""
    definitions = ground.release("kserve", "kserve-crd", {})
    values = kserve_values(system_nodes=ground.declared.system_nodes)
    controller = ground.release("kserve", "kserve-resources", values, definitions, ground.certificates)
    interval = ground.declared.monitoring.scrape_interval_seconds
    monitor = kserve_monitor(ground.ownership, scrape_interval_seconds=interval)
    namespace = ground.namespaces[OF_CONTROLLER["kserve"]]
    declare(f"{ground.name}-{monitor['metadata']['name']}", monitor, ground.after(namespace, ground.prometheus))
    return controller


def _argo_rollouts(ground: Ground) -> pulumi.Resource:
    declared = ground.declared
    values = argo_rollouts_values(system_nodes=declared.system_nodes, architecture=declared.system_architecture)
    return ground.release("argo_rollouts", "argo-rollouts", values, ground.prometheus, ground.priority)


def _flagger(ground: Ground) -> pulumi.Resource:
    """Its routes are of Gateway API, whose definitions come with the gateway, which cert-manager waits for."""
    interval = ground.declared.monitoring.scrape_interval_seconds
    values = flagger_values(system_nodes=ground.declared.system_nodes, scrape_interval_seconds=interval)
    return ground.release("flagger", "flagger", values, ground.prometheus, ground.priority, ground.certificates)
