"""A model whose rollout is a controller's, as Pulumi resources."""

from collections.abc import Mapping
from typing import Any

import pulumi

from modelyard.capacity.software.kubernetes_object import declare
from modelyard.serving.access.resources import declare_access
from modelyard.serving.access.route import declare_route
from modelyard.serving.autoscaling.scaled_object import PROMETHEUS_ADDRESS
from modelyard.serving.rollout.argo_rollouts import argo_objects
from modelyard.serving.rollout.controlled import ControlledObjects, Release
from modelyard.serving.rollout.flagger import flagger_objects
from modelyard.serving.workload.declaration import WorkloadDeclaration
from modelyard.serving.workload.read_access import read_access
from modelyard.serving.workload.resources import NAMED_BY_CONTENT, logical_name
from modelyard.serving.workload.secret_environment import secret


def declare_controlled(
    name: str,
    declared: WorkloadDeclaration,
    found: Release,
    component: pulumi.ComponentResource,
    depends_on: Any,
) -> None:
    """Everything of the model, as children of ``component``.

    The route comes before the Rollout: Argo Rollouts calls nothing healthy whose weights it cannot set. What the
    controller writes (:attr:`~modelyard.serving.rollout.controlled.ControlledObjects.owned`) is left as it is.

    Args:
        name: of the component, and what the children's names begin with.
        declared: its arguments.
        found: both versions.
        component: registered already.
        depends_on: what every object waits for.
    """
    here = pulumi.ResourceOptions(parent=component, depends_on=depends_on)
    workload = found.released
    held = secret(name, workload, declared.secret_env, component, here) if declared.secret_env else None
    objects = _objects(found, None if held is None else held.metadata["name"])
    needed: list[pulumi.Resource] = [
        declare(_child(name, found, each), each, _merged(here, _kept(objects, each))) for each in objects.before
    ]
    if declared.eks_cluster is not None:
        beside = None if declared.canary is None else declared.canary.stored
        # Pods get the role when they start, or never; those of both versions run under one account.
        role = read_access(name, declared.eks_cluster, workload, declared.stored, here, beside)
        needed.append(role.association)
    if objects.policy is not None and objects.route is not None:
        # A route without its Services would be refused by its controller for a moment.
        ready = _merged(here, pulumi.ResourceOptions(depends_on=needed))
        owned = objects.owned.get("HTTPRoute", ())
        needed.append(declare_route(name, workload, objects.route, objects.policy, ready, owned))
    elif objects.policy is not None:
        # Flagger makes the route when its Canary is there: closed and limited from the first request on.
        needed += declare_access(name, workload.access, workload.metadata(), workload.name, here)
        needed.append(declare(name, objects.policy, here))
    pods = declare(name, objects.pods, _merged(here, pulumi.ResourceOptions(depends_on=needed)))
    scaler = declare(name, objects.scaler, here)
    for each in objects.after:
        declare(_child(name, found, each), each, _merged(here, pulumi.ResourceOptions(depends_on=[pods, scaler])))


def _objects(found: Release, secret_name: Any) -> ControlledObjects:
    made = argo_objects if found.rollout.by == "argo_rollouts" else flagger_objects
    return made(found, prometheus_url=PROMETHEUS_ADDRESS, secret_name=secret_name)


def _child(name: str, found: Release, manifest: Mapping[str, Any]) -> str:
    """An object that is named after the model has the component's name; ``tagger-primary`` has it with that ending."""
    if manifest["kind"] in NAMED_BY_CONTENT:
        return logical_name(name, manifest)
    return f"{name}{manifest['metadata']['name'].removeprefix(found.released.name)}"


def _kept(objects: ControlledObjects, manifest: Mapping[str, Any]) -> pulumi.ResourceOptions:
    return pulumi.ResourceOptions(ignore_changes=list(objects.owned.get(manifest["kind"], ())))


def _merged(one: pulumi.ResourceOptions, other: pulumi.ResourceOptions) -> pulumi.ResourceOptions:
    return pulumi.ResourceOptions.merge(one, other)
