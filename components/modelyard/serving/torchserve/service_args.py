"""Arguments of :class:`~modelyard.serving.torchserve.service.TorchServeService`.

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


class ModelArchiveArgs(TypedDict):
    """One version of the model, in a model archive (``.mar``) of the model store."""

    file: str
    """Name of the archive's file, for example ``fraud-2.mar``."""
    version: NotRequired[int]
    """Version that it holds. Default: 1."""
    model_version: NotRequired[str]
    """Version as the archive's manifest words it, which callers name. Default: ``<version>.0``."""
    min_workers: NotRequired[int]
    """Processes that serve it. Default: 1."""
    max_workers: NotRequired[int]
    """Most processes that serve it. Default: min_workers."""
    batch_size: NotRequired[int]
    """Most requests that a worker gets at once. Default: 1, the only one that the Open Inference Protocol allows."""
    max_batch_delay_ms: NotRequired[int]
    """Longest wait for a batch to fill, in ms. Default: 100."""
    response_timeout_seconds: NotRequired[int]
    """A worker that takes longer for a batch is started again. Default: default_response_timeout."""
    startup_timeout_seconds: NotRequired[int]
    """A worker that takes longer to load is started again. Default: default_startup_timeout."""


class TorchServeConfigArgs(TypedDict):
    """Properties of TorchServe's config.properties, by their own names; those that the component owns are refused."""

    number_of_netty_threads: NotRequired[int]
    """Threads that take requests. Default: resources.cpu, at least 2."""
    netty_client_threads: NotRequired[int]
    """Threads that talk to workers. Default: resources.cpu, at least 2."""
    job_queue_size: NotRequired[int]
    """Requests that wait for a worker, by version; beyond it they are answered with 503. Default: 100."""
    max_request_size: NotRequired[int]
    """In bytes. Default: 6553500."""
    max_response_size: NotRequired[int]
    """In bytes. Default: 6553500."""
    default_workers_per_model: NotRequired[int]
    """Has no effect on versions of archives, which have min_workers. Default: GPUs, else processors."""
    default_response_timeout: NotRequired[int]
    """In seconds. Default: 120."""
    default_startup_timeout: NotRequired[int]
    """In seconds. Default: 120."""
    unregister_model_timeout: NotRequired[int]
    """In seconds. Default: 120."""
    prefer_direct_buffer: NotRequired[bool]
    """Whether the server uses direct memory (``-XX:MaxDirectMemorySize``). Default: false."""
    decode_input_request: NotRequired[bool]
    """Whether workers decode JSON and text. Default: true."""
    limit_max_image_pixels: NotRequired[bool]
    """Whether Pillow's limit of pixels holds. Default: true."""
    async_logging: NotRequired[bool]
    """Whether logs are written behind requests. Default: false."""
    number_of_gpu: NotRequired[int]
    """Most GPUs that are used. Default: all of the pod."""
    initial_worker_port: NotRequired[int]
    """First port of workers on loopback. Default: 9000."""
    initial_distribution_port: NotRequired[int]
    """First port of torchrun's workers on loopback. Default: 29500."""
    blacklist_env_vars: NotRequired[str]
    """Regular expression of variables that workers do not see. Default: they see all."""
    default_service_handler: NotRequired[str]
    """Handler of archives that name none, as <file>:<function>. Default: none."""
    grpc_inference_max_connection_age_ms: NotRequired[int]
    """After so long clients connect anew, which spreads them over new pods. Default: never."""
    grpc_inference_max_connection_age_grace_ms: NotRequired[int]
    """Time for calls in flight then. Default: without end."""
    grpc_management_max_connection_age_ms: NotRequired[int]
    """The same for management. Default: never."""
    grpc_management_max_connection_age_grace_ms: NotRequired[int]
    """Time for calls in flight then. Default: without end."""
    cors_allowed_origin: NotRequired[str]
    """Origin that browsers may call from. Default: none."""
    cors_allowed_methods: NotRequired[str]
    """Methods of preflight requests. Default: none."""
    cors_allowed_headers: NotRequired[str]
    """Headers of preflight requests. Default: none."""
    metrics_config: NotRequired[str]
    """Text of a metrics file (YAML) instead of TorchServe's own. Default: TorchServe's."""
    model_metrics_auto_detect: NotRequired[bool]
    """Whether metrics of handlers count that the file does not name. Default: false."""
    disable_system_metrics: NotRequired[bool]
    """Whether processor, memory and disk are left out. Default: false."""
    system_metrics_cmd: NotRequired[str]
    """Program that collects them. Default: TorchServe's."""
    metric_time_interval: NotRequired[int]
    """Seconds between two collections. Default: 60."""
    cpu_launcher_enable: NotRequired[bool]
    """Whether Intel's launcher starts workers. Default: false."""
    cpu_launcher_args: NotRequired[str]
    """Its arguments. Default: none."""
    ipex_enable: NotRequired[bool]
    """Whether handlers use Intel's extension. Default: false."""
    ipex_gpu_enable: NotRequired[bool]
    """Whether it uses Intel GPUs. Default: false."""
    ts_header_key_sequence_id: NotRequired[str]
    """Header with the id of a sequence. Default: ts_request_sequence_id."""
    ts_header_key_sequence_start: NotRequired[str]
    """Header of a sequence's first request. Default: ts_request_sequence_start."""
    ts_header_key_sequence_end: NotRequired[str]
    """Header of a sequence's last request. Default: ts_request_sequence_end."""
    use_native_io: NotRequired[bool]
    """Whether epoll is used. Default: true."""
    io_ratio: NotRequired[int]
    """Percent of a thread's time for input and output, 1 to 100. Default: 50."""
    vmargs: NotRequired[str]
    """Options of the JVM. Default: none."""
    debug: NotRequired[bool]
    """One worker a model, with more output. Default: false."""


class TorchServeServiceArgs(TypedDict):
    """One model, served by TorchServe on one cluster."""

    ownership: OwnershipArgs
    """Who pays. The department is also the namespace, which must exist."""
    model: str
    """Name of the model, of its archives, and of its Deployment, Service and HTTPRoute: lower-case letters, digits and
    hyphens, at most 40."""
    cluster: str
    """Name of the cluster as the environment declares it; pods carry it for costs and placement."""
    stored: StoredModelArgs
    """Where the archives lie, side by side in one folder: listed in files, or everything below the prefix with layout
    repository."""
    archives: Sequence[ModelArchiveArgs]
    """The versions that are served side by side."""
    archives_folder: NotRequired[str]
    """Folder of this machine with the same archives, which are then read and checked. Default: they are not."""
    image: NotRequired[pulumi.Input[str]]
    """Server image, by digest. Default: pytorch/torchserve:0.12.0, whose digest no source gives."""
    version: NotRequired[int]
    """Version that calls without a version get: promotion and rollback are this line. Default: the only archive's,
    else 1."""
    versions: NotRequired[Sequence[int]]
    """Of the archives, those that are loaded. Default: all."""
    protocol: NotRequired[str]
    """open_inference (the Open Inference Protocol, without batches of several requests) or torchserve (bodies as the
    handler takes them). Default: open_inference."""
    config: NotRequired[TorchServeConfigArgs]
    """Properties of TorchServe. Default: TorchServe's own."""
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
    """Replicas, owned by the autoscaler, which follows processor time: TorchServe has no gauge for its queue."""
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
