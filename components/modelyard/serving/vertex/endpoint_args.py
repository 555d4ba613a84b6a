"""Arguments of :class:`~modelyard.serving.vertex.endpoint.VertexEndpoint`.

Most keys are those of ``vertex`` of a model's declaration; a test holds them equal. The annotations stay real objects
(no postponed evaluation): Pulumi's component analyzer reads them.
"""

from collections.abc import Mapping, Sequence
from typing import NotRequired, TypedDict

import pulumi

from modelyard.governance.ownership import OwnershipArgs
from modelyard.serving.workload.args import RolloutArgs, ScalingArgs


class VertexProbeArgs(TypedDict):
    """What is asked of a container, and how often."""

    path: NotRequired[str]
    """HTTP path on the container's port. Default: the health route."""
    command: NotRequired[Sequence[str]]
    """Command in the container instead of a path."""
    period_seconds: NotRequired[int]
    """Default: 10."""
    timeout_seconds: NotRequired[int]
    """Default: 1."""
    failure_threshold: NotRequired[int]
    """Default: 3."""
    initial_delay_seconds: NotRequired[int]
    """Default: 0."""


class VertexContainerArgs(TypedDict):
    """The container that answers. A prebuilt one needs none of it."""

    port: NotRequired[int]
    """Default: 8080."""
    grpc_port: NotRequired[int]
    """Port for gRPC requests. Default: none are taken."""
    predict_route: NotRequired[str]
    """HTTP path of requests. Default: /v2/models/<model>/infer for Triton, else /predict."""
    health_route: NotRequired[str]
    """HTTP path of health checks. Default: /v2/health/ready for Triton, else /health."""
    command: NotRequired[Sequence[str]]
    """Default: the image's entrypoint."""
    args: NotRequired[Sequence[str]]
    """Default: the image's own; for Triton the name of the model."""
    shared_memory_mib: NotRequired[int]
    """/dev/shm, which Triton's Python backends exchange tensors through. Default: the container engine's."""
    deployment_timeout_minutes: NotRequired[int]
    """A deployment that takes longer fails. Default: Vertex AI's."""
    startup_probe: NotRequired[VertexProbeArgs]
    """Until it succeeds the others wait. Default: none."""
    health_probe: NotRequired[VertexProbeArgs]
    """Readiness. Default: a GET of the health route."""
    liveness_probe: NotRequired[VertexProbeArgs]
    """A container that fails it is started again. Default: none."""


class VertexReservationArgs(TypedDict):
    """Compute Engine capacity that was reserved before."""

    kind: str
    """none takes on-demand capacity alone, any takes reserved capacity first, specific takes only the named."""
    names: NotRequired[Sequence[str]]
    """``projects/<project>/zones/<zone>/reservations/<name>``, for specific."""


class VertexExplanationArgs(TypedDict):
    """How features are given their share in an answer, for ``:explain``."""

    method: str
    """sampled_shapley, integrated_gradients or xrai."""
    inputs: Mapping[str, str]
    """Name of a feature to the tensor or column that holds it; xrai takes exactly one, an image."""
    outputs: Mapping[str, str]
    """Name of the output to the tensor that holds it."""
    paths: NotRequired[int]
    """Paths of sampled_shapley, or steps of the other two: more is closer and slower. Default: 10."""


class VertexRequestLogArgs(TypedDict):
    """Requests and answers kept in BigQuery, for drift and for later training."""

    percent: NotRequired[float]
    """Share of the requests that is kept. Default: 100."""
    retention_days: NotRequired[int]
    """The table's partitions are deleted after so long. Default: 90."""


class VertexAlertsArgs(TypedDict):
    """When somebody is told."""

    error_rate: NotRequired[float]
    """Share of failed requests over five minutes. Default: 0.01."""
    queue_ms: NotRequired[float]
    """Average queue time; default: half of the objective's p99. Vertex AI measures its own part of the answer time
    instead."""
    for_minutes: NotRequired[int]
    """Default: 5."""


class VertexCanaryArgs(TypedDict):
    """What a rollout's canary has otherwise than the stable version."""

    artefact: pulumi.Input[str]
    """gs:// URL of its folder."""
    digest: NotRequired[str]
    """Changes when a file of it changes. Default: the URL says it."""
    image: NotRequired[pulumi.Input[str]]
    """Server image. Default: the stable version's."""


