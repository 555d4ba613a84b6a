"""The foundation as a department's stack sees it: through the outputs of the foundation's stack."""

from collections.abc import Mapping, Sequence
from functools import partial
from typing import Any

import pulumi

from ..capacity.kubeconfig import kubernetes_provider
from ..environment.cluster import ExistingKubeconfig
from ..environment.model import Model
from ..environment.target import CLOUD_OF, Cloud
from ..governance.aws_provider import aws_provider
from ..governance.ownership import Ownership
from ..resolve.controllers import Controller, controllers_of
from ..resolve.resolved import Resolution
from .cluster_regions import ClusterRegions
from .handles import (
    AZURE_WORKSPACES,
    GOOGLE_STORES,
    WORKSPACE_OUTPUTS,
    AzureHandle,
    ClusterHandle,
    FoundationHandles,
    GoogleHandle,
)
from .storage import exported_store

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
    check_deployed(name, _controllers(resolution, department), _needed(resolution, department))
    stack = pulumi.StackReference(name, opts=pulumi.ResourceOptions(parent=parent))
    clusters, stores, repositories = (stack.require_output(output) for output in _NEEDED)
    used = dict.fromkeys(model.cluster for model in resolution.models if model.department.department == department)
    handles: dict[str, ClusterHandle] = {}
    regions: dict[str, None] = {}
    managed = _managed_regions(resolution, department)
    regions.update(dict.fromkeys(managed["aws"]))
    google, azure = (
        _google(resolution, stack, managed["gcp"], ownership, parent),
        _azure(resolution, stack, managed["azure"], parent),
    )
    elsewhere = ClusterRegions(resolution, ownership, google, azure, parent)
    places: dict[str, tuple[Cloud, pulumi.ProviderResource]] = {}
    for name in used:
        cluster = resolution.cluster(name)
        if cluster.declared.cloud == "aws":
            regions[cluster.declared.region] = None
        else:
            places[cluster.declared.region] = cluster.declared.cloud, elsewhere.provider(cluster)
    aws = {
        region: aws_provider(
            region, ownership, environment.platform.aws_account_id, pulumi.ResourceOptions(parent=parent)
        )
        for region in regions
    }
    places |= {region: ("aws", provider) for region, provider in aws.items()}
    for name in used:
        declared = resolution.cluster(name).declared
        provider = kubernetes_provider(
            f"{environment.name}-{name}",
            kubeconfig=_part(clusters, name, "kubeconfig"),
            identifier=_part(clusters, name, "identifier"),
            context=declared.existing.context if isinstance(declared.existing, ExistingKubeconfig) else None,
            opts=pulumi.ResourceOptions(parent=parent),
        )
        existing = declared.existing
        by_kubeconfig = isinstance(existing, ExistingKubeconfig)
        named = not isinstance(existing, ExistingKubeconfig) or existing.identity_issuer is not None
        has_issuer = declared.cloud != "aws" and named
        handles[name] = ClusterHandle(
            region=declared.region,
            name=None if by_kubeconfig else _part(clusters, name, "name"),
            kubernetes=provider,
            cloud=declared.cloud,
            provider=places[declared.region][1],
            identity_issuer=_part(clusters, name, "identityIssuer") if has_issuer else None,
            subscription_id=resolution.cluster(name).account.subscription_id,
        )
    return FoundationHandles(
        clusters=handles,
        stores={
            region: exported_store(environment.platform, cloud, region, partial(_part, stores, region))
            for region, (cloud, _) in places.items()
        },
        repository_urls={region: _part(repositories, region) for region in places},
        aws=aws,
        google=google,
        azure=azure,
    )


def _managed_regions(resolution: Resolution, department: str) -> dict[Cloud, list[str]]:
    """By cloud, where the department's own models have endpoints."""
    regions: dict[Cloud, list[str]] = {"aws": [], "gcp": [], "azure": []}
    for endpoint in resolution.endpoints:
        found = regions[CLOUD_OF[endpoint.target]]
        if endpoint.department.department == department and endpoint.region not in found:
            found.append(endpoint.region)
    return regions


def _google(
    resolution: Resolution,
    stack: pulumi.StackReference,
    regions: Sequence[str],
    ownership: Ownership,
    parent: pulumi.Resource,
) -> dict[str, GoogleHandle]:
    managed = resolution.environment.platform.managed
    if not regions or managed is None or managed.gcp is None:
        return {}
    from .google_cloud import google_provider

    stores = stack.require_output(GOOGLE_STORES)
    return {
        region: GoogleHandle(
            google_provider(managed.gcp.project, region, ownership, parent),
            _part(stores, region, "bucket"),
            resolution.environment.platform.model_store.lock is not None,
        )
        for region in regions
    }


def _azure(
    resolution: Resolution, stack: pulumi.StackReference, locations: Sequence[str], parent: pulumi.Resource
) -> dict[str, AzureHandle]:
    managed = resolution.environment.platform.managed
    if not locations or managed is None or managed.azure is None:
        return {}
    from .azure_cloud import azure_provider

    workspaces = stack.require_output(AZURE_WORKSPACES)
    return {
        location: AzureHandle(
            azure_provider(managed.azure, location, parent),
            {name: _part(workspaces, location, key) for name, key in WORKSPACE_OUTPUTS.items()},
        )
        for location in locations
    }


def _controllers(resolution: Resolution, department: str) -> dict[str, frozenset[Controller]]:
    """By cluster, what the department's own models need of the foundation."""
    served: dict[str, list[Model]] = {}
    for model in resolution.models:
        if model.department.department == department:
            served.setdefault(model.cluster, []).append(model.declared)
    return {name: controllers_of(resolution.cluster(name).declared, models) for name, models in served.items()}


def _needed(resolution: Resolution, department: str) -> tuple[str, ...]:
    """Outputs that the foundation's stack has to have for the department's models."""
    managed = _managed_regions(resolution, department)
    return (
        *_NEEDED,
        *((GOOGLE_STORES,) if managed["gcp"] else ()),
        *((AZURE_WORKSPACES,) if managed["azure"] else ()),
    )


def check_deployed(
    name: str, controllers: Mapping[str, frozenset[Controller]], needed: Sequence[str] = _NEEDED
) -> None:
    """Asked by a function first: the engine breaks a program off whose StackReference names no stack.

    Args:
        name: of the foundation's stack.
        controllers: that it must have installed, by cluster.
        needed: outputs that it must have.

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
    missing = [output for output in needed if output not in found]
    if missing:
        raise pulumi.RunError(f"the stack {name} has no output {missing[0]!r}; {deploy}")
    installed = found.get("controllers", {})
    for cluster, wanted in controllers.items():
        absent = sorted(wanted - set(installed.get(cluster, ())))
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
