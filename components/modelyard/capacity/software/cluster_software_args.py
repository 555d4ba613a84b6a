"""Arguments of :class:`~modelyard.capacity.software.cluster_software.ClusterSoftware`.

Keys of ``monitoring`` are those of the declaration of that name; a test holds them equal.
"""

from collections.abc import Mapping, Sequence
from typing import NotRequired, TypedDict

import pulumi

from modelyard.capacity.software.mtls_args import MtlsArgs
from modelyard.capacity.software.secret_reference_args import SecretReferenceArgs
from modelyard.governance.ownership import OwnershipArgs


class AlertReceiverArgs(TypedDict):
    """One of PagerDuty, Slack or a webhook."""

    name: str
    """Lower-case letters, digits and hyphens, at most 40."""
    severities: NotRequired[Sequence[str]]
    """critical, warning or both. Default: both."""
    pagerduty_routing_key: NotRequired[SecretReferenceArgs]
    """Where the routing key of a PagerDuty service is kept."""
    slack_webhook: NotRequired[SecretReferenceArgs]
    """Where the URL of a Slack webhook is kept."""
    slack_channel: NotRequired[str]
    """With slack_webhook: the channel."""
    webhook_url: NotRequired[SecretReferenceArgs]
    """Where the URL of a webhook is kept."""


class PrometheusArgs(TypedDict):
    """The prometheus-operator stack of every cluster."""

    retention_days: NotRequired[int]
    """1 to 365. Default: 15."""
    storage_gib: NotRequired[int]
    """Volume of each Prometheus in GiB. Default: 50."""
    replicas: NotRequired[int]
    """Prometheus and Alertmanager, 1 or 2. Default: 1."""
    scrape_interval_seconds: NotRequired[int]
    """5 to 300. Default: 15."""
    receivers: NotRequired[Sequence[AlertReceiverArgs]]
    """Who is told. Default: nobody."""


class AcmeArgs(TypedDict):
    """Certificates from an ACME authority, proven over HTTP; needs a gateway that the authority can reach."""

    email: str
    """Told when a certificate runs out."""
    server: NotRequired[str]
    """Directory of the authority. Default: Let's Encrypt."""


class ClusterSoftwareArgs(TypedDict):
    """Software of one cluster."""

    ownership: OwnershipArgs
    """Who pays; department ``platform`` for what all share."""
    cluster: str
    """Name of the cluster as the environment declares it."""
    cloud: NotRequired[str]
    """aws, gcp or azure: whose load balancer, volumes and identities there are. Default: aws."""
    region: str
    """Its region or location, for example us-east-1."""
    kubernetes_version: str
    """For example 1.34."""
    eks_cluster: NotRequired[pulumi.Input[str]]
    """Name of the EKS cluster. Needed by cluster_autoscaler on EKS."""
    auto_mode: NotRequired[bool]
    """Whether EKS Auto Mode runs the cluster: its own controllers make load balancers and volumes. Default: false."""
    domain: str
    """Models answer at ``<model>.<cluster>.<domain>``."""
    reach: NotRequired[str]
    """internal or internet. Default: internal."""
    acme: NotRequired[AcmeArgs]
    """Default: cert-manager signs with an authority of the cluster's own."""
    hostnames: NotRequired[Sequence[str]]
    """Names of the models on this cluster; needed with ``acme``, whose certificate lists them."""
    monitoring: NotRequired[PrometheusArgs]
    """How long metrics are kept and who is told."""
    node_autoscaler: NotRequired[str]
    """cluster_autoscaler, karpenter or none. Only cluster_autoscaler on EKS is installed here: karpenter comes with its
    own component, and GKE and AKS have one built in. Default: cluster_autoscaler on EKS, none with Auto Mode and on
    other clouds."""
    gpu_claims: NotRequired[bool]
    """Whether any pool hands out its GPUs by ResourceClaims, for which cluster_autoscaler then brings nodes. Default:
    false."""
    system_nodes: NotRequired[Mapping[str, str]]
    """Labels of the nodes that this software runs on. Default: any node that it fits."""
    gateway_replicas: NotRequired[int]
    """Proxies of the gateway. Default: 2."""
    client_certificates: NotRequired[MtlsArgs]
    """Without one nobody connects to the gateway. Default: none is asked for."""
    rate_limit_redis: NotRequired[str]
    """Redis in which global rate limits are counted: <host>:<port>. Default: none, and limits are each proxy's own."""
    mesh: NotRequired[str]
    """Service mesh, installed by somebody else, of which the gateway and Prometheus are part: none, istio (ambient
    mode) or linkerd. Default: none."""
    controllers: NotRequired[Sequence[str]]
    """What is installed besides, where models need it: keda, which scales by schedules, to zero, and by more than the
    queue; kserve, which serves InferenceServices; argo_rollouts and flagger, which move the traffic of canaries.
    Default: none."""
    system_architecture: NotRequired[str]
    """Processors of the nodes that this software runs on: x86_64 or arm64. Default: x86_64."""
    system_machine: NotRequired[str]
    """Instance type of those nodes, which decides what volumes they can have. Default: one of the cloud's common
    series."""
    disk_encryption_set_id: NotRequired[str]
    """Azure: resource id of the disk encryption set of volumes. Default: Microsoft's own key."""
    volume_kms_key: NotRequired[pulumi.Input[str]]
    """Google Cloud: Cloud KMS key of volumes, known once Compute Engine may use it. Default: Google's own key."""
