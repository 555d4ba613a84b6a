"""A model at SageMaker: what its endpoint says besides what every model says.

Field names follow the SageMaker API reference (``CreateEndpointConfig``, ``UpdateEndpoint``,
``CreateInferenceComponent``); sizes and times have their unit in the name.
"""

from __future__ import annotations

from typing import Annotated, Literal, get_args

from pydantic import AfterValidator, Field, StringConstraints, model_validator

from ..catalog import sagemaker_images, sagemaker_instances, sagemaker_limits
from .cloud_secret import AwsSecret
from .declaration import Declaration
from .known_name import refusal, unknown
from .patterns import ONE_LINE_PATTERN, VARIABLE_PATTERN
from .s3_url import S3Url
from .sagemaker_instances import CapacityReservation, CoreDumps
from .sagemaker_quality import Quality

Kind = Literal["real_time", "serverless", "async", "inference_components", "multi_model"]
Shift = Literal["all_at_once", "canary", "linear", "rolling"]
InferenceAmi = Literal[
    "al2-ami-sagemaker-inference-gpu-2",
    "al2-ami-sagemaker-inference-gpu-2-1",
    "al2-ami-sagemaker-inference-gpu-3-1",
    "al2-ami-sagemaker-inference-neuron-2",
    "al2023-ami-sagemaker-inference-gpu-4-1",
]
Routing = Literal["least_outstanding_requests", "random"]

_NOT_SERVERLESS = (
    "instance_type", "inference_ami_version", "volume_gib", "capture", "routing", "capacity_reservation", "core_dumps",
)  # fmt: skip
_SECTIONS: dict[str, tuple[Kind, ...]] = {
    "serverless": ("serverless",),
    "asynchronous": ("async",),
    "inference_components": ("inference_components",),
    "multi_model": ("multi_model",),
    "managed_scaling": ("real_time", "inference_components"),
}
"""Keys that say something to some kinds only."""


def _topic(arn: str) -> str:
    if not (arn.startswith("arn:aws") and ":sns:" in arn):
        raise refusal(f"{arn!r} must be the ARN of an SNS topic, such as arn:aws:sns:us-east-1:123456789012:alerts")
    return arn


def _instance_type(name: str) -> str:
    if name not in sagemaker_instances.names():
        raise refusal(unknown("an instance type that SageMaker hosts on", name, sagemaker_instances.names()))
    return name


def _memory(memory_mib: int) -> int:
    sizes = sagemaker_limits.serverless_memory_mib()
    if memory_mib not in sizes:
        near = min(sizes, key=lambda size: (abs(size - memory_mib), -size))
        raise refusal(f"{memory_mib} must be one of {', '.join(map(str, sizes))}; the nearest is {near}")
    return memory_mib


def _framework(name: str) -> str:
    known = sagemaker_images.frameworks()
    if name not in known:
        raise refusal(unknown("a framework that SageMaker has an image for", name, known))
    return name


TopicArn = Annotated[str, StringConstraints(pattern=ONE_LINE_PATTERN, max_length=2048), AfterValidator(_topic)]
Concurrency = Annotated[int, Field(ge=1, le=200)]


class Serverless(Declaration):
    """No instances: billed for the time of each request and the memory; without a GPU, network or data capture."""

    memory_mib: Annotated[int, AfterValidator(_memory)] = 2048
    """1024, 2048, 3072, 4096, 5120 or 6144; the processor's share grows with it."""
    max_concurrency: Concurrency = 20
    """Requests at once; what comes beyond is throttled."""
    provisioned_concurrency: Concurrency | None = None
    """Kept warm, and paid for, whether anybody asks or not. Default: none, and quiet times end in a cold start."""
    max_provisioned_concurrency: Concurrency | None = None
    """The autoscaler raises provisioned_concurrency up to here. Default: it stays as it is."""

    @model_validator(mode="after")
    def _ordered(self) -> Serverless:
        for name in ("provisioned_concurrency", "max_provisioned_concurrency"):
            value = getattr(self, name)
            if value is not None and value > self.max_concurrency:
                raise ValueError(
                    f"{name} {value} exceeds max_concurrency {self.max_concurrency}; raise max_concurrency or lower it"
                )
        if self.max_provisioned_concurrency is not None:
            if self.provisioned_concurrency is None:
                raise ValueError("max_provisioned_concurrency needs provisioned_concurrency to begin from; add it")
            if self.max_provisioned_concurrency < self.provisioned_concurrency:
                raise ValueError(
                    f"max_provisioned_concurrency {self.max_provisioned_concurrency} is below provisioned_concurrency "
                    f"{self.provisioned_concurrency}; exchange them"
                )
        return self


