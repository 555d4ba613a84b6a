"""A model served by KServe: what its InferenceService says besides what every model says."""

from __future__ import annotations

from typing import Annotated, Any, Literal, get_args

from pydantic import Field, StringConstraints, model_validator

from .declaration import Declaration
from .patterns import NAME_PATTERN, VARIABLE_PATTERN
from .scaling import Scaling

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
    env: dict[Annotated[str, StringConstraints(pattern=VARIABLE_PATTERN)], str] = {}
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
    autoscaler: Autoscaler | None = None
    """external: Modelyard's own autoscaler, as for every other server, with every target and the hours of the week.
    hpa: KServe's, by processor time. keda: KServe's, by the targets of ``scaling``. none: always the least replicas.
    Default: external; in mode knative Knative scales, by requests in flight or per second."""
    transformer: Companion | None = None
    explainer: Companion | None = None
    model_cache: ModelCache | None = None

    @model_validator(mode="before")
    @classmethod
    def _has_a_predictor(cls, given: Any) -> Any:
        if isinstance(given, dict) and given.get("server") is None:
            beside = [kind for kind in ("transformer", "explainer") if given.get(kind) is not None]
            if beside:
                raise ValueError(
                    f"{' and '.join(beside)} {'have' if len(beside) > 1 else 'has'} no predictor to hand requests to; "
                    f"name the model's server in server: one of {', '.join(get_args(KServeServer))}"
                )
        return given

    @model_validator(mode="after")
    def _fits(self) -> KServe:
        if self.mode == "knative" and self.autoscaler is not None:
            raise ValueError(KNATIVE_SCALES.format(autoscaler=self.autoscaler))
        return self


KNATIVE_SCALES = "autoscaler {autoscaler} is for mode standard; delete it, since Knative scales by itself"


def scaling_problems(mode: str, autoscaler: str | None, scaling: Scaling) -> list[str]:
    """What a way of scaling cannot do, a sentence each."""
    targets = [name for name in type(scaling).model_fields if name.startswith("target_") and getattr(scaling, name)]
    problems = []
    if mode == "knative":
        if autoscaler is not None:
            problems.append(KNATIVE_SCALES.format(autoscaler=autoscaler))
        problems += [
            f"scaling.{name} is nothing that Knative follows; name target_concurrency or target_requests_per_second"
            for name in targets
            if name not in KNATIVE_METRICS
        ]
        if len([name for name in targets if name in KNATIVE_METRICS]) > 1:
            problems.append("scaling names two targets, and Knative follows one; keep one")
    elif autoscaler in ("hpa", "none") and targets:
        follows = "processor time alone" if autoscaler == "hpa" else "nothing"
        problems.append(f"autoscaler {autoscaler} follows {follows}, and scaling names {targets[0]}; take external")
    own = f"autoscaler {autoscaler}" if mode == "standard" else "mode knative"
    if own not in ("autoscaler None", "autoscaler external"):
        if scaling.schedules:
            problems.append(f"{own} keeps no hours, and scaling has schedules; take mode standard and external")
        if scaling.min_replicas == 0 and mode == "standard":
            problems.append(f"{own} never wakes a model from no replicas; set scaling.min_replicas to 1, or external")
    return problems


def streaming_problems(by: str, mode: str, model_cache: ModelCache | None) -> list[str]:
    """Why KServe cannot have its pods read weights through a file driver, a sentence each."""
    problems = []
    if mode == "knative":
        problems.append(
            f"weights.by is {by}, and in mode knative revisions of earlier versions would lose the volume that they "
            "read; take mode standard, or write copy"
        )
    if model_cache is not None:
        problems.append(f"weights.by is {by}, and model_cache has KServe download the model to the nodes; keep one")
    return problems


KNATIVE_METRICS = {"target_concurrency": "concurrency", "target_requests_per_second": "rps"}
"""Targets that Knative's autoscaler follows, by its names."""
