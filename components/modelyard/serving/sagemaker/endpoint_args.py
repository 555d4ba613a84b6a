"""Arguments of :class:`~modelyard.serving.sagemaker.endpoint.SageMakerEndpoint`.

Most keys are those of ``sagemaker`` of a model's declaration; a test holds them equal. The annotations stay real
objects (no postponed evaluation): Pulumi's component analyzer reads them.
"""

from collections.abc import Mapping, Sequence
from typing import NotRequired, TypedDict

import pulumi

from modelyard.governance.ownership import OwnershipArgs
from modelyard.serving.sagemaker.quality_args import QualityArgs
from modelyard.serving.workload.args import RolloutArgs, ScalingArgs


class ServerlessArgs(TypedDict):
    """No instances: billed for the time of each request and the memory; without a GPU, network or data capture."""

    memory_mib: NotRequired[int]
    """1024, 2048, 3072, 4096, 5120 or 6144; the processor's share grows with it. Default: 2048."""
    max_concurrency: NotRequired[int]
    """Requests at once; what comes beyond is throttled. 1 to 200. Default: 20."""
    provisioned_concurrency: NotRequired[int]
    """Kept warm, and paid for, whether anybody asks or not. Default: none, and quiet times end in a cold start."""
    max_provisioned_concurrency: NotRequired[int]
    """The autoscaler raises provisioned_concurrency up to here. Default: it stays as it is."""


class AsynchronousArgs(TypedDict):
    """Requests and answers are objects in S3, and wait in a queue."""

    output_url: NotRequired[str]
    """Where answers are put, for example s3://bucket/prefix. Default: below the model's data in the model store."""
    failure_url: NotRequired[str]
    """Where failures are put. Default: nowhere."""
    success_topic_arn: NotRequired[str]
    """SNS topic that is told of each answer. Default: none."""
    error_topic_arn: NotRequired[str]
    """SNS topic that is told of each failure. Default: none."""
    include_answer: NotRequired[bool]
    """Whether notifications hold the answer itself (up to 128 KB). Default: false."""
    concurrent_requests_per_instance: NotRequired[int]
    """Sent to one instance at once. Default: SageMaker chooses."""
    backlog_per_instance: NotRequired[float]
    """Waiting requests for each instance above which instances are added. Default: 5."""


class InferenceComponentsArgs(TypedDict):
    """Copies of the model share instances."""

    memory_mib: int
    """Memory that is kept for each copy."""
    max_memory_mib: NotRequired[int]
    """A copy that takes more is stopped. Default: no limit."""
    cpu_cores: NotRequired[float]
    """Cores for each copy. Default: SageMaker divides them."""
    accelerators: NotRequired[float]
    """GPUs or Neuron devices for each copy. Default: none."""
    cache: NotRequired[bool]
    """Whether instances keep artefact and image, so that further copies start sooner there. Default: SageMaker's."""
    placement: NotRequired[str]
    """spread: evenly over the instances, so that less is lost with one. binpack: on as few as hold them. Default:
    SageMaker's."""
    max_zone_imbalance: NotRequired[int]
    """How many copies more than another a zone may have, where capacity allows it; with placement. Default: 0."""


class MultiModelArgs(TypedDict):
    """Many models behind one endpoint, all served by one image, each loaded when it is first asked."""

    cache: NotRequired[bool]
    """Whether models stay in memory until room is needed. Default: true."""


class CapacityReservationArgs(TypedDict):
    """ML capacity that was reserved before: instances start there and nowhere else."""

    arn: str
    """Of the reservation."""


class CoreDumpsArgs(TypedDict):
    """A process of the container that crashes leaves its memory in S3, with everything that was in it."""

    url: NotRequired[str]
    """Where dumps are put, for example s3://bucket/prefix. Default: below data_url."""
    kms_key_arn: NotRequired[str]
    """Encrypts them. Default: the endpoint's key."""


class AwsSecretArgs(TypedDict):
    """A secret of AWS Secrets Manager that the endpoint's role, and so the server, may read."""

    arn: str
    """Of the secret, with the six characters that AWS puts to the end of its name."""
    kms_key_arn: NotRequired[str]
    """Key of one's own that it is encrypted with. Default: AWS's own key for Secrets Manager."""


