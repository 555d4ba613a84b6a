"""Where managed endpoints run: accounts, regions, networks and keys of up to three clouds."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field, StringConstraints, model_validator

from .azureml import ArcCluster
from .declaration import Declaration
from .network import SubnetId
from .patterns import (
    AZURE_GROUP_PATTERN,
    AZURE_LOCATION_PATTERN,
    AZURE_RESOURCE_PATTERN,
    AZURE_SUBNET_PATTERN,
    BILLING_ACCOUNT_PATTERN,
    GOOGLE_CHANNEL_PATTERN,
    GOOGLE_KEY_PATTERN,
    GOOGLE_NETWORK_PATTERN,
    GOOGLE_PROJECT_PATTERN,
    GOOGLE_REGION_PATTERN,
    KEY_ARN_PATTERN,
    KEY_VAULT_KEY_PATTERN,
    MONTH_PATTERN,
    PROJECT_NUMBER_PATTERN,
    REGION_PATTERN,
    UUID_PATTERN,
    VPC_PATTERN,
)
from .sagemaker import TopicArn
from .target import Cloud

AwsRegion = Annotated[str, StringConstraints(pattern=REGION_PATTERN)]
GoogleRegion = Annotated[str, StringConstraints(pattern=GOOGLE_REGION_PATTERN)]
AzureLocation = Annotated[str, StringConstraints(pattern=AZURE_LOCATION_PATTERN)]


class ManagedAwsNetwork(Declaration):
    """A VPC that endpoints put their network interfaces into. Nothing in it is changed but a security group added."""

    vpc_id: Annotated[str, StringConstraints(pattern=VPC_PATTERN)]
    subnet_ids: Annotated[list[SubnetId], Field(min_length=1, max_length=16)]
    """Private subnets, best in two zones or more; they need a way to the model store: a gateway endpoint for S3, or
    NAT."""


class ManagedAws(Declaration):
    """Amazon SageMaker."""

    regions: Annotated[list[AwsRegion], Field(min_length=1)]
    """AWS regions such as us-east-1; each has a model store and an image registry."""
    networks: dict[AwsRegion, ManagedAwsNetwork] = {}
    """By region. Default: the service's own network, which reaches the model store and nothing of yours."""
    kms_keys: dict[AwsRegion, Annotated[str, StringConstraints(pattern=KEY_ARN_PATTERN)]] = {}
    """By region, ARN of the KMS key of volumes, outputs and captured data. Default: the model store's own."""
    alarm_topics: dict[AwsRegion, TopicArn] = {}
    """By region, ARN of the SNS topic that alarms of endpoints tell. Default: they tell nobody."""

    @model_validator(mode="after")
    def _regions_agree(self) -> ManagedAws:
        named = {"networks": self.networks, "kms_keys": self.kms_keys, "alarm_topics": self.alarm_topics}
        _agree(self.regions, named)
        return self


class ManagedGcp(Declaration):
    """Google Cloud's Vertex AI."""

    project: Annotated[str, StringConstraints(pattern=GOOGLE_PROJECT_PATTERN)]
    """Id of the project, not its number."""
    project_number: Annotated[str, StringConstraints(pattern=PROJECT_NUMBER_PATTERN)] | None = None
    """Number of the project, in quotes: then Vertex AI's own account is given its rights to request logs and keys.
    Default: somebody else gives them."""
    regions: Annotated[list[GoogleRegion], Field(min_length=1)]
    """Google Cloud regions such as europe-west4; each has a bucket for models."""
    network: Annotated[str, StringConstraints(pattern=GOOGLE_NETWORK_PATTERN)] | None = None
    """projects/<number>/global/networks/<name> that private endpoints are peered with. Default: none."""
    kms_keys: dict[GoogleRegion, Annotated[str, StringConstraints(pattern=GOOGLE_KEY_PATTERN)]] = {}
    """By region, the Cloud KMS key of models, endpoints and buckets. Default: Google's own keys."""
    notification_channels: list[Annotated[str, StringConstraints(pattern=GOOGLE_CHANNEL_PATTERN)]] = []
    """Channels of Cloud Monitoring that alerts of endpoints tell. Default: they tell nobody."""
    billing_account: Annotated[str, StringConstraints(pattern=BILLING_ACCOUNT_PATTERN)] | None = None
    """Cloud Billing account that gets the budgets of departments with models here, by project_number. Default: only
    the plan holds them."""

    @model_validator(mode="after")
    def _regions_agree(self) -> ManagedGcp:
        _agree(self.regions, {"kms_keys": self.kms_keys})
        if self.billing_account is not None and self.project_number is None:
            raise ValueError("billing_account needs project_number, which a budget counts the project by; add it")
        return self


