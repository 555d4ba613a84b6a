"""A model to be served."""

from __future__ import annotations

from typing import Annotated, Any, Literal, get_args

from pydantic import Field, StringConstraints, Tag, field_validator, model_validator
from pydantic_core import PydanticCustomError

from .access import ModelAccess
from .alternatives import alternatives
from .azureml import AzureML
from .capture import Capture, said_twice
from .credential import credential, names_secret
from .declaration import Declaration
from .image_build import BuildRecipe
from .known_name import refusal
from .kserve import KServe, KServeServer, streaming_problems
from .names import DepartmentName, ModelName, PoolName, ProcessorName
from .patterns import ONE_LINE_PATTERN, RELEASE_PATTERN, VARIABLE_PATTERN
from .rollout import Rollout, runtime_problem
from .sagemaker import SageMaker
from .scaling import MOST_REPLICAS as MOST_REPLICAS
from .scaling import Scaling
from .secret import SecretReference
from .seldon import Seldon, SeldonServer
from .target import MANAGED, SERVICE_OF, Target
from .tensorflow_serving import TensorFlowServerDeclaration
from .torchserve import TorchServeModel
from .traffic_profile import TrafficProfile
from .vertex import Vertex
from .weights import COPIED, Weights

Task = Literal[
    "image_classification", "object_detection", "image_segmentation", "text_classification", "token_classification",
    "embedding", "translation", "summarization", "speech_recognition", "tabular_classification", "tabular_regression",
    "forecasting", "ranking", "anomaly_detection",
]  # fmt: skip
Format = Literal[
    "onnx", "tensorrt", "torchscript", "torch_aoti", "savedmodel", "graphdef", "python", "fil", "openvino", "ensemble",
    "vllm", "tensorrtllm", "dali", "identity", "repeat", "square", "custom", "torch_mar", "sklearn", "xgboost",
    "lightgbm", "mlflow",
]  # fmt: skip

Runtime = Literal["triton", "tensorflow_serving", "torchserve", "kserve", "seldon"]
_RUN_BY: dict[str, tuple[str, ...]] = {"kserve": get_args(KServeServer), "seldon": get_args(SeldonServer)}
"""Runtimes that run one of several servers."""


class Objective(Declaration):
    """What callers are promised."""

    p99_ms: Annotated[float, Field(ge=1, le=600_000)]
    """99th percentile of the server's answer time in milliseconds; below 1 ms no served model gets."""
    requests_per_second: Annotated[float, Field(gt=0, le=10_000_000)]
    """Sustained rate in each cluster."""


class ProfilePoint(Declaration):
    stage: ModelName | None = None
    """Model of an ensemble that executes; default: the model itself."""
    accelerator: ProcessorName
    batch_size: Annotated[int, Field(ge=1, le=4096)]
    latency_ms: Annotated[float, Field(gt=0)]
    """Median time of one execution of this batch on one GPU, or on the CPU."""


class Profile(Declaration):
    """Latency by batch size, declared. It goes before what profile.json, beside the model, says of the same stage on
    the same accelerator."""

    source: Annotated[str, Field(min_length=8)]
    """Who measured it, on what and when; or that it is an estimate. Printed with every prediction."""
    points: Annotated[list[ProfilePoint], Field(min_length=1)]


class ServerResources(Declaration):
    """What one replica asks of its node."""

    gpus: Annotated[int, Field(ge=0, le=16)] = 1
    gpu_memory_gib: Annotated[float, Field(gt=0)] | None = None
    """Memory that the model needs on each GPU; checked against what the accelerator reports."""
    cpu: Annotated[float, Field(gt=0, le=512)] = 2.0
    memory_gib: Annotated[float, Field(gt=0, le=4096)] = 8.0
    shared_memory_mib: Annotated[int, Field(ge=64, le=65536)] = 256
    """/dev/shm, which Python backends exchange tensors through; counts towards memory_gib."""