class ManagedScalingArgs(TypedDict):
    """Instances are added and taken away by SageMaker itself."""

    min_instances: NotRequired[int]
    """0 only with inference components. Default: 1."""
    max_instances: NotRequired[int]
    """Default: 1."""


class DeploymentArgs(TypedDict):
    """How a new version takes the place of the old one (deployment guardrails)."""

    shift: NotRequired[str]
    """canary: a part, then the rest. linear: equal steps. rolling: batches of instances are exchanged in place.
    Default: all_at_once."""
    step_percent: NotRequired[int]
    """Share of the instances in the first step (canary, at most 50), in each step (linear, 10 to 50) or in each batch
    (rolling, 5 to 50). Default: 10; linear 25; of inference components one copy."""
    wait_seconds: NotRequired[int]
    """Alarms are watched for so long after each step. Default: 300."""
    termination_wait_seconds: NotRequired[int]
    """The old instances stay for so long after the last step; not with rolling. Default: 120."""
    timeout_seconds: NotRequired[int]
    """A deployment that lasts longer is taken back. 600 to 28800. Default: 7200."""
    rollback: NotRequired[bool]
    """Whether an alarm for errors or latency takes the deployment back. Default: true."""
    rollback_alarms: NotRequired[Sequence[str]]
    """Names of further CloudWatch alarms that do, for example on a business metric of your own. At most 8."""


class DataCaptureArgs(TypedDict):
    """Requests and answers are copied to S3, for drift and retraining."""

    url: NotRequired[str]
    """Where they are put, for example s3://bucket/prefix. Default: below the model's data in the model store."""
    percent: NotRequired[int]
    """Share of the requests. 1 to 100. Default: 10."""
    content: NotRequired[str]
    """input, output or input_and_output. Default: input_and_output."""


class ModelPackagesArgs(TypedDict):
    """Every served version is registered in a Model Package Group of the model's name."""

    approval: NotRequired[str]
    """What new versions are registered as. approved, pending_manual_approval or rejected. Default: approved."""
    content_types: NotRequired[Sequence[str]]
    """Of requests and of answers. Default: application/json."""


class EndpointAlertsArgs(TypedDict):
    """When somebody is told."""

    error_rate: NotRequired[float]
    """Share of failed requests over five minutes. Default: 0.01."""
    queue_ms: NotRequired[float]
    """Average queue time; default: half of the objective's p99."""
    for_minutes: NotRequired[int]
    """Default: 5."""


class SageMakerCanaryArgs(TypedDict):
    """What a rollout's canary has otherwise than the stable version."""

    artefact: pulumi.Input[str]
    """Where its model.tar.gz or its folder lies."""
    image: NotRequired[pulumi.Input[str]]
    """Server image. Default: the stable version's."""


