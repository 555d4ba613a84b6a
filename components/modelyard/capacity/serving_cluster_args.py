"""Arguments of the ServingCluster component; they mirror the declaration in ``environment/cluster.py``."""

from collections.abc import Mapping, Sequence
from typing import NotRequired, TypedDict

import pulumi

from ..governance.ownership import OwnershipArgs
from .node_pool_args import AksNodesArgs


class ApiAccessArgs(TypedDict):
    """The way in for whoever runs ``pulumi up`` and kubectl."""

    public_cidrs: NotRequired[Sequence[str]]
    """Address ranges that may reach the public endpoint; empty: no public endpoint. Default: empty."""
    bastion: NotRequired[bool]
    """A small machine inside the VPC, reached through Systems Manager, without any open port. Default: false."""
    tunnel_port: NotRequired[int]
    """Local port of the tunnel through the bastion that ``pulumi up`` uses; null: straight to the endpoint.
    Default: null."""
    admins: NotRequired[Sequence[str]]
    """Who has cluster-admin rights, besides the one that creates the cluster. EKS: ARNs of IAM roles. GKE: members
    such as group:ml-platform@example.com. AKS: object ids of Microsoft Entra groups. Default: none."""


class SystemNodesArgs(TypedDict):
    """Nodes without GPUs for what the cluster itself runs."""

    instance_types: NotRequired[Sequence[str]]
    """In order of preference, of one processor architecture. Default: m6i.xlarge (EKS), e2-standard-4 (GKE),
    Standard_D4s_v5 (AKS)."""
    min_nodes: NotRequired[int]
    """Default: 2."""
    desired_nodes: NotRequired[int]
    """Nodes at creation, after that owned by the node autoscaler. Default: min_nodes."""
    max_nodes: NotRequired[int]
    """Default: 6."""
    disk_gib: NotRequired[int]
    """Root volume. Default: 80."""


class EksArgs(TypedDict):
    """Settings of Amazon Elastic Kubernetes Service."""

    auto_mode: NotRequired[bool]
    """EKS Auto Mode: AWS runs the node autoscaler, the load balancer controller and the EBS driver. Pools with
    provisioner auto_mode need it. Default: false."""
    support: NotRequired[str]
    """What happens when the standard support of its Kubernetes version ends. standard: EKS upgrades the control plane.
    extended: it stays for another year, at a higher price of the cluster. Default: ``standard``."""
    addon_versions: NotRequired[Mapping[str, str]]
    """Add-on to version, for example coredns: v1.12.4-eksbuild.1. Default: what EKS takes for the Kubernetes version
    when the add-on is made."""
    disk_kms_key: NotRequired[str]
    """ARN of a KMS key for the disks of all nodes. Its policy has to let the service role of EC2 Auto Scaling use it.
    Default: the account's aws/ebs key."""


class MaintenanceExclusionArgs(TypedDict):
    """Days on which GKE leaves the cluster as it is ("Maintenance windows and exclusions" of the GKE documentation)."""

    name: str
    """Name of the exclusion."""
    first_day: str
    """Such as 2026-11-27. The day begins at midnight in UTC."""
    last_day: str
    """It is left alone too."""
    scope: NotRequired[str]
    """no_upgrades: at most 90 days. no_minor_upgrades: patches still come. no_minor_or_node_upgrades: to the control
    plane alone. Default: ``no_upgrades``."""


class GkeArgs(TypedDict):
    """Settings of Google Kubernetes Engine."""

    project: NotRequired[str]
    """Id of the project. Default: managed.gcp.project; by itself the provider's."""
    release_channel: NotRequired[str]
    """How soon GKE upgrades control plane and nodes by itself. ``rapid``, ``regular``, ``stable`` or ``extended``.
    Default: ``regular``."""
    maintenance_start: NotRequired[str]
    """When it may, in UTC. Default: 03:00."""
    maintenance_hours: NotRequired[int]
    """For how long from then on. Default: 4."""
    maintenance_days: NotRequired[Sequence[str]]
    """Days on which it may; empty: every day. ``monday`` to ``sunday``. Default: empty."""
    maintenance_exclusions: NotRequired[Sequence[MaintenanceExclusionArgs]]
    """Days on which it may not, at most three of them with scope no_upgrades. Default: none."""
    notification_topic: NotRequired[str]
    """Pub/Sub topic that is told of upgrades and security bulletins. Default: none."""
    kms_key: NotRequired[str]
    """Cloud KMS key of the cluster's secrets, in its region. Default: a key of the cluster's own, rotated every 90
    days."""
    encrypt_disks: NotRequired[bool]
    """Whether that key encrypts the boot disks of nodes and new volumes of the platform, too; otherwise Google's own
    does. Another value makes every node pool anew. Default: false."""
    dns_endpoint: NotRequired[bool]
    """Whether the API has a name that Google's IAM guards, beside the addresses in api_access. Default: true."""
    binary_authorization: NotRequired[bool]
    """Whether the project's policy of Binary Authorization decides which images run. Default: false."""
    image_streaming: NotRequired[bool]
    """Whether containers start while their images still load; images have to be in Artifact Registry. Default: true."""
    cost_allocation: NotRequired[bool]
    """Whether the billing export has the cost of each namespace. Default: true."""
    managed_prometheus: NotRequired[bool]
    """Whether Google's collectors run beside the cluster's own Prometheus; each sample is then paid for twice.
    Default: false."""


