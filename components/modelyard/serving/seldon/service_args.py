"""Arguments of :class:`~modelyard.serving.seldon.service.SeldonService`.

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
)


class SeldonServiceArgs(TypedDict):
    """One model, served by Seldon Core 2 on one cluster."""

    ownership: OwnershipArgs
    """Who pays. The department is also the namespace, which must exist and hold a SeldonRuntime."""
    model: str
    """Name of the model, of its Model, Server and HTTPRoute: lower-case letters, digits and hyphens, at most 40."""
    cluster: str
    """Name of the cluster as the environment declares it; pods carry it for costs and placement."""
    stored: StoredModelArgs
    """Where the model lies: a folder that Seldon copies, without a list of files."""
    server: str
    """Inference server in the pods: mlserver or triton."""
    format: str
    """Format of the model, which the server must serve: onnx, sklearn, xgboost, ..."""
    server_config: NotRequired[str]
    """ServerConfig of Seldon's installation. Default: the server's name."""
    shared_server: NotRequired[str]
    """Server of the department's namespace, which other models use too. Default: a Server of the model's own."""
    model_memory_gib: NotRequired[float]
    """Memory that the loaded model takes, by which Seldon finds a server with room. Default: not told."""
    image: NotRequired[pulumi.Input[str]]
    """Image of the server's container, by digest. Default: the ServerConfig's."""
    version: NotRequired[int]
    """Version that is served. Default: 1."""
    versions: NotRequired[Sequence[int]]
    """At most one: Seldon loads one version of a Model. Default: version."""
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
    """Refused: the pods of Seldon's Servers have no ResourceClaims. Default: they ask for nvidia.com/gpu."""
    device: NotRequired[str]
    """What resources.gpus counts: nvidia.com/gpu, aws.amazon.com/neuron, aws.amazon.com/neuroncore or google.com/tpu.
    Default: nvidia.com/gpu."""
    node_labels: NotRequired[Mapping[str, str]]
    """Labels that the nodes need besides the pool's: GKE wants cloud.google.com/gke-tpu-accelerator and
    cloud.google.com/gke-tpu-topology of pods that ask for TPU chips. Default: none."""
    resources: NotRequired[ServerResourcesArgs]
    """What the server's container of one replica asks of its node; Seldon's agent and rclone come on top."""
    scaling: NotRequired[ScalingArgs]
    """Replicas. Seldon scales by inference lag, where its installation does; it takes no target and no hours."""
    rollout: NotRequired[RolloutArgs]
    """A canary beside the stable version, as an Experiment. Default: none."""
    canary: NotRequired[CanaryArgs]
    """What the canary has otherwise than the stable version; needed where rollout names a canary."""
    max_surge: NotRequired[int]
    """Means nothing: Seldon's Servers are StatefulSets. Default: 0."""
    max_unavailable: NotRequired[int]
    """Means nothing: Seldon's Servers are StatefulSets. Default: 1."""
    hostname: NotRequired[str]
    """Where the model answers through the gateway. Default: at Seldon's own Envoy alone."""
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
    """Environment variables of the server's container that are no secrets."""
    secret_env: NotRequired[Mapping[str, SecretReferenceArgs]]
    """Environment variables whose values are secrets, by reference."""