class Asynchronous(Declaration):
    """Requests and answers are objects in S3, and wait in a queue."""

    output_url: S3Url | None = None
    """Where answers are put, for example s3://bucket/prefix. Default: below the model's data in the model store."""
    failure_url: S3Url | None = None
    """Where failures are put. Default: nowhere."""
    success_topic_arn: TopicArn | None = None
    """SNS topic that is told of each answer. Default: none."""
    error_topic_arn: TopicArn | None = None
    """SNS topic that is told of each failure. Default: none."""
    include_answer: bool = False
    """Whether notifications hold the answer itself (up to 128 KB)."""
    concurrent_requests_per_instance: Annotated[int, Field(ge=1, le=1000)] | None = None
    """Sent to one instance at once. Default: SageMaker chooses."""
    backlog_per_instance: Annotated[float, Field(gt=0)] = 5.0
    """Waiting requests for each instance above which instances are added."""

    @model_validator(mode="after")
    def _tells_somebody(self) -> Asynchronous:
        if self.include_answer and self.success_topic_arn is None and self.error_topic_arn is None:
            raise ValueError("include_answer needs a topic to send it to; name success_topic_arn or error_topic_arn")
        return self


class InferenceComponents(Declaration):
    """Copies of the model share instances; ``scaling`` counts copies. With managed_scaling.min_instances 0 and
    scaling.min_replicas 0 nothing runs while nobody asks. Needs modelyard[aws-native]."""

    memory_mib: Annotated[int, Field(ge=128)]
    """Memory that is kept for each copy."""
    max_memory_mib: Annotated[int, Field(ge=128)] | None = None
    """A copy that takes more is stopped. Default: no limit."""
    cpu_cores: Annotated[float, Field(ge=0.25, le=512)] | None = None
    """Cores for each copy. Default: SageMaker divides them."""
    accelerators: Annotated[float, Field(ge=1, le=16)] | None = None
    """GPUs or Neuron devices for each copy. Default: none."""
    cache: bool | None = None
    """Whether instances keep artefact and image, so that further copies start sooner there. Default: SageMaker's."""
    placement: Literal["spread", "binpack"] | None = None
    """spread: evenly over the instances, so that less is lost with one. binpack: on as few as hold them. Default:
    SageMaker's."""
    max_zone_imbalance: Annotated[int, Field(ge=0, le=100)] | None = None
    """How many copies more than another a zone may have, where capacity allows it; with placement. Default: 0."""

    @model_validator(mode="after")
    def _ordered(self) -> InferenceComponents:
        if self.max_memory_mib is not None and self.max_memory_mib < self.memory_mib:
            raise ValueError(f"max_memory_mib {self.max_memory_mib} is below memory_mib {self.memory_mib}; raise it")
        if self.max_zone_imbalance is not None and self.placement is None:
            raise ValueError("max_zone_imbalance says nothing without placement; add placement: spread, or binpack")
        return self


class MultiModel(Declaration):
    """Many models behind one endpoint, all served by one image, each loaded when it is first asked."""

    cache: bool = True
    """Whether models stay in memory until room is needed."""


class ManagedScaling(Declaration):
    """Instances are added and taken away by SageMaker itself."""

    min_instances: Annotated[int, Field(ge=0, le=1000)] = 1
    """0 only with inference components."""
    max_instances: Annotated[int, Field(ge=1, le=1000)] = 1

    @model_validator(mode="after")
    def _ordered(self) -> ManagedScaling:
        if self.min_instances > self.max_instances:
            raise ValueError(
                f"min_instances {self.min_instances} exceeds max_instances {self.max_instances}; exchange them"
            )
        return self


