"""Arguments of a registry of container images, as other Pulumi languages see them."""

from collections.abc import Mapping, Sequence
from typing import NotRequired, TypedDict

import pulumi

from ..governance.ownership import OwnershipArgs


class EcrArgs(TypedDict):
    """What only Amazon ECR has."""

    owns_account_settings: NotRequired[bool]
    """Whether this environment writes the settings that exist once in an account and region: replication, enhanced
    scanning, managed signing and the registry's policy. At most one environment of an account may. Default: false."""
    managed_signing: NotRequired[bool]
    """Whether ECR signs every image that is pushed, by a profile of AWS Signer that is made for it; needs
    owns_account_settings, and the package pulumi-aws-native. Default: false."""


class ArtifactRegistryArgs(TypedDict):
    """What only Google's Artifact Registry has."""

    virtual: NotRequired[bool]
    """Whether one address looks in the own repository first and then in the upstreams of pull_through. Default:
    false."""
    cleanup_dry_run: NotRequired[bool]
    """Whether Google only logs what the lifecycle would delete. Default: false."""


class AcrArgs(TypedDict):
    """What only Azure Container Registry has."""

    public_access: NotRequired[bool]
    """Whether the registry has a public address beside its private endpoints; nobody pulls anonymously either way.
    Default: true."""
    zone_redundant: NotRequired[bool]
    """Whether images lie in several zones, in locations that have zones. Default: true."""
    export: NotRequired[bool]
    """Whether images may be copied out to another registry; false needs public_access: false. Default: true."""
    quarantine: NotRequired[bool]
    """Whether an image stays hidden until a scanner has set it free. Default: false."""
    soft_delete_days: NotRequired[int]
    """Deleted images can be restored for so long; not together with replicas. Default: they are gone, and untagged
    ones go by expire_untagged_days."""
    private_subnets: NotRequired[Mapping[str, str]]
    """By location, the subnet that gets a private endpoint of the registry there. Default: none."""
    private_dns_zone_ids: NotRequired[Sequence[str]]
    """Private DNS zones privatelink.azurecr.io that get the endpoints' names. Default: none."""
    log_analytics_workspace_id: NotRequired[str]
    """Where it is written who logged in, pushed, pulled and deleted. Default: nowhere."""
    defender: NotRequired[bool]
    """Whether this environment turns Microsoft Defender for Containers on for its whole subscription: it scans images
    and watches clusters, and is charged by their vCPUs. At most one environment of a subscription may. Default:
    false."""


class UpstreamCredentialsArgs(TypedDict):
    """Where the credentials for an upstream are kept; each cloud reads its own by itself."""

    aws_secret_arn: NotRequired[str]
    """Of a secret of Secrets Manager in the registry's region with username and accessToken; Amazon ECR wants its name
    to begin with ecr-pullthroughcache/."""
    google_user: NotRequired[str]
    """User name for Artifact Registry; needed beside google_secret_version."""
    google_secret_version: NotRequired[str]
    """Version of a secret of Secret Manager that holds the password."""
    key_vault_user: NotRequired[str]
    """Secret of Key Vault that holds the user name; needed beside key_vault_password."""
    key_vault_password: NotRequired[str]
    """Secret of Key Vault that holds the password."""


class ImageUpstreamArgs(TypedDict):
    """A registry of somebody else whose images are fetched through one's own."""

    name: str
    """Short name, for example docker-hub."""
    upstream: str
    """Host of the registry: docker.io, quay.io, ghcr.io, nvcr.io, registry.k8s.io, public.ecr.aws, ..."""
    credentials: NotRequired[UpstreamCredentialsArgs]
    """Where the credentials are. Default: none, as the upstream lets everybody pull."""