class ModelAlerts(Declaration):
    """When somebody is told."""

    error_rate: Annotated[float, Field(gt=0, lt=1)] = 0.01
    """Share of failed requests over five minutes."""
    queue_ms: Annotated[float, Field(gt=0)] | None = None
    """Average queue time; default: half of the objective's p99."""
    for_minutes: Annotated[int, Field(ge=1, le=120)] = 5


def _kind_of_value(value: Any) -> str | None:
    if isinstance(value, dict | SecretReference):
        return "(secret)"
    return "(text)" if isinstance(value, str) else None


EnvValue = Annotated[
    Annotated[str, Tag("(text)")] | Annotated[SecretReference, Tag("(secret)")],
    alternatives(
        _kind_of_value,
        "text (a number or true in quotes), or a reference to a secret: {config: <key>} or "
        "{aws_secrets_manager: <name>}",
    ),
]


class Model(Declaration):
    """One model of one department."""

    name: ModelName
    department: DepartmentName | None = None
    """Whose model it is; may be left out, as the file says it. When given it must be the file's department."""
    task: Task
    format: Format | None = None
    """Default: what the source's model.yaml or config.pbtxt says, or the only one that the server serves."""
    source: Annotated[str, StringConstraints(pattern=ONE_LINE_PATTERN, min_length=1, max_length=1024)]
    """Folder of a model, relative to the environment's folder: for Triton model.yaml, from which its repository is
    made, or a config.pbtxt written by hand; with numbered version folders. It is uploaded to the model store. Or an
    s3:// URL of such a folder that somebody else fills."""
    version: Annotated[int, Field(ge=1)] = 1
    """Version that is served; its folder must exist in a local source."""
    rollout: Rollout | None = None
    """Another version beside the one that serves. Default: none."""
    target: Target = "kubernetes"
    """Where it runs: the clusters of this environment, or a managed service of a cloud that platform.yaml names under
    managed; auto takes the cheapest that meets the objective under ``traffic``."""
    regions: Annotated[list[str], Field(min_length=1)] = []
    """Where a managed target serves it; default: every region that managed names for that cloud."""
    runtime: Runtime = "triton"
    """What serves it: a server of Modelyard's own Deployment, or KServe or Seldon Core 2 with a server of theirs. Every
    other key means the same with each."""
    release: Annotated[str, StringConstraints(pattern=RELEASE_PATTERN)] | None = None
    """Release of Triton, for example 26.07; default: the newest that the catalogue knows."""
    image: str | None = None
    """Image instead of the release's own: a reference by digest, or <repository>:<tag> of the image registry. With
    build the tag may be left out; it then follows from what goes into the image."""
    build: BuildRecipe | None = None
    """How ``image`` is built here and pushed to the registry of every region that serves the model; needs ``image``.
    Default: somebody else pushes it."""
    clusters: Annotated[list[str], Field(min_length=1)] = []
    """Where it is served; default: every cluster."""
    pool: PoolName | None = None
    """Pool of the guaranteed replicas; default: the cheapest on-demand pool on which it fits. Of a model without GPUs a
    CPU pool; default: any node without GPUs."""
    overflow_pool: PoolName | None = None
    """Pool for replicas beyond the guaranteed ones, usually spot."""
    weights: Weights = COPIED
    """What its pods do with its files before they answer."""
    resources: ServerResources = ServerResources()
    objective: Objective | None = None
    profile: Profile | None = None
    traffic: TrafficProfile | None = None
    """When requests come, hour by hour; what the options of where to run it are compared by. Needed for target:
    auto."""
    scaling: Scaling = Scaling()
    tensorflow_serving: TensorFlowServerDeclaration | None = None
    """What TensorFlow Serving is told besides the model; with that runtime only."""
    torchserve: TorchServeModel | None = None
    """What TorchServe is told of every archive; with that runtime only."""
    kserve: KServe | None = None
    """How KServe serves the model, which is its predictor; with that runtime, and needed there."""
    seldon: Seldon | None = None
    """How Seldon Core 2 serves the model; with that runtime, and needed there. It is under the Business Source License:
    users bring it themselves."""
    sagemaker: SageMaker | None = None
    """How SageMaker serves the model; with that target only, where it is needed."""
    vertex: Vertex | None = None
    """How Vertex AI serves the model; with that target only."""
    azureml: AzureML | None = None
    """How Azure Machine Learning serves the model; with that target only."""
    capture: Capture | None = None
    """Requests and answers that a managed service keeps. Default: none."""
    alerts: ModelAlerts = ModelAlerts()
    access: ModelAccess | None = None
    """What this model asks of its callers otherwise than the gateway does."""
    env: dict[Annotated[str, StringConstraints(pattern=VARIABLE_PATTERN)], EnvValue] = {}
    """Environment variables of the server; secrets by reference only."""

    @property
    def is_managed(self) -> bool:
        """Whether a managed service runs it, and no cluster."""
        return self.target in MANAGED

    @property
    def stable_version(self) -> int:
        """The version that serves, or all but the canary's share of it."""
        return self.version if self.rollout is None else self.rollout.stable

    @property
    def served_versions(self) -> tuple[int, ...]:
        """The stable one, and the canary's where there is one."""
        tried = None if self.rollout is None else self.rollout.canary
        return (self.stable_version,) if tried is None else (self.stable_version, tried)

    @property
    def server(self) -> str:
        """Model server: the runtime itself, or the one that KServe or Seldon runs, or whose container a managed
        service is told to take."""
        if self._own_container is not None:
            return self._own_container
        run_by = {"kserve": self.kserve, "seldon": self.seldon}.get(self.runtime)
        return self.runtime if run_by is None else run_by.server

    @property
    def _own_container(self) -> str | None:
        """What a managed service serves with in place of the runtime: ``sklearn``, ``custom_model``."""
        named = {
            "sagemaker": self.sagemaker and self.sagemaker.framework,
            "vertex": self.vertex and self.vertex.prebuilt,
            "azureml": self.azureml and self.azureml.model_type,
        }.get(self.target)
        return None if named in ("triton", "triton_model") else named

    @property
    def has_own_pods(self) -> bool:
        """Whether pods are made for it, and not only a place taken on a server that is there."""
        return self.seldon is None or self.seldon.shared_server is None

    @property
    def by_knative(self) -> bool:
        """Whether Knative makes its pods and splits its requests."""
        return self.kserve is not None and self.kserve.mode == "knative"

    @property
    def splitter(self) -> str | None:
        """Who splits its requests in the gateway's place, if anybody does: nobody then measures a canary apart, so that
        its gates cannot be judged."""
        if self.is_managed:
            return SERVICE_OF[self.target]
        if self.runtime == "seldon":
            return "Seldon"
        return "Knative" if self.by_knative else None

    @property
    def could_stream(self) -> bool:
        """Whether its pods copy, and might read through a cluster's file driver."""
        if not self.weights.are_copied or self.is_managed or self.runtime == "seldon":
            return False
        return self.kserve is None or not streaming_problems("stream", self.kserve.mode, self.kserve.model_cache)

    @property
    def is_copied(self) -> bool:
        """Whether KServe, Seldon or a file driver brings its files: they take a folder as it lies, and ask for no
        checksums."""
        cached = self.kserve is not None and self.kserve.model_cache is not None
        return self.seldon is not None or self.by_knative or cached or not self.weights.are_copied

    @model_validator(mode="after")
    def _rolls_out(self) -> Model:
        if self.rollout is None:
            return self
        if "version" in self.model_fields_set and self.version != self.rollout.stable:
            raise ValueError(
                f"version {self.version} is not rollout.stable, which is {self.rollout.stable}; delete version, since "
                "rollout says it"
            )
        reason = runtime_problem(self.rollout, self.runtime)
        if reason:
            raise ValueError(reason)
        return self

    @model_validator(mode="after")
    def _builds_an_image_of_its_own(self) -> Model:
        if self.build is not None and self.image is None:
            raise ValueError("build makes the image that image names, which is missing; add image: <repository>")
        if self.build is not None and self.image is not None and "@" in self.image:
            raise ValueError(
                f"image {self.image!r} names one digest, and a build makes another; delete build, or write image: "
                "<repository>"
            )
        return self

    @model_validator(mode="after")
    def _streams_to_pods_of_ours(self) -> Model:
        if self.weights.are_copied:
            return self
        if self.is_managed:
            raise ValueError(
                f"weights are for pods of clusters, and target is {self.target}, which brings a model by itself; "
                "delete weights"
            )
        if self.runtime == "seldon":
            raise ValueError(
                f"weights.by is {self.weights.by}, and the agent of Seldon Core 2 copies every model into its Server's "
                'own volume, from a volume with the bucket too (Seldon Core 2.9, "Kubernetes Server with PVC"); '
                "delete weights"
            )
        if self.kserve is not None:
            problems = streaming_problems(self.weights.by, self.kserve.mode, self.kserve.model_cache)
            if problems:
                raise ValueError("; ".join(problems))
        return self

    @model_validator(mode="after")
    def _captures_once(self) -> Model:
        if self.capture is not None:
            doubled = list(said_twice({"sagemaker": self.sagemaker, "vertex": self.vertex, "azureml": self.azureml}))
            if doubled:
                raise ValueError("; ".join(doubled))
        return self

    @field_validator("runtime", mode="before")
    @classmethod
    def _is_no_server(cls, runtime: Any) -> Any:
        """A server that only another runtime runs is told so."""
        by = next((by for by, servers in _RUN_BY.items() if runtime in servers), None)
        if by is not None and runtime not in get_args(Runtime):
            raise refusal(
                f"{runtime!r} is a server of runtime {by}; write runtime: {by}, and {by}: {{server: {runtime}}}"
            )
        return runtime

    @model_validator(mode="after")
    def _told_to_its_runtime(self) -> Model:
        if self.runtime not in get_args(Runtime):
            return self
        if self.runtime in _RUN_BY and getattr(self, self.runtime) is None:
            raise ValueError(
                f"runtime is {self.runtime}, which has to be told which server it runs; add {self.runtime}: {{server: "
                f"<one of {', '.join(_RUN_BY[self.runtime])}>}}"
            )
        for runtime in ("tensorflow_serving", "torchserve", *_RUN_BY):
            if getattr(self, runtime) is not None and self.runtime != runtime:
                raise ValueError(
                    f"{runtime} is for that runtime, and runtime is {self.runtime}; delete {runtime}, or set runtime: "
                    f"{runtime}"
                )
        return self

    @field_validator("env")
    @classmethod
    def _no_secret_values(cls, env: dict[str, str | SecretReference]) -> dict[str, str | SecretReference]:
        wrong = sorted(
            name
            for name, value in env.items()
            if isinstance(value, str) and secret_in_variable(name, value) is not None
        )
        if wrong:
            raise PydanticCustomError(
                "secret_in_env",
                "{names}: a secret is named by reference, never written as a value",
                {"names": ", ".join(wrong)},
            )
        return env


def secret_in_variable(name: str, value: str) -> str | None:
    """Why a plain value may not stand in this environment variable, or None. The sentence never holds the value."""
    kind = credential(value)
    if kind:
        reason = f"looks like {kind}"
    elif names_secret(name):
        reason = f"is secret, as the name {name} says"
    else:
        return None
    return (
        f"the value {reason}; put it into a secret store and write a reference here: "
        "{config: <key>} or {aws_secrets_manager: <name>}"
    )