class Deployment(Declaration):
    """How a new version takes the place of the old one (deployment guardrails): SageMaker shifts the traffic by itself,
    and shifts it back when an alarm of the endpoint goes off."""

    shift: Shift = "all_at_once"
    """canary: a part, then the rest. linear: equal steps. rolling: batches of instances are exchanged in place."""
    step_percent: Annotated[int, Field(ge=5, le=50)] | None = None
    """Share of the instances in the first step (canary, at most 50), in each step (linear, 10 to 50) or in each batch
    (rolling, 5 to 50). Default: 10; linear 25; of inference components one copy."""
    wait_seconds: Annotated[int, Field(ge=0, le=3600)] = 300
    """Alarms are watched for so long after each step."""
    termination_wait_seconds: Annotated[int, Field(ge=0, le=3600)] = 120
    """The old instances stay for so long after the last step; not with rolling."""
    timeout_seconds: Annotated[int, Field(ge=600, le=28_800)] = 7200
    """A deployment that lasts longer is taken back."""
    rollback: bool = True
    """Whether an alarm for errors or latency takes the deployment back."""
    rollback_alarms: Annotated[list[Annotated[str, Field(min_length=1, max_length=255)]], Field(max_length=8)] = []
    """Names of further CloudWatch alarms that do, for example on a business metric of your own."""

    @model_validator(mode="after")
    def _fits(self) -> Deployment:
        if self.shift == "all_at_once" and self.step_percent is not None:
            raise ValueError("step_percent is for canary, linear and rolling; delete it, or choose one of them")
        if self.shift == "linear" and self.step_percent is not None and self.step_percent < 10:
            raise ValueError(f"step_percent is {self.step_percent}; a linear step is 10 to 50 percent")
        if self.shift == "rolling" and "termination_wait_seconds" in self.model_fields_set:
            raise ValueError("termination_wait_seconds is nothing that rolling does; delete it")
        if not self.rollback and self.rollback_alarms:
            raise ValueError("rollback_alarms are named and rollback is false; delete one of them")
        return self


class DataCapture(Declaration):
    """Requests and answers are copied to S3, for drift and retraining."""

    url: S3Url | None = None
    """Where they are put, for example s3://bucket/prefix. Default: below the model's data in the model store."""
    percent: Annotated[int, Field(ge=1, le=100)] = 10
    """Share of the requests."""
    content: Literal["input", "output", "input_and_output"] = "input_and_output"


class ModelPackages(Declaration):
    """Every served version is registered in a Model Package Group of the model's name. Needs modelyard[aws-native]."""

    approval: Literal["approved", "pending_manual_approval", "rejected"] = "approved"
    """What new versions are registered as."""
    content_types: Annotated[list[str], Field(min_length=1, max_length=20)] = ["application/json"]
    """Of requests and of answers."""