class ContainerRegistryArgs(TypedDict):
    """Image repositories of one region."""

    cloud: NotRequired[str]
    """aws, gcp or azure. Default: aws."""
    region: str
    """Region or location; an environment has the same repositories in every region that has a cluster. On Google Cloud
    also us, europe or asia, whose images lie in several regions."""
    repositories: NotRequired[Sequence[str]]
    """Created in every region that has a cluster, named <environment>/<repository>. Default: none."""
    keep_tagged_images: NotRequired[int]
    """Images with a tag that the lifecycle keeps, newest first. Default: 50."""
    expire_untagged_days: NotRequired[int]
    """Days after which an image without a tag goes. Default: 14."""
    scanning: NotRequired[str]
    """on_push: for known vulnerabilities when an image comes. enhanced: packages of languages too, again and again;
    Amazon ECR alone has it, by Amazon Inspector. none. Default: on_push."""
    immutable_tags: NotRequired[bool]
    """Whether a tag never moves to another image. Default: true."""
    mutable_tags: NotRequired[Sequence[str]]
    """Tags that may move all the same, with * for any text, for example latest*; Amazon ECR alone has it. Default:
    none."""
    replicas: NotRequired[Sequence[str]]
    """Further regions that get a copy of every image; regions of another cloud than the registry's are left out.
    Default: none."""
    replica_templates: NotRequired[Sequence[str]]
    """AWS: those of replicas where this registry says how copies are kept (key, tags, lifecycle); of several registries
    with one replica exactly one may. Default: all of replicas."""
    pull_through: NotRequired[Sequence[ImageUpstreamArgs]]
    """Registries of others whose images are fetched through this one and kept. Default: none."""
    ecr: NotRequired[EcrArgs]
    """What only Amazon ECR has."""
    artifact_registry: NotRequired[ArtifactRegistryArgs]
    """What only Google's Artifact Registry has."""
    acr: NotRequired[AcrArgs]
    """What only Azure Container Registry has."""
    pull_role_arns: NotRequired[Sequence[pulumi.Input[str]]]
    """AWS: roles that may pull whatever their own policies say, for example nodes of another account.
    Default: whom the account's IAM policies allow."""
    pull_service_accounts: NotRequired[Sequence[pulumi.Input[str]]]
    """Google Cloud: e-mail addresses of service accounts that may pull, for example those of nodes. Default: whom the
    project's IAM policies allow."""
    pull_principal_ids: NotRequired[Sequence[pulumi.Input[str]]]
    """Azure: object ids of identities that may pull, for example the kubelet's of a cluster. Default: nobody new."""
    puller_names: NotRequired[Sequence[str]]
    """Google Cloud and Azure: a name for each of pull_service_accounts or pull_principal_ids, which its grant keeps
    when others come or go. Default: the text itself; the place of one that only the cloud knows."""
    project: NotRequired[str]
    """Google Cloud: id of the project. Default: the provider's."""
    project_number: NotRequired[str]
    """Google Cloud: number of the project; then Artifact Registry's own account is given its rights to kms_key and to
    the secrets of upstreams. Default: somebody else gives them."""
    kms_key: NotRequired[str]
    """Google Cloud: the Cloud KMS key of all images. Azure: a key of Key Vault without its version. Default: AWS makes
    a key of the registry's own, the others use the cloud's."""
    key_vault_id: NotRequired[str]
    """Azure: resource id of the vault of kms_key, which has purge protection; needed beside it."""
    resource_group: NotRequired[pulumi.Input[str]]
    """Azure: name of the resource group; needed there."""
    subscription_id: NotRequired[str]
    """Azure: id of the subscription; needed there."""
    registry_name: NotRequired[str]
    """Azure: name of the registry, unique in the world, 5 to 50 letters and digits. Default: made up."""
    private_subnet_id: NotRequired[pulumi.Input[str]]
    """Azure: subnet that gets a private endpoint of the registry. Default: that of acr.private_subnets."""
    private_dns_zone_ids: NotRequired[Sequence[pulumi.Input[str]]]
    """Azure: resource ids of private DNS zones that get the endpoint's names. Default: those of
    acr.private_dns_zone_ids."""
    force_delete: NotRequired[bool]
    """AWS: lets ``pulumi destroy`` delete repositories that still hold images; the other clouds always do. For
    development only. Default: false."""
    ownership: OwnershipArgs
    """Who pays and answers for it."""