class MaintenanceWindowArgs(TypedDict):
    """Hours of one day a week."""

    day: NotRequired[str]
    """``monday`` to ``sunday``. Default: ``sunday``."""
    start: NotRequired[str]
    """Hour and minute. Default: 01:00."""
    hours: NotRequired[int]
    """From 4 to 24. Default: 4."""
    utc_offset: NotRequired[str]
    """Of the local time in start; it does not follow summer time. Default: +00:00."""


class AksArgs(TypedDict):
    """Settings of Azure Kubernetes Service."""

    subscription_id: NotRequired[str]
    """Default: managed.azure.subscription_id; by itself the provider's."""
    tenant_id: NotRequired[str]
    """Microsoft Entra tenant. Default: managed.azure.tenant_id; by itself the provider's."""
    resource_group: NotRequired[str]
    """Default: managed.azure.resource_group; by itself it is needed."""
    tier: NotRequired[str]
    """free: no promised availability. premium: two years of support for a Kubernetes version. Default: ``standard``."""
    upgrade_channel: NotRequired[str]
    """How soon AKS upgrades Kubernetes by itself. ``none``, ``patch``, ``stable``, ``rapid`` or ``node_image``.
    Default: ``patch``."""
    node_os_upgrade_channel: NotRequired[str]
    """How nodes get fixes of their system. ``none``, ``unmanaged``, ``security_patch`` or ``node_image``.
    Default: ``node_image``."""
    encrypt_secrets: NotRequired[bool]
    """Whether the cluster's secrets are encrypted with a key of Key Vault: kms_key, or one in a vault that is made.
    Default: true."""
    key_generation: NotRequired[int]
    """Of the key that is made: one more is another key. Write all secrets again afterwards, or the change after the
    next one loses them. Default: 1."""
    kms_key: NotRequired[str]
    """A key of one's own for the cluster's secrets, with its version. Default: one in a vault that is made."""
    key_vault_id: NotRequired[str]
    """Resource id of that vault; needed beside kms_key. Default: none."""
    key_vault_private: NotRequired[bool]
    """Whether that vault has no public address; needs api_server_subnet_id. Default: false."""
    api_server_subnet_id: NotRequired[str]
    """Resource id of a subnet of the nodes' network, a /28 or larger, delegated to
    Microsoft.ContainerService/managedClusters: the API's own addresses are there. Default: a tunnel or private link of
    AKS. It is for life, and a cluster that is there has to be restarted at once."""
    private_dns_zone_id: NotRequired[str]
    """Private DNS zone privatelink.<location>.azmk8s.io that gets the API's name. Default: one that AKS makes."""
    disk_encryption_set_id: NotRequired[str]
    """Whose key encrypts the nodes' disks. Default: Microsoft's own key."""
    encrypt_disks: NotRequired[bool]
    """Whether the disks of nodes and of the platform's own pods have a key that is made, beside that of the secrets;
    for the cluster's life. Default: false."""
    log_analytics_workspace_id: NotRequired[str]
    """Where the control plane's logs go. Default: a workspace of the cluster's own."""
    container_insights: NotRequired[bool]
    """Whether Azure Monitor collects containers' logs and Kubernetes' events into that workspace. Default: false."""
    managed_prometheus: NotRequired[bool]
    """Whether Azure Monitor's managed Prometheus collects metrics too, into a workspace of the cluster's own; alerts
    and autoscaling keep to the cluster's own Prometheus. Default: false."""
    azure_policy: NotRequired[bool]
    """Whether Azure Policy judges pods, with the policies that are assigned to the subscription. Default: false."""
    defender: NotRequired[bool]
    """Whether Microsoft Defender watches the nodes. Default: false."""
    image_cleaner_hours: NotRequired[int]
    """Unused vulnerable images are removed from nodes at this interval; null turns it off. Default: 168."""
    cost_analysis: NotRequired[bool]
    """Whether Azure shows the cost of each namespace; not with tier free. Default: true."""
    maintenance: NotRequired[MaintenanceWindowArgs]
    """When AKS may upgrade Kubernetes and exchange nodes by itself; null: at any time. Default: Sundays from 01:00 to
    05:00 UTC."""
    nodes: NotRequired[AksNodesArgs]
    """Of the system nodes, and of every pool that says nothing of its own; a pool that is a component by itself is told
    so. Default: none of it."""
    retire_first_nodes: NotRequired[bool]
    """Whether the system nodes that the cluster began with go, once a pool of cpu_pools with system: true is there to
    take their place; by itself, a CpuNodePool. Default: false."""


