"""A model served by KServe: what its InferenceService says besides what every model says."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field, StringConstraints, model_validator

from .declaration import Declaration
from .patterns import NAME_PATTERN

DeploymentMode = Literal["standard", "knative"]
Autoscaler = Literal["hpa", "keda", "external", "none"]
Protocol = Literal["v1", "v2", "grpc-v1", "grpc-v2"]
KServeServer = Literal["triton", "tensorflow_serving", "torchserve", "mlserver", "sklearnserver", "xgbserver"]


class CompanionScaling(Declaration):
    """Replicas of a transformer or explainer, by processor time."""

    min_replicas: Annotated[int, Field(ge=1, le=1000)] = 1
    max_replicas: Annotated[int, Field(ge=1, le=1000)] = 1

    @model_validator(mode="after")
    def _ordered(self) -> CompanionScaling:
        if self.min_replicas > self.max_replicas:
            raise ValueError(
                f"min_replicas {self.min_replicas} exceeds max_replicas {self.max_replicas}; raise max_replicas or "
                "lower min_replicas"
            )
        return self


class Companion(Declaration):
    """A container of one's own beside the predictor, in pods of its own: a transformer, which requests go through on
    their way to the model and back, or an explainer, which answers ``:explain``.

    KServe adds ``--predictor_host`` and ``--http_port`` to its arguments; ``--model_name`` is added here.
    """

    image: str
    """By digest."""
    command: list[str] = []
    """Default: the image's entrypoint."""
    args: list[str] = []
    env: dict[Annotated[str, StringConstraints(pattern=r"^[A-Za-z_][A-Za-z0-9_]*$")], str] = {}
    """Variables that are no secrets."""
    user: Annotated[int, Field(ge=1, le=65535)] = 1000
    """uid that the image's files allow it to run as."""
    cpu: Annotated[float, Field(gt=0, le=512)] = 1.0
    memory_gib: Annotated[float, Field(gt=0, le=4096)] = 2.0
    scaling: CompanionScaling = CompanionScaling()


class ModelCache(Declaration):
    """The model is kept on the nodes' own disks, downloaded once a node (KServe's LocalModelCache)."""

    node_groups: Annotated[
        list[Annotated[str, StringConstraints(pattern=NAME_PATTERN, max_length=40)]], Field(min_length=1)
    ]
    """LocalModelNodeGroups of the cluster, for example one for each GPU pool."""
    size_gib: Annotated[float, Field(gt=0, le=65536)]
    """Size of the model; the node group has room for so much and no more."""
    scope: Literal["namespace", "cluster"] = "namespace"
    """namespace: the department alone may use it. cluster: every department."""


class KServe(Declaration):
    """How KServe serves the model."""

    server: KServeServer
    """Model server in the pods."""
    mode: DeploymentMode = "standard"
    """standard: a Deployment. knative: a Knative Service, which can scale to zero."""
    protocol: Protocol | None = None
    """Default: the server's preferred one."""
    autoscaler: Autoscaler = "hpa"
    """hpa: by processor time. keda: by time in the queue, or requests, from Prometheus. external: somebody else's
    autoscaler. none: always the least replicas. In mode knative Knative scales, by requests in flight."""
    scale_to_zero: bool = False
    """Whether pods go when nobody asks; in mode knative alone."""
    transformer: Companion | None = None
    explainer: Companion | None = None
    model_cache: ModelCache | None = None

    @model_validator(mode="after")
    def _fits(self) -> KServe:
        problems = mode_problems(self.mode, self.autoscaler, self.scale_to_zero)
        if problems:
            raise ValueError("; ".join(problems))
        return self


def mode_problems(mode: str, autoscaler: str, scale_to_zero: bool) -> list[str]:
    """What does not go together, a sentence each."""
    problems = []
    if mode == "knative" and autoscaler != "hpa":
        problems.append(f"autoscaler {autoscaler} is for mode standard; delete it, since Knative scales by itself")
    if mode == "standard" and scale_to_zero:
        problems.append("scale_to_zero needs mode knative; a Deployment whose autoscaler follows its own pods never wakes")
    return problems
