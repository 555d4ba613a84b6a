"""Repositories for the container images that departments build."""

from collections.abc import Mapping
from typing import Any, cast

import pulumi

from ..environment.environment import shown_path
from ..environment.image_registry import ImageRegistry
from ..environment.known_name import unknown
from ..environment.problem import InvalidEnvironment, Problem
from ..environment.target import Cloud
from ..governance.argument_forms import form_problems
from ..governance.arguments import read_arguments
from ..governance.ownership import Ownership
from ..resolve.image_registry import REGISTRY, cloud_of_region, registry_problems, unknown_region
from ..resolve.unused import sections_of_others
from .container_registry_args import ContainerRegistryArgs
from .made_registry import MadeRegistry

_ONLY: Mapping[str, tuple[Cloud, ...]] = {
    "pull_role_arns": ("aws",),
    "pull_service_accounts": ("gcp",),
    "pull_principal_ids": ("azure",),
    "puller_names": ("gcp", "azure"),
    "project": ("gcp",),
    "project_number": ("gcp",),
    "kms_key": ("gcp", "azure"),
    "key_vault_id": ("azure",),
    "resource_group": ("azure",),
    "subscription_id": ("azure",),
    "registry_name": ("azure",),
    "private_subnet_id": ("azure",),
    "private_dns_zone_ids": ("azure",),
    "force_delete": ("aws",),
    "replica_templates": ("aws",),
}
PULLERS: Mapping[Cloud, str] = {
    "aws": "pull_role_arns",
    "gcp": "pull_service_accounts",
    "azure": "pull_principal_ids",
}
"""The argument that names who may pull, by cloud."""
_MULTI_REGIONS = ("us", "europe", "asia")


class ContainerRegistry(pulumi.ComponentResource):
    """Image repositories of one region: scanned, tags immutable, encrypted, old images expired. Amazon ECR, Google's
    Artifact Registry or Azure Container Registry, from one declaration.

    Images are pushed to each region by whoever builds them (``repository_urls`` says where), or copied by the cloud
    where ``replicas`` says so. Replication, enhanced scanning and the registry's policy of Amazon ECR exist once in an
    account and region, so that two environments of one account would overwrite each other's: only the environment that
    sets ``ecr.owns_account_settings`` writes them.

    Raises:
        InvalidEnvironment: an argument is wrong, or asks for something that the cloud's registry does not have.
        NoGcpSdk, NoAzureSdk: the SDK of that cloud is not installed.
    """

    repository_urls: pulumi.Output[Mapping[str, str]]
    """Repository as declared to the address that images are pushed to and pulled from."""
    pull_through_urls: pulumi.Output[Mapping[str, str]]
    """Name of an upstream to the address that stands in for its host."""
    identifier: pulumi.Output[str]
    """Resource id of the registry on Google Cloud and Azure; empty on AWS, where each repository has its own."""
    pull_policy: pulumi.Output[str]
    """AWS: IAM policy that lets a role pull these images and nothing else; empty elsewhere."""

    def __init__(self, name: str, args: ContainerRegistryArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        component = f"ContainerRegistry {name}"
        declared = read_arguments(ImageRegistry, args, ContainerRegistryArgs, component)
        ownership = Ownership.of(args["ownership"])
        cloud = _checked(args, declared, ownership, component)
        make = _maker(cloud)
        super().__init__("modelyard:index:ContainerRegistry", name, {}, opts)
        made = make(name, declared, args, ownership, self) if declared.repositories or declared.pull_through else None
        made = made or MadeRegistry()
        self.repository_urls = pulumi.Output.all(**made.repository_urls)
        self.pull_through_urls = pulumi.Output.all(**made.pull_through_urls)
        self.identifier = made.identifier or pulumi.Output.from_input("")
        self.pull_policy = made.pull_policy or pulumi.Output.from_input("")
        self.register_outputs(
            {
                "repositoryUrls": self.repository_urls,
                "pullThroughUrls": self.pull_through_urls,
                "identifier": self.identifier,
                "pullPolicy": self.pull_policy,
            }
        )


def _maker(cloud: Cloud) -> Any:
    """The file of that cloud, whose SDK nobody else pays for."""
    if cloud == "gcp":
        from .artifact_registry import artifact_registry

        return artifact_registry
    if cloud == "azure":
        from .acr import acr

        return acr
    from .ecr import ecr

    return ecr


def _checked(args: ContainerRegistryArgs, declared: ImageRegistry, ownership: Ownership, component: str) -> Cloud:
    given = args.get("cloud", "aws")
    if given not in REGISTRY:
        raise InvalidEnvironment([Problem(component, "cloud", unknown("a cloud", given, REGISTRY))])
    cloud = cast(Cloud, given)
    problems = [
        Problem(component, shown_path(steps), message)
        for steps, message in registry_problems(
            declared, cloud, ownership.environment, args["region"], reached="private_subnet_id" in args
        )
    ]
    problems += [
        Problem(component, shown_path(steps), message) for steps, message in sections_of_others(declared, {cloud})
    ]
    multi = cloud == "gcp" and args["region"] in _MULTI_REGIONS
    whose = "gcp" if args["region"] in _MULTI_REGIONS else cloud_of_region(args["region"])
    if whose is None and not multi:
        problems.append(Problem(component, "region", unknown_region(args["region"])))
    elif whose != cloud and not multi:
        problems.append(
            Problem(component, "region", f"{args['region']!r} is no region of {cloud}; write cloud: {whose}")
        )
    for key, clouds in _ONLY.items():
        if key in args and cloud not in clouds:
            near = f"; use {PULLERS[cloud]}" if key in PULLERS.values() else "; delete it"
            problems.append(
                Problem(component, key, f"is an argument of cloud: {' or '.join(clouds)}, not {cloud}{near}")
            )
    for at, repository in enumerate(declared.repositories):
        if repository in declared.repositories[:at]:
            twice = f"the repository {repository!r} is named twice; delete one"
            problems.append(Problem(component, f"repositories[{at}]", twice))
    problems += [Problem(component, "puller_names", message) for message in _misnamed(args, PULLERS[cloud])]
    if cloud == "azure":
        for key in ("resource_group", "subscription_id"):
            if args.get(key) is None:
                problems.append(Problem(component, key, "is missing, and Azure Container Registry needs it; add it"))
        if "kms_key" in args and "key_vault_id" not in args:
            problems.append(Problem(component, "key_vault_id", "is missing, and kms_key needs it; add it"))
        if "private_dns_zone_ids" in args and not ("private_subnet_id" in args or declared.acr.private_subnets):
            message = "get the names of a private endpoint, and there is none; delete them, or add private_subnet_id"
            problems.append(Problem(component, "private_dns_zone_ids", message))
    told = {problem.path for problem in problems}
    formed = {key: value for key, value in args.items() if not (multi and key == "region")}
    problems += [problem for problem in form_problems(component, cloud, formed) if problem.path not in told]
    if problems:
        raise InvalidEnvironment(problems)
    return cloud


def _misnamed(args: ContainerRegistryArgs, key: str) -> list[str]:
    names = args.get("puller_names")
    if names is None:
        return []
    given = len(args.get(key) or ())
    doubled = sorted({name for name in names if names.count(name) > 1})
    return [
        *([f"has {len(names)} names, and {key} {given} identities; name each"] if len(names) != given else []),
        *([f"names {', '.join(doubled)} twice; each identity needs its own"] if doubled else []),
    ]
