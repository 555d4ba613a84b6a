"""A model served by Vertex AI: what its endpoint says besides what every model says."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field, StringConstraints, field_validator, model_validator

from ..catalog import vertex_machine_types
from ..catalog.vertex_containers import container_names
from .cloud_secret import GoogleSecret
from .declaration import Declaration
from .known_name import refusal, unknown
from .names import AcceleratorName
from .patterns import ONE_LINE_PATTERN, ROUTE_PATTERN, VARIABLE_PATTERN

EndpointAccess = Literal["dedicated", "shared", "private_service_connect", "peered"]
ExplanationMethod = Literal["sampled_shapley", "integrated_gradients", "xrai"]

_ROUTE = Annotated[str, StringConstraints(pattern=ROUTE_PATTERN)]
_NAME = Annotated[str, StringConstraints(pattern=ONE_LINE_PATTERN, min_length=1)]


class VertexProbe(Declaration):
    """What is asked of a container, and how often."""

    path: _ROUTE | None = None
    """HTTP path on the container's port. Default: the health route."""
    command: list[str] = []
    """Command in the container instead of a path."""
    period_seconds: Annotated[int, Field(ge=1, le=3600)] = 10
    timeout_seconds: Annotated[int, Field(ge=1, le=3600)] = 1
    failure_threshold: Annotated[int, Field(ge=1, le=1000)] = 3
    initial_delay_seconds: Annotated[int, Field(ge=0, le=3600)] = 0

    @model_validator(mode="after")
    def _fits(self) -> VertexProbe:
        if self.path is not None and self.command:
            raise ValueError("has both path and command; keep one")
        if self.timeout_seconds > self.period_seconds:
            raise ValueError(
                f"timeout_seconds {self.timeout_seconds} exceeds period_seconds {self.period_seconds}; lower it, or "
                "raise period_seconds"
            )
        return self


class VertexContainer(Declaration):
    """The container that answers. A prebuilt one needs none of it."""

    port: Annotated[int, Field(ge=1, le=65535)] = 8080
    grpc_port: Annotated[int, Field(ge=1, le=65535)] | None = None
    """Port for gRPC requests. Default: none are taken."""
    predict_route: _ROUTE | None = None
    """HTTP path of requests. Default: /v2/models/<model>/infer for Triton, else /predict."""
    health_route: _ROUTE | None = None
    """HTTP path of health checks. Default: /v2/health/ready for Triton, else /health."""
    command: list[str] = []
    """Default: the image's entrypoint."""
    args: list[str] = []
    """Default: the image's own; for Triton the name of the model."""
    shared_memory_mib: Annotated[int, Field(ge=64, le=65536)] | None = None
    """/dev/shm, which Triton's Python backends exchange tensors through. Default: the container engine's."""
    deployment_timeout_minutes: Annotated[int, Field(ge=1, le=120)] | None = None
    """A deployment that takes longer fails. Default: Vertex AI's."""
    startup_probe: VertexProbe | None = None
    """Until it succeeds the others wait. Default: none."""
    health_probe: VertexProbe | None = None
    """Readiness. Default: a GET of the health route."""
    liveness_probe: VertexProbe | None = None
    """A container that fails it is started again. Default: none."""

    @model_validator(mode="after")
    def _ports_differ(self) -> VertexContainer:
        if self.grpc_port == self.port:
            raise ValueError(f"port and grpc_port are both {self.port}; give each its own")
        return self


class VertexReservation(Declaration):
    """Compute Engine capacity that was reserved before."""

    kind: Literal["none", "any", "specific"]
    """none takes on-demand capacity alone, any takes reserved capacity first, specific takes only the named."""
    names: list[_NAME] = []
    """``projects/<project>/zones/<zone>/reservations/<name>``, for specific."""

    @model_validator(mode="after")
    def _named(self) -> VertexReservation:
        if (self.kind == "specific") != bool(self.names):
            raise ValueError(
                "kind is specific and names is empty; name the reservations"
                if self.kind == "specific"
                else f"names is for kind: specific, and kind is {self.kind}; delete names, or set kind: specific"
            )
        return self


class VertexExplanation(Declaration):
    """How features are given their share in an answer, for ``:explain``."""

    method: ExplanationMethod
    inputs: Annotated[dict[_NAME, _NAME], Field(min_length=1)]
    """Name of a feature to the tensor or column that holds it; xrai takes exactly one, an image."""
    outputs: Annotated[dict[_NAME, _NAME], Field(min_length=1, max_length=1)]
    """Name of the output to the tensor that holds it."""
    paths: Annotated[int, Field(ge=1, le=50)] = 10
    """Paths of sampled_shapley, or steps of the other two: more is closer and slower."""

    @model_validator(mode="after")
    def _one_image(self) -> VertexExplanation:
        if self.method == "xrai" and len(self.inputs) != 1:
            raise ValueError(f"method xrai explains one image, and inputs names {len(self.inputs)}; name one")
        return self


