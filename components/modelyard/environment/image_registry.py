"""The container image registry."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field, StringConstraints, model_validator

from .azure_resource_kind import of_another_kind
from .declaration import Declaration
from .image_upstream import ImageUpstream
from .patterns import (
    AZURE_LOCATION_PATTERN,
    AZURE_RESOURCE_PATTERN,
    AZURE_SUBNET_PATTERN,
    REPOSITORY_PATTERN,
    TAG_FILTER_PATTERN,
)

AzureResource = Annotated[str, StringConstraints(pattern=AZURE_RESOURCE_PATTERN)]
_LOGS, _WORKSPACE = "log_analytics_workspace_id", "Microsoft.OperationalInsights/workspaces"
RepositoryName = Annotated[str, StringConstraints(pattern=REPOSITORY_PATTERN, min_length=2, max_length=200)]


class Ecr(Declaration):
    """What only Amazon ECR has."""

    owns_account_settings: bool = False
    """Whether this environment writes the settings that exist once in an account and region: replication, enhanced
    scanning, managed signing and the registry's policy. At most one environment of an account may."""
    managed_signing: bool = False
    """Whether ECR signs every image that is pushed, by a profile of AWS Signer that is made for it; needs
    owns_account_settings, and the package pulumi-aws-native."""


class ArtifactRegistry(Declaration):
    """What only Google's Artifact Registry has."""

    virtual: bool = False
    """Whether one address looks in the own repository first and then in the upstreams of pull_through."""
    cleanup_dry_run: bool = False
    """Whether Google only logs what the lifecycle would delete."""


class Acr(Declaration):
    """What only Azure Container Registry has."""

    public_access: bool = True
    """Whether the registry has a public address beside its private endpoints; nobody pulls anonymously either way."""
    zone_redundant: bool = True
    """Whether images lie in several zones, in locations that have zones."""
    export: bool = True
    """Whether images may be copied out to another registry; false needs public_access: false."""
    quarantine: bool = False
    """Whether an image stays hidden until a scanner has set it free."""
    soft_delete_days: Annotated[int, Field(ge=1, le=90)] | None = None
    """Deleted images can be restored for so long; not together with replicas. Default: they are gone, and untagged
    ones go by expire_untagged_days."""
    private_subnets: dict[
        Annotated[str, StringConstraints(pattern=AZURE_LOCATION_PATTERN)],
        Annotated[str, StringConstraints(pattern=AZURE_SUBNET_PATTERN)],
    ] = {}
    """By location, the subnet that gets a private endpoint of the registry there."""
    private_dns_zone_ids: list[AzureResource] = []
    """Private DNS zones privatelink.azurecr.io that get the endpoints' names."""
    log_analytics_workspace_id: AzureResource | None = None
    """Where it is written who logged in, pushed, pulled and deleted. Default: nowhere."""
    defender: bool = False
    """Whether this environment turns Microsoft Defender for Containers on for its whole subscription: it scans images
    and watches clusters, and is charged by their vCPUs. At most one environment of a subscription may."""

    @model_validator(mode="after")
    def _goes_together(self) -> Acr:
        zones = {f"private_dns_zone_ids[{at}]": each for at, each in enumerate(self.private_dns_zone_ids)}
        found = [
            *of_another_kind(zones, dict.fromkeys(zones, "Microsoft.Network/privateDnsZones")),
            *of_another_kind({_LOGS: self.log_analytics_workspace_id}, {_LOGS: _WORKSPACE}),
        ]
        if found:
            raise ValueError("; and ".join(found))
        return self


class ImageRegistry(Declaration):
    """Repositories for the images that departments build: tags immutable, encrypted, old images removed. One
    declaration for Amazon ECR, Google's Artifact Registry and Azure Container Registry."""

    repositories: list[RepositoryName] = []
    """Created in every region that has a cluster, named <environment>/<repository>."""
    keep_tagged_images: Annotated[int, Field(ge=1, le=10000)] = 50
    """Images with a tag that the lifecycle keeps, newest first."""
    expire_untagged_days: Annotated[int, Field(ge=1, le=3650)] = 14
    """Days after which an image without a tag goes."""
    scanning: Literal["on_push", "enhanced", "none"] = "on_push"
    """on_push: for known vulnerabilities when an image comes. enhanced: packages of languages too, again and again;
    Amazon ECR alone has it, by Amazon Inspector."""
    immutable_tags: bool = True
    """Whether a tag never moves to another image."""
    mutable_tags: Annotated[
        list[Annotated[str, StringConstraints(pattern=TAG_FILTER_PATTERN, min_length=1, max_length=128)]],
        Field(max_length=5),
    ] = []
    """Tags that may move all the same, with * for any text, for example latest*; Amazon ECR alone has it."""
    replicas: Annotated[list[str], Field(max_length=10)] = []
    """Further regions that get a copy of every image; regions of another cloud than the registry's are left out."""
    pull_through: Annotated[list[ImageUpstream], Field(max_length=10)] = []
    """Registries of others whose images are fetched through this one and kept. Default: none."""
    ecr: Ecr = Ecr()
    """What only Amazon ECR has."""
    artifact_registry: ArtifactRegistry = ArtifactRegistry()
    """What only Google's Artifact Registry has."""
    acr: Acr = Acr()
    """What only Azure Container Registry has."""

    @model_validator(mode="after")
    def _coherent(self) -> ImageRegistry:
        found = []
        for noun, names in (
            ("mutable_tags", self.mutable_tags),
            ("pull_through", [each.name for each in self.pull_through]),
            ("replicas", self.replicas),
        ):
            doubled = sorted({name for name in names if names.count(name) > 1})
            if doubled:
                found.append(f"{noun} names {', '.join(doubled)} twice; delete one")
        if self.mutable_tags and not self.immutable_tags:
            found.append("mutable_tags are exceptions to immutable_tags, which is false; delete one of the two")
        if not self.acr.export and self.acr.public_access:
            found.append(
                "acr.export: false needs acr.public_access: false, since Azure can only close a registry "
                "without a public address"
            )
        if self.acr.soft_delete_days is not None and self.replicas:
            found.append(
                "acr.soft_delete_days does not go with replicas: Azure keeps no deleted images of a registry that is "
                "replicated; delete one of the two"
            )
        if found:
            raise ValueError("; and ".join(found))
        return self
