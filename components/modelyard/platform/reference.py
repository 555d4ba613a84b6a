"""The foundation as a department's stack sees it: through the outputs of the foundation's stack."""

from collections.abc import Mapping
from typing import Any

import pulumi

from ..capacity.kubeconfig import kubernetes_provider
from ..environment.cluster import ExistingKubeconfig
from ..environment.model import Model
from ..environment.target import CLOUD_OF
from ..governance.aws_provider import aws_provider
from ..governance.ownership import Ownership
from ..resolve.controllers import Controller, controllers_of
from ..resolve.resolved import Resolution
from .handles import ClusterHandle, FoundationHandles, StoreHandle

_NEEDED = ("clusters", "modelStores", "imageRepositories")


def foundation_of(resolution: Resolution, department: str, *, parent: pulumi.Resource) -> FoundationHandles:
    """Handles for the clusters and regions that this department's models use.

    The foundation's stack is ``<environment>-foundation`` of the same organization and project.

    Raises:
        pulumi.RunError: that stack is not there, was never deployed, or has not yet installed a controller that a model
            of the department needs; a preview only warns of the latter.
    """
    environment = resolution.environment
    owner = environment.department(department)
    assert owner is not None
    ownership = Ownership(department, owner.cost_center, environment.name, owner.owner)
    name = f"{pulumi.get_organization()}/{pulumi.get_project()}/{environment.name}-foundation"
    check_deployed(name, _controllers(resolution, department))
    stack = pulumi.StackReference(name, opts=pulumi.ResourceOptions(parent=parent))
    clusters, stores, repositories = (stack.require_output(output) for output in _NEEDED)
    used = dict.fromkeys(model.cluster for model in resolution.models if model.department.department == department)
    handles: dict[str, ClusterHandle] = {}
    regions: dict[str, None] = {}
    for endpoint in resolution.endpoints:
        if endpoint.department.department == department and CLOUD_OF[endpoint.target] == "aws":
            regions[endpoint.region] = None
    for name in used:
        declared = resolution.cluster(name).declared
        regions[declared.region] = None
        provider = kubernetes_provider(
            f"{environment.name}-{name}",
            kubeconfig=_part(clusters, name, "kubeconfig"),
            identifier=_part(clusters, name, "identifier"),
            context=declared.existing.context if isinstance(declared.existing, ExistingKubeconfig) else None,
            opts=pulumi.ResourceOptions(parent=parent),
        )
        by_kubeconfig = isinstance(declared.existing, ExistingKubeconfig)
        handles[name] = ClusterHandle(
            declared.region, None if by_kubeconfig else _part(clusters, name, "name"), provider
        )
    return FoundationHandles(
        clusters=handles,
        stores={
            region: StoreHandle(_part(stores, region, "bucket"), _part(stores, region, "kmsKeyArn"))
            for region in regions
        },
        repository_urls={region: _part(repositories, region) for region in regions},
        aws={
            region: aws_provider(
                region, ownership, environment.platform.aws_account_id, pulumi.ResourceOptions(parent=parent)
            )
            for region in regions
        },
    )


def _controllers(resolution: Resolution, department: str) -> dict[str, frozenset[Controller]]:
    """By cluster, what the department's own models need of the foundation."""
    served: dict[str, list[Model]] = {}
    for model in resolution.models:
        if model.department.department == department:
            served.setdefault(model.cluster, []).append(model.declared)
    return {name: controllers_of(resolution.cluster(name).declared, models) for name, models in served.items()}


def check_deployed(name: str, controllers: Mapping[str, frozenset[Controller]]) -> None:
    """Asked by a function first: the engine breaks a program off whose StackReference names no stack.

    Args:
        name: of the foundation's stack.
        controllers: that it must have installed, by cluster.

    Raises:
        pulumi.RunError: as :func:`foundation_of`.
    """
    short = name.rpartition("/")[2]
    deploy = f"deploy the foundation before its departments: pulumi up -s {short}"
    try:
        found = pulumi.runtime.invoke("pulumi:pulumi:readStackOutputs", {"name": name}).value["outputs"]
    except Exception as error:
        if "unknown stack" not in str(error):
            raise
        raise pulumi.RunError(f"there is no stack {name}; {deploy}") from None
    missing = [output for output in _NEEDED if output not in found]
    if missing:
        raise pulumi.RunError(f"the stack {name} has no output {missing[0]!r}; {deploy}")
    installed = found.get("controllers", {})
    for cluster, needed in controllers.items():
        absent = sorted(needed - set(installed.get(cluster, ())))
        if absent:
            message = f"the stack {name} has not installed {' and '.join(absent)} on cluster {cluster!r}; {deploy}"
            if not pulumi.runtime.is_dry_run():
                raise pulumi.RunError(message)
            pulumi.log.warn(message)


def _part(output: pulumi.Output[Any], *keys: str) -> pulumi.Output[Any]:
    def pick(value: Any) -> Any:
        for key in keys:
            value = value[key]
        return value

    return output.apply(pick)
