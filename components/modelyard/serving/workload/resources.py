"""A workload's objects as Pulumi resources."""

from collections.abc import Mapping
from typing import Any

import pulumi

from modelyard.capacity.software.kubernetes_object import declare
from modelyard.serving.access.route import declare_route
from modelyard.serving.workload.autoscaling import workload_autoscaler
from modelyard.serving.workload.declaration import StoredDeclaration, WorkloadDeclaration
from modelyard.serving.workload.deployment import deployment
from modelyard.serving.workload.manifests import before_pods, of_route
from modelyard.serving.workload.read_access import read_access
from modelyard.serving.workload.secret_environment import secret
from modelyard.serving.workload.workload import Workload

NAMED_BY_CONTENT = ("ConfigMap", "ResourceClaimTemplate", "PersistentVolume", "PersistentVolumeClaim", "DaemonSet")
"""Kinds whose objects never change: another content has another name."""


class WorkloadOutputs:
    """What a component that serves a workload gives."""

    def __init__(self, workload: Workload) -> None:
        self.deployment_name = pulumi.Output.from_input(workload.name)
        self.namespace = pulumi.Output.from_input(workload.namespace)
        url = None if workload.hostname is None else f"https://{workload.hostname}"
        self.url = pulumi.Output.from_input(url)

    def registered(self) -> dict[str, pulumi.Output[Any]]:
        return {"deploymentName": self.deployment_name, "namespace": self.namespace, "url": self.url}


def declare_workload(
    name: str,
    declared: WorkloadDeclaration,
    workload: Workload,
    component: pulumi.ComponentResource,
    depends_on: Any,
) -> WorkloadOutputs:
    """Deployment, Service, autoscaler, disruption budget, network policy, route and the right to read the model's
    files, as children of ``component``.

    Args:
        name: of the component, and what the children's names begin with.
        declared: its arguments.
        workload: what the manifests are made of.
        component: registered already.
        depends_on: what every object waits for: the namespace and the gateway, where the same stack makes them.
    """
    here = pulumi.ResourceOptions(parent=component, depends_on=depends_on)
    declare_pods(name, declared, workload, declared.stored, here)
    if routed := of_route(workload):
        route, policy = routed
        declare_route(name, workload, route, policy, here)
    return WorkloadOutputs(workload)


def declare_pods(
    name: str,
    declared: WorkloadDeclaration,
    workload: Workload,
    stored: StoredDeclaration,
    opts: pulumi.ResourceOptions,
) -> pulumi.Resource:
    """Everything of a workload but its route; gives the Deployment.

    Args:
        name: what the children's names begin with.
        declared: arguments of the component.
        workload: what the manifests are made of.
        stored: where its files lie, as declared.
        opts: parent of the children, and what they wait for.
    """
    needed = [declare(logical_name(name, manifest), manifest, opts) for manifest in before_pods(workload)]
    if declared.eks_cluster is not None:
        # Pods get the role when they start, or never.
        needed.append(read_access(name, declared.eks_cluster, workload, stored, opts).association)
    pods = pulumi.ResourceOptions.merge(opts, pulumi.ResourceOptions(depends_on=needed))
    parent = opts.parent
    assert parent is not None
    held = secret(name, workload, declared.secret_env, parent, opts) if declared.secret_env else None
    made = declare(name, deployment(workload, None if held is None else held.metadata["name"]), pods)
    declare(name, workload_autoscaler(workload), opts)
    return made


def logical_name(name: str, manifest: Mapping[str, Any]) -> str:
    """The list of files is another resource when it is another list, and not a replacement: the one before is deleted
    when the pods that read it are gone, whatever becomes of the roll in between. So is what pods claim."""
    if manifest["kind"] in NAMED_BY_CONTENT:
        return f"{name}-{manifest['metadata']['name'].rpartition('-')[2]}"
    return name
