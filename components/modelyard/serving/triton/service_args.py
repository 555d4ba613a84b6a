"""Arguments of :class:`~modelyard.serving.triton.service.TritonService`.

The annotations stay real objects (no postponed evaluation): Pulumi's component analyzer reads them.
"""

from collections.abc import Mapping, Sequence
from typing import NotRequired, TypedDict

import pulumi

from modelyard.capacity.software.secret_reference_args import SecretReferenceArgs
from modelyard.governance.ownership import OwnershipArgs
from modelyard.serving.access.args import AccessArgs
from modelyard.serving.workload.args import (
    CanaryArgs,
    GatewayArgs,
    GpuClaimArgs,
    RolloutArgs,
    ScalingArgs,
    ServerResourcesArgs,
    StoredModelArgs,
    TolerationArgs,
    WeightsArgs,
)


class RateLimitResourceArgs(TypedDict):
    """A resource of Triton's rate limiter."""

    name: str
    """Name, as instance groups ask for it."""
    count: int
    """How much of it there is."""
    device: NotRequired[int]
    """GPU that it is of. Default: each."""


class ServerOptionsArgs(TypedDict):
    """What the repository asks of the server as a whole."""

    response_cache_mib: NotRequired[int]
    """Memory of the response cache; counts towards memory_gib. Default: no cache."""
    rate_limiter: NotRequired[bool]
    """Whether rate limiters of instance groups count. Default: false."""
    rate_limit_resources: NotRequired[Sequence[RateLimitResourceArgs]]
    """What of each resource there is. Default: the most that one instance asks for."""
    backend_config: NotRequired[Mapping[str, Mapping[str, str]]]
    """Settings of backends, by backend and name. Default: none."""


class TritonServiceArgs(TypedDict):
    """One model, served by Triton on one cluster."""

    ownership: OwnershipArgs
    """Who pays. The department is also the namespace, which must exist."""
    model: str
    """Name of the model, and of its Deployment, Service and HTTPRoute: lower-case letters, digits and hyphens, at most
    40."""
    cluster: str
    """Name of the cluster as the environment declares it; pods carry it for costs and placement."""
    stored: StoredModelArgs
    """Where the model lies."""
    image: NotRequired[pulumi.Input[str]]
    """Server image, by digest. Default: the newest release that the catalogue knows."""
    version: NotRequired[int]
    """Version that is served. Default: 1."""
    versions: NotRequired[Sequence[int]]
    """Versions that are served side by side, where the model's version policy names several. Default: version."""
    server: NotRequired[ServerOptionsArgs]
    """What the repository asks of the server as a whole. Default: nothing."""
    eks_cluster: NotRequired[pulumi.Input[str]]
    """Name of the EKS cluster, whose pods get read access to the model by Pod Identity. Default: no access is granted
    here."""
    gcp_service_account: NotRequired[pulumi.Input[str]]
    """Google Cloud service account that pods on GKE act as, by Workload Identity Federation. Default: the Kubernetes
    service account is a principal of its own, and may be given the right to read."""
    azure_client_id: NotRequired[pulumi.Input[str]]
    """Client id of the managed identity that pods on AKS act as, federated with their service account. Needed for
    azure."""
    mig_profile: NotRequired[str]
    """resources.gpus are slices of this MIG profile, for example 1g.10gb. Default: whole GPUs."""
    pool: NotRequired[str]
    """Pool of the guaranteed replicas. Default: any node without a GPU, for a model that asks for none."""
    overflow_pool: NotRequired[str]
    """Pool for replicas beyond the guaranteed ones, usually spot. Default: none."""
    price_basis: NotRequired[str]
    """``aws/<region>/<instance type>/<on_demand|spot>`` of the pool's first instance type. Default: none, and the
    model's cost is unpriced where the pool is not in the same plan."""
    tolerations: NotRequired[Sequence[TolerationArgs]]
    """Taints of the pools. Default: only nvidia.com/gpu."""
    gpu_claim: NotRequired[GpuClaimArgs]
    """What pods claim of the pool's GPUs, where it hands them out by Dynamic Resource Allocation (dra). Default: pods
    ask for nvidia.com/gpu."""
    device: NotRequired[str]
    """What resources.gpus counts: nvidia.com/gpu, aws.amazon.com/neuron, aws.amazon.com/neuroncore or google.com/tpu.
    Default: nvidia.com/gpu."""
    node_labels: NotRequired[Mapping[str, str]]
    """Labels that the nodes need besides the pool's: GKE wants cloud.google.com/gke-tpu-accelerator and
    cloud.google.com/gke-tpu-topology of pods that ask for TPU chips. Default: none."""
    weights: NotRequired[WeightsArgs]
    """What pods do with the model's files. Default: every pod copies them."""
    resources: NotRequired[ServerResourcesArgs]
    """What one replica asks of its node."""
    scaling: NotRequired[ScalingArgs]
    """Replicas, owned by the autoscaler."""
    rollout: NotRequired[RolloutArgs]
    """A new version beside the one that serves. Default: none."""
    canary: NotRequired[CanaryArgs]
    """Needed where rollout names a canary."""
    max_surge: NotRequired[int]
    """Pods beyond the wanted number during an update. Default: 0, so that a full pool cannot block it."""
    max_unavailable: NotRequired[int]
    """Pods that may be missing during an update. Default: 1."""
    hostname: NotRequired[str]
    """Where the model answers through the gateway. Default: reachable inside the cluster by the gateway alone."""
    access: NotRequired[AccessArgs]
    """Who may ask through the gateway. Default: whoever reaches it."""
    mesh: NotRequired[str]
    """Service mesh that carries requests and scrapes to the pods: none, istio or linkerd. Default: none."""
    gateway: NotRequired[GatewayArgs]
    """Default: the gateway ``modelyard`` in ``gateway-system``, which the platform installs."""
    request_timeout_seconds: NotRequired[int]
    """The gateway ends a request after so long. Default: 60."""
    priority_class: NotRequired[str]
    """Priority class of the pods. Default: the cluster's."""
    env: NotRequired[Mapping[str, str]]
    """Environment variables of the server that are no secrets."""
    secret_env: NotRequired[Mapping[str, SecretReferenceArgs]]
    """Environment variables whose values are secrets, by reference."""
