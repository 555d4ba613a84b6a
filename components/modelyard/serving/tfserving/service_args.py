"""Arguments of :class:`~modelyard.serving.tfserving.service.TensorFlowServingService`.

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


class BatchingArgs(TypedDict):
    """Requests are executed together; one setting for every version."""

    max_batch_size: int
    """Most rows of one execution."""
    batch_timeout_us: NotRequired[int]
    """How long the first request of a batch waits for others. Default: 0, only while every thread is busy."""
    max_enqueued_batches: NotRequired[int]
    """A request that finds so many full batches waiting is refused. Default: the server's."""
    num_batch_threads: NotRequired[int]
    """Batches that are executed at once. Default: one for each processor of the node."""
    allowed_batch_sizes: NotRequired[Sequence[int]]
    """Batches are padded to one of these, in ascending order; the last is max_batch_size. Default: no padding."""
    pad_variable_length_inputs: NotRequired[bool]
    """Whether inputs of different lengths are padded to the longest of their batch. Default: false."""
    enable_large_batch_splitting: NotRequired[bool]
    """Whether a request of more rows than a batch takes is split. Default: false."""
    max_execution_batch_size: NotRequired[int]
    """Most rows of one execution of requests that are split; needed where they are."""


class TensorFlowServerArgs(TypedDict):
    """What the server is told besides its model."""

    version_policy: NotRequired[str]
    """How models.config says which versions are served: specific (by number), latest (the highest ones) or all
    (every folder). Default: specific."""
    labels: NotRequired[Mapping[str, int]]
    """Names for versions, for example stable and canary: letters, digits and underscores. Default: none."""
    batching: NotRequired[BatchingArgs]
    """Default: every request is an execution."""
    model_warmup: NotRequired[bool]
    """Whether requests recorded in a version's assets.extra are replayed before it is available. Default: true."""
    saved_model_tags: NotRequired[Sequence[str]]
    """Tags of the meta graph that is loaded. Default: serve."""
    rest_api_threads: NotRequired[int]
    """Default: four for each processor of the node."""
    grpc_max_threads: NotRequired[int]
    """Default: four for each processor of the node."""
    intra_op_threads: NotRequired[int]
    """Threads that share one operation. Default: one for each processor of the node."""
    inter_op_threads: NotRequired[int]
    """Operations that are executed at once. Default: one for each processor of the node."""
    gpu_memory_fraction: NotRequired[float]
    """Share of a GPU's memory that is taken at the start, above 0 and at most 1. Default: nearly all of it."""
    mixed_precision: NotRequired[str]
    """bfloat16. Default: the precision of the model."""


class TensorFlowServingServiceArgs(TypedDict):
    """One model, served by TensorFlow Serving on one cluster."""

    ownership: OwnershipArgs
    """Who pays. The department is also the namespace, which must exist."""
    model: str
    """Name of the model, and of its Deployment, Service and HTTPRoute: lower-case letters, digits and hyphens, at most
    40."""
    cluster: str
    """Name of the cluster as the environment declares it; pods carry it for costs and placement."""
    stored: StoredModelArgs
    """Where the model lies: a folder for each version, with its saved_model.pb."""
    image: NotRequired[pulumi.Input[str]]
    """Server image, by digest. Default: the one of the catalogue, for GPUs where resources.gpus is more than 0."""
    version: NotRequired[int]
    """Version that is served, and the one that REST requests get which name none. Default: 1."""
    versions: NotRequired[Sequence[int]]
    """Versions that are served side by side. Default: version."""
    server: NotRequired[TensorFlowServerArgs]
    """Labels, batching and what else the server is told. Default: nothing."""
    eks_cluster: NotRequired[pulumi.Input[str]]
    """Name of the EKS cluster, whose pods get read access to the model by Pod Identity. Default: no access is granted
    here."""
    gcp_service_account: NotRequired[pulumi.Input[str]]
    """Google Cloud service account that pods on GKE act as, by Workload Identity Federation. Default: the Kubernetes
    service account is a principal of its own, and may be given the right to read."""
    azure_client_id: NotRequired[pulumi.Input[str]]
    """Client id of the managed identity that pods on AKS act as, federated with their service account. Needed for
    azure."""
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
