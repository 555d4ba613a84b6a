"""The foundation as a department's stack sees it: through the outputs of the foundation's stack."""

from typing import Any

import pulumi

from ..capacity.kubeconfig import kubernetes_provider
from ..environment.cluster import ExistingKubeconfig
from ..governance.aws_provider import aws_provider
from ..governance.ownership import Ownership
from ..resolve.resolved import Resolution
from .handles import ClusterHandle, FoundationHandles, StoreHandle


def foundation_of(resolution: Resolution, department: str, *, parent: pulumi.Resource) -> FoundationHandles:
    """Handles for the clusters and regions that this department's models use.

    The foundation's stack is ``<environment>-foundation`` of the same organization and project.
    """
    environment = resolution.environment
    owner = environment.department(department)
    assert owner is not None
    ownership = Ownership(department, owner.cost_center, environment.name, owner.owner)
    stack = pulumi.StackReference(
        f"{pulumi.get_organization()}/{pulumi.get_project()}/{environment.name}-foundation",
        opts=pulumi.ResourceOptions(parent=parent),
    )
    clusters, stores, repositories = (
        stack.require_output(output) for output in ("clusters", "modelStores", "imageRepositories")
    )
    used = dict.fromkeys(model.cluster for model in resolution.models if model.department.department == department)
    handles: dict[str, ClusterHandle] = {}
    regions: dict[str, None] = {}
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


def _part(output: pulumi.Output[Any], *keys: str) -> pulumi.Output[Any]:
    def pick(value: Any) -> Any:
        for key in keys:
            value = value[key]
        return value

    return output.apply(pick)
