"""A model's objects as Pulumi resources, with a canary beside it where it has one."""

from collections.abc import Callable
from typing import Any

import pulumi

from modelyard.environment.problem import InvalidEnvironment, Problem
from modelyard.serving.access.route import declare_route
from modelyard.serving.rollout.split_policy import split_policy
from modelyard.serving.rollout.split_route import split_route
from modelyard.serving.rollout.workloads import canary_workload, split, stable_workload
from modelyard.serving.workload.autoscaling import check_scaling
from modelyard.serving.workload.declaration import WorkloadDeclaration, stored_model
from modelyard.serving.workload.resources import WorkloadOutputs, declare_pods, declare_workload
from modelyard.serving.workload.server import Server
from modelyard.serving.workload.workload import Workload

CanaryServer = Callable[[int, Any], Server]
"""The runtime, configured for one version and with an image; None for its own."""


class Tracks:
    """The stable workload of a model, and its canary's; checked, and not yet registered."""

    def __init__(self, declared: WorkloadDeclaration, workload: Workload, server: CanaryServer) -> None:
        """
        Args:
            declared: arguments of the component.
            workload: of the stable version, or of all there is.
            server: for the canary's.

        Raises:
            InvalidEnvironment: the runtime cannot be scaled as declared, or the rollout is a controller's: its objects
                are for those who apply them beside that controller
                (:mod:`~modelyard.serving.rollout.argo_rollouts`, :mod:`~modelyard.serving.rollout.flagger`).
        """
        self.declared, self.workload = declared, workload
        self.canary: Workload | None = None
        check_scaling(workload)
        rollout, canary = declared.rollout, declared.canary
        if rollout is not None and rollout.by != "gateway":
            reason = (
                f"is {rollout.by}, which would change what this component declares; set by: gateway, or render the "
                f"model's objects for {rollout.by} and apply them beside it"
            )
            raise InvalidEnvironment([Problem(f"model {workload.model}", "rollout.by", reason)])
        if rollout is not None and canary is not None and rollout.canary is not None:
            image = declared.image if canary.image is None else canary.image
            tried = server(rollout.canary, image)
            self.canary = canary_workload(workload, rollout, tried, stored_model(canary.stored))

    def declare(self, name: str, component: pulumi.ComponentResource, depends_on: Any) -> WorkloadOutputs:
        """Register everything as children of ``component``.

        The route waits for both Deployments, which are waited for in turn: no share goes to a canary whose pods are
        not ready. What is taken away is deleted last, when the route has let go of it.
        """
        declared, rollout = self.declared, self.declared.rollout
        if rollout is None:
            return declare_workload(name, declared, self.workload, component, depends_on)
        here = pulumi.ResourceOptions(parent=component, depends_on=depends_on)
        pods = [declare_pods(name, declared, stable_workload(self.workload), declared.stored, here)]
        if self.canary is not None and declared.canary is not None:
            of_canary = f"{name}{self.canary.name.removeprefix(self.workload.name)}"
            pods.append(declare_pods(of_canary, declared, self.canary, declared.canary.stored, here))
        traffic = split(self.workload, rollout, self.canary)
        if traffic is not None:
            ready = pulumi.ResourceOptions.merge(here, pulumi.ResourceOptions(depends_on=pods))
            declare_route(name, self.workload, split_route(traffic), split_policy(traffic), ready)
        return WorkloadOutputs(self.workload)