class SageMakerEndpointArgs(TypedDict):
    """One model at an endpoint of SageMaker in one region."""

    model: str
    """Name of the model: lower-case letters, digits and hyphens, at most 40."""
    region: str
    """AWS region such as us-east-1."""
    endpoint_name: NotRequired[str]
    """What callers type; letters, digits and hyphens, at most 63. Default: <environment>-<model>."""
    artefact: pulumi.Input[str]
    """s3:// URL of model.tar.gz; or of a folder that is served as it lies, ending with a slash. For multi_model: the
    folder of the archives."""
    artefact_is_folder: NotRequired[bool]
    """Whether artefact, and the canary's, is such a folder. Default: whether it ends with a slash; where only the
    deployment knows that, a plan cannot show the container."""
    artefact_kms_key_arn: NotRequired[pulumi.Input[str]]
    """Key that the artefact is encrypted with. Default: S3's managed keys."""
    image: NotRequired[pulumi.Input[str]]
    """Server image in ECR. Default: SageMaker's own for framework."""
    version: NotRequired[int]
    """Version of the model that is served. Default: 1; with rollout, stable."""
    env: NotRequired[Mapping[str, str]]
    """Environment variables of the server that are no secrets."""
    rollout: NotRequired[RolloutArgs]
    """Another version beside the one that serves. Default: none."""
    canary: NotRequired[SageMakerCanaryArgs]
    """Needed where rollout names a canary."""
    scaling: NotRequired[ScalingArgs]
    """Instances, or copies of inference components, and by what they grow. Default: one."""
    p99_ms: NotRequired[float]
    """Above it the latency alarm goes off, for_minutes long. Default: no alarm."""
    requests_per_second: NotRequired[float]
    """Promised rate; above it the rate alarm goes off. Default: no alarm."""
    alerts: NotRequired[EndpointAlertsArgs]
    """When alarms go off."""
    alarm_topic_arn: NotRequired[pulumi.Input[str]]
    """SNS topic that alarms tell. Default: nobody."""
    data_url: NotRequired[pulumi.Input[str]]
    """s3:// URL below which captured data and asynchronous answers are put, where they name no URL of their own."""
    vpc_id: NotRequired[pulumi.Input[str]]
    """Where a security group is made that lets HTTPS out and nothing in; with subnet_ids. Default: none is made."""
    subnet_ids: NotRequired[Sequence[pulumi.Input[str]]]
    """Private subnets of the containers' interfaces. Default: SageMaker's own network."""
    security_group_ids: NotRequired[Sequence[pulumi.Input[str]]]
    """Instead of vpc_id. At most 5."""
    kms_key_arn: NotRequired[pulumi.Input[str]]
    """Encrypts volumes, captured data and asynchronous answers. Default: keys of AWS."""
    log_retention_days: NotRequired[int]
    """How long the containers' logs are kept. Default: 30."""
    ownership: OwnershipArgs
    """Who pays and answers for it."""
    kind: NotRequired[str]
    """real_time: instances that are always there. serverless: billed by request. async: through a queue, may be at zero
    instances. inference_components: copies on shared instances, may be at zero. multi_model: many models, one image.
    Default: real_time."""
    instance_type: NotRequired[str]
    """For example ml.g5.xlarge; needed but for serverless."""
    framework: NotRequired[str]
    """Whose image of SageMaker serves: triton, sklearn, xgboost, pytorch, tensorflow, huggingface. Default: triton."""
    framework_version: NotRequired[str]
    """Version of that image; of Triton the release. Default: the newest that the catalogue knows."""
    inference_ami_version: NotRequired[str]
    """Machine image of the instances, which brings the driver that the server's CUDA needs. Default: SageMaker's."""
    volume_gib: NotRequired[int]
    """EBS volume of each instance. Default: SageMaker chooses; types with disks of their own take none."""
    startup_timeout_seconds: NotRequired[int]
    """The container must be healthy after so long. Default: SageMaker's own limit."""
    download_timeout_seconds: NotRequired[int]
    """The artefact must be there after so long. Default: SageMaker's own limit."""
    routing: NotRequired[str]
    """Which instance gets a request. Default: least_outstanding_requests; multi_model has a way of its own."""
    network_isolation: NotRequired[bool]
    """Whether the container can call nothing at all, AWS included. Default: false."""
    capacity_reservation: NotRequired[CapacityReservationArgs]
    """Default: on-demand capacity."""
    core_dumps: NotRequired[CoreDumpsArgs]
    """Default: none are kept."""
    ssm_access: NotRequired[bool]
    """Whether AWS Systems Manager may open a shell in the container, to look for a fault. AWS has to admit the account,
    patches such instances a day later, and advises against it in production. Default: false."""
    readable_secrets: NotRequired[Mapping[str, AwsSecretArgs]]
    """Secrets that the server may read, by the environment variable that holds each one's ARN and never its value."""
    managed_scaling: NotRequired[ManagedScalingArgs]
    """Default: Application Auto Scaling moves instances by ``scaling``."""
    deployment: NotRequired[DeploymentArgs]
    """Default: all traffic at once, without alarms. Not with ``rollout``, whose canary is a variant of its own."""
    capture: NotRequired[DataCaptureArgs]
    """Default: nothing is captured."""
    quality: NotRequired[QualityArgs]
    """Jobs that look at what is captured: drift, and whether answers were right. Needs modelyard[aws-native].
    Default: none."""
    packages: NotRequired[ModelPackagesArgs]
    """Default: no group."""
    serverless: NotRequired[ServerlessArgs]
    """For kind serverless."""
    asynchronous: NotRequired[AsynchronousArgs]
    """For kind async."""
    inference_components: NotRequired[InferenceComponentsArgs]
    """For kind inference_components."""
    multi_model: NotRequired[MultiModelArgs]
    """For kind multi_model."""
