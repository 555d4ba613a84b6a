"""A model's objects as Pulumi resources, with a canary beside it where it has one."""

from collections.abc import Callable
from typing import Any

import pulumi

from modelyard.environment.problem import InvalidEnvironment, Problem
from modelyard.serving.access.route import declare_route
from modelyard.serving.rollout.controlled import Release, release
from modelyard.serving.rollout.controlled_resources import declare_controlled
from modelyard.serving.rollout.flagger import flagger_problem
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
            InvalidEnvironment: the runtime cannot be scaled as declared, or the controller of the rollout cannot move
                its traffic.
        """
        self.declared, self.workload = declared, workload
        self.canary: Workload | None = None
        self.release: Release | None = None
        check_scaling(workload)
        rollout, canary = declared.rollout, declared.canary
        if rollout is not None and rollout.by != "gateway":
            self.release = _release(declared, workload, server)
            return
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
        if self.release is not None:
            declare_controlled(name, declared, self.release, component, depends_on)
            return WorkloadOutputs(self.workload)
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


def _release(declared: WorkloadDeclaration, workload: Workload, server: CanaryServer) -> Release:
    rollout, canary = declared.rollout, declared.canary
    assert rollout is not None
    if canary is None or rollout.canary is None:
        found = release(workload, rollout)
    else:
        image = declared.image if canary.image is None else canary.image
        found = release(workload, rollout, server(rollout.canary, image), stored_model(canary.stored))
    problem = flagger_problem(found.released) if rollout.by == "flagger" else None
    if problem is not None:
        raise InvalidEnvironment([Problem(f"model {workload.model}", "rollout.by", problem)])
    return found