class VertexRequestLog(Declaration):
    """Requests and answers kept in BigQuery, for drift and for later training."""

    percent: Annotated[float, Field(gt=0, le=100)] = 100
    """Share of the requests that is kept."""
    retention_days: Annotated[int, Field(ge=1, le=3650)] = 90
    """The table's partitions are deleted after so long."""


class Vertex(Declaration):
    """What Vertex AI's deployed model and endpoint say. ``scaling`` says how many replicas."""

    machine_type: str = "n1-standard-2"
    """One that Vertex AI serves on, for example g2-standard-8."""
    accelerator: AcceleratorName | None = None
    """GPU of each replica. Default: the machine type's own, or none."""
    accelerator_count: Annotated[int, Field(ge=1, le=16)] | None = None
    """GPUs of each replica. Default: the machine type's own, or 1."""
    required_replicas: Annotated[int, Field(ge=1, le=1000)] | None = None
    """A deployment has succeeded once so many replicas are ready. Default: scaling.min_replicas."""
    target_cpu_percent: Annotated[int, Field(ge=1, le=100)] | None = None
    """Average use of the processors above which replicas are added. Default: 60."""
    spot: bool = False
    """Spot capacity, which may be taken back at any time."""
    reservation: VertexReservation | None = None
    """Default: any that matches, as Vertex AI does it."""
    endpoint: EndpointAccess = "dedicated"
    """dedicated has an address of its own, shared the region's; private_service_connect and peered are reached from a
    private network alone."""
    network: str | None = None
    """``projects/<project number>/global/networks/<name>`` that the endpoint is peered with; for endpoint: peered.
    Default: managed.gcp.network of platform.yaml."""
    consumer_projects: list[_NAME] = []
    """Projects that may connect; for endpoint: private_service_connect. Default: the endpoint's own."""
    prebuilt: str | None = None
    """Vertex AI's own serving container, for example sklearn-cpu.1-6. Default: the runtime's image."""
    container: VertexContainer = VertexContainer()
    explanation: VertexExplanation | None = None
    request_log: VertexRequestLog | None = None
    """Default: nothing is kept."""
    access_log: bool = False
    """Whether each request is a line in Cloud Logging."""
    container_log: bool = True
    """Whether the container's output goes to Cloud Logging."""
    fast_tryout: bool = False
    """Quick deployment to try something: one replica, which never grows."""
    service_account: str | None = None
    """E-mail address of the account that the container acts as. Default: one of its own, which may read this model and
    write logs and metrics."""
    readable_secrets: dict[Annotated[str, StringConstraints(pattern=VARIABLE_PATTERN)], GoogleSecret] = {}
    """Secrets of Secret Manager that the server may read, by the environment variable that holds each one's name and
    never its value. A service_account of yours is given no right to them here."""

    @field_validator("machine_type")
    @classmethod
    def _is_offered(cls, name: str) -> str:
        if name not in vertex_machine_types.names():
            raise refusal(
                unknown("a machine type that Vertex AI serves on", name, vertex_machine_types.nearest_names(name))
            )
        return name

    @field_validator("prebuilt")
    @classmethod
    def _is_a_container(cls, name: str | None) -> str | None:
        if name is not None and name not in container_names():
            raise refusal(unknown("a serving container of Vertex AI", name, container_names()))
        return name

    @model_validator(mode="after")
    def _fits(self) -> Vertex:
        found = [
            *vertex_machine_types.problems(self.machine_type, self.accelerator, self.accelerator_count),
            *self._endpoint_problems(),
            *self._container_problems(),
        ]
        if found:
            raise ValueError("; and ".join(found))
        return self

    def _endpoint_problems(self) -> list[str]:
        found = []
        if self.network is not None and self.endpoint != "peered":
            found.append(f"network is for endpoint: peered, and endpoint is {self.endpoint}; delete it")
        if self.consumer_projects and self.endpoint != "private_service_connect":
            found.append(
                f"consumer_projects is for endpoint: private_service_connect, and endpoint is {self.endpoint}; delete "
                "it"
            )
        if self.container.grpc_port is not None and self.endpoint == "shared":
            found.append("container.grpc_port is not reached through a shared endpoint; set endpoint: dedicated")
        return found

    def _container_problems(self) -> list[str]:
        found = []
        if self.spot and self.reservation is not None and self.reservation.kind != "none":
            found.append(f"spot takes no reserved capacity, and reservation.kind is {self.reservation.kind}; keep one")
        if self.prebuilt is None:
            return found
        if self.container != VertexContainer():
            found.append(f"container is for an image of your own, and prebuilt is {self.prebuilt}; delete one of them")
        if "-gpu." in self.prebuilt and not vertex_machine_types.gpus(
            self.machine_type, self.accelerator, self.accelerator_count
        ):
            found.append(
                f"prebuilt {self.prebuilt} needs a GPU, and {self.machine_type} has none; name an accelerator, or take "
                f"{self.prebuilt.replace('-gpu.', '-cpu.')}"
            )
        return found