class KeyVaultKey(Declaration):
    """A key of one's own in Key Vault."""

    identifier: Annotated[str, StringConstraints(pattern=KEY_VAULT_KEY_PATTERN)]
    """https://<vault>.vault.azure.net/keys/<name>/<version>"""
    vault_id: Annotated[str, StringConstraints(pattern=AZURE_RESOURCE_PATTERN)]
    """Resource id of the vault, which has purge protection."""


class ManagedAzure(Declaration):
    """Azure Machine Learning."""

    subscription_id: Annotated[str, StringConstraints(pattern=UUID_PATTERN)]
    tenant_id: Annotated[str, StringConstraints(pattern=UUID_PATTERN)]
    """Microsoft Entra tenant of the subscription."""
    resource_group: Annotated[str, StringConstraints(pattern=AZURE_GROUP_PATTERN)]
    """Resource group of workspaces and what they need; it is made in the first of the regions."""
    regions: Annotated[list[AzureLocation], Field(min_length=1)]
    """Azure locations such as westeurope; each has a workspace."""
    public_access: bool = False
    """Whether workspaces can be reached from the internet. Endpoints say it for themselves."""
    entra_only: bool = False
    """Whether endpoints take nothing but tokens of Microsoft Entra, and no keys."""
    private_subnets: dict[AzureLocation, Annotated[str, StringConstraints(pattern=AZURE_SUBNET_PATTERN)]] = {}
    """By location, resource id of the subnet that gets the private endpoints of the workspace. Default: none."""
    keys: dict[AzureLocation, KeyVaultKey] = {}
    """By location, the customer-managed key of the workspace. Default: Microsoft's own keys."""
    action_groups: list[Annotated[str, StringConstraints(pattern=AZURE_RESOURCE_PATTERN)]] = []
    """Resource ids of the action groups of Azure Monitor that alerts of endpoints tell. Default: they tell nobody."""
    budgets_from: Annotated[str, StringConstraints(pattern=MONTH_PATTERN)] | None = None
    """First month, in quotes, of the budgets of departments with models here: the month of the first deployment, since
    Azure takes none that is past. Default: only the plan holds them."""
    arc_clusters: dict[AzureLocation, Annotated[list[ArcCluster], Field(min_length=1, max_length=20)]] = {}
    """By location of their workspace, Kubernetes clusters of one's own that Azure Arc knows, as computes that models
    name in azureml.arc."""

    @model_validator(mode="after")
    def _regions_agree(self) -> ManagedAzure:
        _agree(
            self.regions,
            {"private_subnets": self.private_subnets, "keys": self.keys, "arc_clusters": self.arc_clusters},
        )
        return self


class Managed(Declaration):
    """Clouds whose managed services models may name as their target."""

    aws: ManagedAws | None = None
    """For target: sagemaker."""
    gcp: ManagedGcp | None = None
    """For target: vertex."""
    azure: ManagedAzure | None = None
    """For target: azureml."""

    @model_validator(mode="after")
    def _names_a_cloud(self) -> Managed:
        if self.aws is None and self.gcp is None and self.azure is None:
            raise ValueError("names no cloud; add aws, gcp or azure, or delete managed")
        return self

    def alarms_tell_somebody(self, cloud: Cloud, region: str) -> bool:
        """Whether an alarm of an endpoint there reaches anybody."""
        if cloud == "aws":
            return self.aws is not None and region in self.aws.alarm_topics
        if cloud == "gcp":
            return self.gcp is not None and bool(self.gcp.notification_channels)
        return self.azure is not None and bool(self.azure.action_groups)

    def regions(self, cloud: Cloud) -> tuple[str, ...]:
        """Those of one cloud, in declared order; empty where it is not named."""
        found = {"aws": self.aws, "gcp": self.gcp, "azure": self.azure}[cloud]
        return () if found is None else tuple(found.regions)


def _agree(regions: list[str], by_region: dict[str, dict]) -> None:
    doubled = sorted({region for region in regions if regions.count(region) > 1})
    found = [f"regions names {', '.join(doubled)} twice; delete one"] if doubled else []
    for key, values in by_region.items():
        strange = [region for region in values if region not in regions]
        if strange:
            found.append(
                f"{key} has {', '.join(strange)}, which regions does not name; add it there, or delete it here "
                f"(regions: {', '.join(regions)})"
            )
    if found:
        raise ValueError("; and ".join(found))