class SageMaker(Declaration):
    """How SageMaker serves the model."""

    kind: Kind = "real_time"
    """real_time: instances that are always there. serverless: billed by request. async: through a queue, may be at zero
    instances. inference_components: copies on shared instances, may be at zero. multi_model: many models, one image."""
    instance_type: Annotated[str, AfterValidator(_instance_type)] | None = None
    """For example ml.g5.xlarge; needed but for serverless."""
    framework: Annotated[str, AfterValidator(_framework)] | None = None
    """Whose image of SageMaker serves: triton, sklearn, xgboost, pytorch, tensorflow, huggingface. Default: triton."""
    framework_version: str | None = None
    """Version of that image; of Triton the release. Default: the newest that the catalogue knows."""
    inference_ami_version: InferenceAmi | None = None
    """Machine image of the instances, which brings the driver that the server's CUDA needs. Default: SageMaker's."""
    volume_gib: Annotated[int, Field(ge=1, le=512)] | None = None
    """EBS volume of each instance. Default: SageMaker chooses; types with disks of their own take none."""
    startup_timeout_seconds: Annotated[int, Field(ge=60, le=3600)] | None = None
    """The container must be healthy after so long. Default: SageMaker's own limit."""
    download_timeout_seconds: Annotated[int, Field(ge=60, le=3600)] | None = None
    """The artefact must be there after so long. Default: SageMaker's own limit."""
    routing: Routing | None = None
    """Which instance gets a request. Default: least_outstanding_requests; multi_model has a way of its own."""
    network_isolation: bool = False
    """Whether the container can call nothing at all, AWS included."""
    capacity_reservation: CapacityReservation | None = None
    """Default: on-demand capacity."""
    core_dumps: CoreDumps | None = None
    """Default: none are kept."""
    ssm_access: bool = False
    """Whether AWS Systems Manager may open a shell in the container, to look for a fault. AWS has to admit the account,
    patches such instances a day later, and advises against it in production."""
    readable_secrets: dict[Annotated[str, StringConstraints(pattern=VARIABLE_PATTERN)], AwsSecret] = {}
    """Secrets that the server may read, by the environment variable that holds each one's ARN and never its value."""
    managed_scaling: ManagedScaling | None = None
    """Default: Application Auto Scaling moves instances by ``scaling``."""
    deployment: Deployment | None = None
    """Default: all traffic at once, without alarms. Not with ``rollout``, whose canary is a variant of its own."""
    capture: DataCapture | None = None
    quality: Quality | None = None
    """Jobs that look at what is captured: drift, and whether answers were right. Needs modelyard[aws-native].
    Default: none."""
    packages: ModelPackages | None = None
    serverless: Serverless | None = None
    asynchronous: Asynchronous | None = None
    inference_components: InferenceComponents | None = None
    multi_model: MultiModel | None = None

    @model_validator(mode="after")
    def _fits_its_kind(self) -> SageMaker:
        problems = self._problems()
        if problems:
            raise ValueError("; and ".join(problems))
        return self

    @property
    def has_gpu(self) -> bool:
        return self.instance_type is not None and sagemaker_instances.get(self.instance_type).has_gpu

    @property
    def has_volume(self) -> bool:
        """Whether its instances have an EBS volume; SageMaker refuses a key and a size for disks of their own."""
        return self.instance_type is not None and not sagemaker_instances.get(self.instance_type).has_local_disk

    def _problems(self) -> list[str]:
        """What does not go together, a sentence each."""
        return [*self._sections(), *self._instances(), *self._serverless_can(), *self._secrets()]

    def _secrets(self) -> list[str]:
        if not self.readable_secrets or not self.network_isolation:
            return []
        return [
            "readable_secrets are asked of AWS Secrets Manager, and network_isolation lets the container call nothing; "
            "delete one"
        ]

    def _sections(self) -> list[str]:
        problems = [
            f"{name} is for kind {' or '.join(kinds)}, and kind is {self.kind}; delete {name}, or set kind: {kinds[0]}"
            for name, kinds in _SECTIONS.items()
            if getattr(self, name) is not None and self.kind not in kinds
        ]
        if self.kind == "inference_components" and self.inference_components is None:
            problems.append("kind inference_components needs inference_components: {memory_mib: ...}; add it")
        return problems

    def _instances(self) -> list[str]:
        problems = []
        if self.kind != "serverless" and self.instance_type is None:
            problems.append(f"kind {self.kind} needs instance_type; add one such as ml.m5.xlarge or ml.g5.xlarge")
        if self.volume_gib is not None and self.instance_type is not None and not self.has_volume:
            problems.append(
                f"volume_gib is {self.volume_gib}, and {self.instance_type} has disks of its own and no volume; delete "
                "it"
            )
        if self.kind == "inference_components" and self.managed_scaling is None:
            problems.append("kind inference_components needs managed_scaling: {min_instances: ..., max_instances: ...}")
        if self.managed_scaling is not None and not self.managed_scaling.min_instances and self.kind == "real_time":
            problems.append(
                "managed_scaling.min_instances is 0, which needs inference components; set kind: inference_components, "
                "or keep 1"
            )
        devices = None if self.inference_components is None else self.inference_components.accelerators
        if devices and self.instance_type and not sagemaker_instances.get(self.instance_type).accelerator:
            problems.append(
                f"inference_components.accelerators is {devices:g}, and {self.instance_type} has none; choose a type "
                "such as ml.g5.xlarge"
            )
        return problems

    def _serverless_can(self) -> list[str]:
        if self.kind != "serverless":
            return []
        problems = []
        for name in _NOT_SERVERLESS:
            value = getattr(self, name)
            if value is None:
                continue
            if name == "instance_type":
                what = "a GPU" if self.has_gpu else "instances"
                problems.append(
                    f"instance_type is {value}, and a serverless endpoint has no {what.removeprefix('a ')}; delete it, "
                    "or set kind: real_time"
                )
            else:
                problems.append(f"{name} is nothing that a serverless endpoint has; delete it, or set kind: real_time")
        for name in ("network_isolation", "ssm_access"):
            if getattr(self, name):
                problems.append(f"{name} is nothing that a serverless endpoint has; delete it, or set kind: real_time")
        if self.deployment is not None and self.deployment.shift == "rolling":
            problems.append("deployment.shift rolling exchanges instances, and serverless has none; write canary")
        return problems


KINDS: tuple[Kind, ...] = get_args(Kind)
