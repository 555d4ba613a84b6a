"""Arguments of :class:`~modelyard.serving.kserve.service.KServeService`.

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


class CompanionScalingArgs(TypedDict):
    """Replicas of a transformer or explainer, by processor time."""

    min_replicas: NotRequired[int]
    """1 to 1000. Default: 1."""
    max_replicas: NotRequired[int]
    """1 to 1000. Default: 1."""


class CompanionArgs(TypedDict):
    """A container of one's own beside the predictor: a transformer or an explainer."""

    image: pulumi.Input[str]
    """By digest."""
    command: NotRequired[Sequence[str]]
    """Default: the image's entrypoint."""
    args: NotRequired[Sequence[str]]
    """Before those that KServe adds: ``--model_name``, ``--predictor_host`` and ``--http_port``. Default: none."""
    env: NotRequired[Mapping[str, str]]
    """Variables that are no secrets. Default: none."""
    user: NotRequired[int]
    """uid that the image's files allow it to run as. Default: 1000."""
    cpu: NotRequired[float]
    """Cores. Default: 1."""
    memory_gib: NotRequired[float]
    """Memory in GiB. Default: 2."""
    scaling: NotRequired[CompanionScalingArgs]
    """Replicas. Default: one."""


class ModelCacheArgs(TypedDict):
    """The model is kept on the nodes' own disks, downloaded once a node (KServe's LocalModelCache)."""

    node_groups: Sequence[str]
    """LocalModelNodeGroups of the cluster, for example one for each GPU pool."""
    size_gib: float
    """Size of the model; the node group has room for so much and no more."""
    scope: NotRequired[str]
    """namespace: the department alone may use it. cluster: every department. Default: namespace."""


class KServeServiceArgs(TypedDict):
    """One model, served by KServe on one cluster."""

    ownership: OwnershipArgs
    """Who pays. The department is also the namespace, which must exist."""
    model: str
    """Name of the model, of its InferenceService, ServingRuntime and HTTPRoute: lower-case letters, digits and hyphens,
    at most 40."""
    cluster: str
    """Name of the cluster as the environment declares it; pods carry it for costs and placement."""
    stored: StoredModelArgs
    """Where the model lies."""
    server: str
    """Model server in the pods: triton, tensorflow_serving, torchserve, mlserver, sklearnserver or xgbserver."""
    format: str
    """Format of the model, which the server must serve: onnx, savedmodel, sklearn, xgboost, ..."""
    mode: NotRequired[str]
    """standard: a Deployment. knative: a Knative Service, which can scale to zero. Default: standard."""
    protocol: NotRequired[str]
    """v1, v2, grpc-v1 or grpc-v2. Default: the server's preferred one."""
    autoscaler: NotRequired[str]
    """external: Modelyard's own autoscaler, as for every other server, with every target and the hours of the week.
    hpa: KServe's, by processor time. keda: KServe's, by the targets of ``scaling``. none: always the least replicas.
    Default: external; in mode knative Knative scales, by requests in flight or per second."""
    transformer: NotRequired[CompanionArgs]
    """Container that requests go through on their way to the model and back. Default: none."""
    explainer: NotRequired[CompanionArgs]
    """Container that answers ``:explain``. Default: none."""
    model_cache: NotRequired[ModelCacheArgs]
    """Cache on the nodes' disks. Default: none, and every pod fetches the model."""
    weights: NotRequired[WeightsArgs]
    """What pods do with the model's files, in mode standard. Default: every pod copies them."""
    rollout: NotRequired[RolloutArgs]
    """A canary beside the stable version. Default: none."""
    canary: NotRequired[CanaryArgs]
    """What the canary has otherwise than the stable version; needed where rollout names a canary."""
    graphs: NotRequired[Sequence[str]]
    """InferenceGraphs of the department that may ask this model. Default: none."""
    image: NotRequired[pulumi.Input[str]]
    """Server image, by digest. Default: the newest that the catalogue knows."""
    version: NotRequired[int]
    """Version that is served. Default: 1."""
    versions: NotRequired[Sequence[int]]
    """Versions that are served side by side by one server, which triton and tensorflow_serving can. Default:
    version."""
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
    companion_price_basis: NotRequired[str]
    """The same of the nodes that take pods of no pool, for transformer and explainer. Default: ``price_basis`` where
    there is no pool."""
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
    resources: NotRequired[ServerResourcesArgs]
    """What one replica asks of its node."""
    scaling: NotRequired[ScalingArgs]
    """Replicas, owned by the autoscaler."""
    max_surge: NotRequired[int]
    """Pods beyond the wanted number during an update. Default: 0, so that a full pool cannot block it; 1 for a single
    replica and for a canary."""
    max_unavailable: NotRequired[int]
    """Pods that may be missing during an update. Default: 1; 0 for a single replica and for a canary."""
    hostname: NotRequired[str]
    """Where the model answers through the gateway, in mode standard. Default: reachable inside the cluster by the
    gateway alone."""
    access: NotRequired[AccessArgs]
    """Who may ask through the gateway, in mode standard. Default: whoever reaches it."""
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