class ServingClusterArgs(TypedDict):
    """One cluster in one region."""

    name: str
    """With the environment's name before it the physical name; people and other systems type it."""
    cloud: NotRequired[str]
    """aws: EKS. gcp: GKE. azure: AKS. Default: ``aws``."""
    region: str
    """Region of AWS or Google Cloud, or location of Azure."""
    vpc_id: NotRequired[pulumi.Input[str]]
    """EKS, needed there: VPC of the subnets."""
    private_subnet_ids: NotRequired[pulumi.Input[Sequence[pulumi.Input[str]]]]
    """EKS, needed there: subnets for nodes and the control plane's interfaces, in at least two zones."""
    network_name: NotRequired[pulumi.Input[str]]
    """GKE: VPC network."""
    subnetwork_name: NotRequired[pulumi.Input[str]]
    """GKE: subnetwork of the region, with the two ranges."""
    pods_range: NotRequired[pulumi.Input[str]]
    """GKE: name of the subnetwork's secondary range for pods."""
    services_range: NotRequired[pulumi.Input[str]]
    """GKE: name of its secondary range for services."""
    network_project: NotRequired[str]
    """GKE: host project of a shared VPC. Default: the cluster's."""
    subnet_id: NotRequired[pulumi.Input[str]]
    """AKS: resource id of the nodes' subnet. Default: a network that AKS makes."""
    zones: NotRequired[Sequence[str]]
    """GKE: zones of nodes whose pool names none; default: three that GKE chooses. AKS: availability zones of the system
    nodes, an empty list in a location that has none; default: 1, 2 and 3."""
    pods_cidr: NotRequired[str]
    """AKS: addresses of pods, an overlay that only the cluster knows. Default: 10.244.0.0/16."""
    services_cidr: NotRequired[str]
    """AKS and EKS: addresses of services, which only the cluster knows. Default: 10.2.0.0/16 (AKS), the one of
    10.100.0.0/16 and 172.20.0.0/16 that the VPC does not have (EKS)."""
    egress: NotRequired[str]
    """AKS: how nodes reach the internet. ``load_balancer``: one of the cluster's own. ``nat_gateway``: that of the
    subnet. ``routes``: those of the subnet. ``none``: not at all. Default: ``load_balancer``."""
    egress_addresses: NotRequired[Sequence[pulumi.Input[str]]]
    """AKS: public addresses of the subnet's NAT gateway or firewall, which a public endpoint has to let in.
    Default: none."""
    kubernetes_version: NotRequired[str]
    """Default: 1.35."""
    api_access: NotRequired[ApiAccessArgs]
    """The way in. Default: from inside the VPC only."""
    control_plane_logs: NotRequired[Sequence[str]]
    """``api``, ``audit``, ``authenticator``, ``controllerManager``, ``scheduler``.
    Default: api, audit, authenticator."""
    log_retention_days: NotRequired[int]
    """Days that the cloud keeps the control plane's logs, on GKE those of pods and nodes too. Default: 90."""
    system_nodes: NotRequired[SystemNodesArgs]
    """Nodes without GPUs. Default: two to six m6i.xlarge."""
    node_autoscaler: NotRequired[str]
    """cluster_autoscaler: Kubernetes' own on EKS, that of the cloud on GKE and AKS. karpenter: on EKS, also what pools
    with provisioner karpenter need. none: not on GKE, which keeps pools between their limits by itself. Default:
    ``cluster_autoscaler``."""
    eks: NotRequired[EksArgs]
    """What only a cluster of EKS has. Default: its defaults."""
    gke: NotRequired[GkeArgs]
    """What only a cluster of GKE has. Default: its defaults."""
    aks: NotRequired[AksArgs]
    """What only a cluster of AKS has. Default: its defaults."""
    deletion_protection: NotRequired[bool]
    """The cloud refuses to delete the cluster. Default: false."""
    weight_streaming: NotRequired[bool]
    """EKS: installs the file driver by which pods read weights from S3, the add-on aws-mountpoint-s3-csi-driver; GKE
    and AKS always have theirs. Default: false."""
    node_repair: NotRequired[bool]
    """EKS replaces nodes that its node monitoring agent finds broken. Default: true."""
    ownership: OwnershipArgs
    """Who pays and answers for it."""