class VertexEndpointArgs(TypedDict):
    """One model at an endpoint of Vertex AI in one region."""

    model: str
    """Name of the model: lower-case letters, digits and hyphens, at most 40."""
    project: str
    """Id of the Google Cloud project."""
    region: str
    """Region of Vertex AI, for example europe-west4."""
    project_number: NotRequired[pulumi.Input[str]]
    """Number of the project: then Vertex AI's own account is given the right to write the request log and to use the
    key. Default: somebody else gives them."""
    artefact: pulumi.Input[str]
    """gs:// URL of the folder that holds the model: for Triton its repository."""
    digest: NotRequired[str]
    """Changes when a file of it changes: then it is another upload. Default: the URL says it."""
    image: NotRequired[pulumi.Input[str]]
    """Server image in Artifact Registry, by digest. Needed where prebuilt is not named."""
    server: NotRequired[str]
    """triton, which is told the model by its arguments, or custom. Default: triton."""
    version: NotRequired[int]
    """Version of the model that is served. Default: 1; with rollout, stable."""
    env: NotRequired[Mapping[str, str]]
    """Environment variables of the server that are no secrets."""
    rollout: NotRequired[RolloutArgs]
    """Another version beside the one that serves. Default: none."""
    canary: NotRequired[VertexCanaryArgs]
    """Needed where rollout names a canary."""
    scaling: NotRequired[ScalingArgs]
    """Replicas, and by what they grow. Default: one."""
    p99_ms: NotRequired[float]
    """Above it the latency alert goes off, for_minutes long. Default: no alert."""
    requests_per_second: NotRequired[float]
    """Promised rate; above it the rate alert goes off. Default: no alert."""
    alerts: NotRequired[VertexAlertsArgs]
    """When alerts go off."""
    notification_channels: NotRequired[Sequence[pulumi.Input[str]]]
    """Channels of Cloud Monitoring that alerts tell. Default: nobody, and the console shows them."""
    kms_key: NotRequired[pulumi.Input[str]]
    """Cloud KMS key that encrypts the model, the endpoint and the request log. Default: Google's keys."""
    invokers: NotRequired[Sequence[str]]
    """Who may ask, as IAM members: ``serviceAccount:dashboard@example.iam.gserviceaccount.com``. Default: who has the
    right in the whole project."""
    ownership: OwnershipArgs
    """Who pays and answers for it."""
    machine_type: NotRequired[str]
    """One that Vertex AI serves on, for example g2-standard-8. Default: n1-standard-2."""
    accelerator: NotRequired[str]
    """GPU of each replica. Default: the machine type's own, or none."""
    accelerator_count: NotRequired[int]
    """GPUs of each replica. Default: the machine type's own, or 1."""
    required_replicas: NotRequired[int]
    """A deployment has succeeded once so many replicas are ready. Default: scaling.min_replicas."""
    target_cpu_percent: NotRequired[int]
    """Average use of the processors above which replicas are added. Default: 60."""
    spot: NotRequired[bool]
    """Spot capacity, which may be taken back at any time. Default: false."""
    reservation: NotRequired[VertexReservationArgs]
    """Default: any that matches, as Vertex AI does it."""
    endpoint: NotRequired[str]
    """dedicated has an address of its own, shared the region's; private_service_connect and peered are reached from a
    private network alone. Default: dedicated."""
    network: NotRequired[str]
    """``projects/<project number>/global/networks/<name>`` that the endpoint is peered with; for endpoint: peered.
    Default: managed.gcp.network of platform.yaml."""
    consumer_projects: NotRequired[Sequence[str]]
    """Projects that may connect; for endpoint: private_service_connect. Default: the endpoint's own."""
    prebuilt: NotRequired[str]
    """Vertex AI's own serving container, for example sklearn-cpu.1-6. Default: the runtime's image."""
    container: NotRequired[VertexContainerArgs]
    """How the image is run and asked."""
    explanation: NotRequired[VertexExplanationArgs]
    """Default: answers are not explained."""
    request_log: NotRequired[VertexRequestLogArgs]
    """Default: nothing is kept."""
    access_log: NotRequired[bool]
    """Whether each request is a line in Cloud Logging. Default: false."""
    container_log: NotRequired[bool]
    """Whether the container's output goes to Cloud Logging. Default: true."""
    fast_tryout: NotRequired[bool]
    """Quick deployment to try something: one replica, which never grows. Default: false."""
    service_account: NotRequired[str]
    """E-mail address of the account that the container acts as. Default: one of its own, which may read this model and
    write logs and metrics."""
    readable_secrets: NotRequired[Mapping[str, str]]
    """Secrets of Secret Manager that the server may read, by the environment variable that holds each one's name and
    never its value. A service_account of yours is given no right to them here."""
