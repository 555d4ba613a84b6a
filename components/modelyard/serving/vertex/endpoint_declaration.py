"""Arguments of an endpoint of Vertex AI, checked and completed."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Annotated, Any, Literal

from pydantic import Field, StringConstraints, field_validator, model_validator

from ...catalog import vertex_machine_types, vertex_regions
from ...environment.declaration import Declaration
from ...environment.known_name import refusal, unknown
from ...environment.model import ModelAlerts, Scaling, secret_in_variable
from ...environment.names import ModelName
from ...environment.patterns import VARIABLE_PATTERN
from ...environment.rollout import Rollout
from ...environment.vertex import Vertex
from ...governance.arguments import read_arguments
from ..managed.capabilities import Shortfall, capability
from ..managed.endpoint import shares_of
from .endpoint_args import VertexEndpointArgs


class VertexCanaryDeclaration(Declaration):
    """What a rollout's canary has otherwise than the stable version."""

    artefact: Any
    digest: str | None = None
    image: Any = None


class VertexEndpointDeclaration(Vertex):
    """Same keys as :class:`~modelyard.serving.vertex.endpoint_args.VertexEndpointArgs`."""

    model: ModelName
    project: Annotated[str, StringConstraints(pattern=r"^[a-z][a-z0-9-]{4,28}[a-z0-9]$")]
    region: str
    project_number: Any = None
    artefact: Any
    digest: str | None = None
    image: Any = None
    server: Literal["triton", "custom"] = "triton"
    version: Annotated[int, Field(ge=1)] = 1
    env: Mapping[Annotated[str, StringConstraints(pattern=VARIABLE_PATTERN)], Any] = {}
    rollout: Rollout | None = None
    canary: VertexCanaryDeclaration | None = None
    scaling: Scaling = Scaling()
    p99_ms: Annotated[float, Field(ge=1, le=600_000)] | None = None
    requests_per_second: Annotated[float, Field(gt=0, le=10_000_000)] | None = None
    alerts: ModelAlerts = ModelAlerts()
    notification_channels: list[Any] = []
    kms_key: Any = None
    invokers: list[
        Annotated[str, StringConstraints(pattern=r"^(user|group|serviceAccount|domain|principal\S*):\S+$")]
    ] = []
    ownership: Mapping[str, Any]

    @property
    def shares(self) -> dict[int, int]:
        """Percent of the requests by version, the stable one first."""
        return shares_of(self.rollout, self.version if self.rollout is None else self.rollout.stable)

    def least_replicas(self, version: int) -> int:
        """Replicas that the version has at least: those of a canary grow with its share."""
        rollout = self.rollout
        if rollout is None or version == rollout.stable:
            return self.scaling.min_replicas
        return max(1, rollout.canary_replicas(self.scaling.min_replicas))

    @property
    def holds_one_version(self) -> bool:
        """Whether a new version can only take the place of the old one: a peered endpoint holds one deployed model."""
        return self.endpoint == "peered"

    @property
    def gpus(self) -> tuple[str, int] | None:
        """The GPUs of a replica, by the catalogue's name."""
        return vertex_machine_types.gpus(self.machine_type, self.accelerator, self.accelerator_count)

    @property
    def gpu_is_unlisted(self) -> bool:
        """Whether no source at hand says which GPUs the region has."""
        return self.gpus is not None and not vertex_regions.accelerators(self.region)

    @field_validator("region")
    @classmethod
    def _is_a_region(cls, region: str) -> str:
        if region not in vertex_regions.names():
            raise refusal(unknown("a region of Vertex AI", region, vertex_regions.names()))
        return region

    @field_validator("artefact")
    @classmethod
    def _is_in_cloud_storage(cls, artefact: Any) -> Any:
        if isinstance(artefact, str) and not artefact.startswith("gs://"):
            raise refusal(f"{artefact!r} is not in Cloud Storage; name a folder there: gs://<bucket>/<folder>")
        return artefact

    @model_validator(mode="after")
    def _goes_together(self) -> VertexEndpointDeclaration:
        found = [
            *self._place_problems(),
            *self._version_problems(),
            *self._replica_problems(),
            *self._image_problems(),
            *self._variable_problems(),
        ]
        if found:
            raise ValueError("; and ".join(found))
        return self

    def _place_problems(self) -> Iterator[str]:
        listed = vertex_regions.accelerators(self.region)
        if self.gpus is not None and listed and self.gpus[0] not in listed:
            name = self.gpus[0]
            elsewhere = ", ".join(vertex_regions.regions_with(name)) or "none that is listed"
            yield f"region {self.region} has no {name}, only {', '.join(listed)}; regions with {name}: {elsewhere}"
        if self.endpoint == "peered" and self.network is None:
            yield "endpoint is peered and network is missing; name projects/<project number>/global/networks/<name>"

    def _version_problems(self) -> Iterator[str]:
        rollout = self.rollout
        if rollout is not None and "version" in self.model_fields_set and self.version != rollout.stable:
            yield f"version {self.version} is not rollout.stable, which is {rollout.stable}; delete version"
        if rollout is not None and rollout.by != "gateway":
            yield f"rollout.by {rollout.by} runs on clusters; delete it, and the declaration moves the traffic"
        tried = None if rollout is None else rollout.canary
        if tried is not None and self.canary is None:
            yield f"rollout.canary is version {tried} and canary is missing, which says where its files lie; add it"
        if tried is None and self.canary is not None:
            yield "canary is for a rollout, and none names a canary; delete it, or add rollout.canary"
        if tried is not None and self.endpoint == "peered":
            yield (
                "endpoint is peered, which holds one version and splits no traffic; set endpoint: "
                "private_service_connect, or delete rollout.canary"
            )

    def _replica_problems(self) -> Iterator[str]:
        scaling = self.scaling
        if scaling.min_replicas == 0:
            nearest = capability("vertex", "scale_to_zero").nearest
            yield f"scaling.min_replicas is 0 and Vertex AI keeps at least one replica; the nearest: {nearest}"
        if self.required_replicas is not None and self.required_replicas > max(1, scaling.min_replicas):
            yield (
                f"required_replicas {self.required_replicas} exceeds scaling.min_replicas {scaling.min_replicas}; "
                "lower it"
            )
        if scaling.target_gpu_utilization_percent is not None and self.gpus is None:
            yield (
                f"scaling.target_gpu_utilization_percent needs a GPU, and {self.machine_type} has none; set "
                "target_cpu_percent"
            )
        if self.fast_tryout and (scaling.max_replicas > 1 or scaling.min_replicas > 1):
            yield f"fast_tryout has one replica, and scaling.max_replicas is {scaling.max_replicas}; delete one of them"

    def _image_problems(self) -> Iterator[str]:
        if self.prebuilt is not None and self.image is not None:
            yield f"image and prebuilt ({self.prebuilt}) are both named; keep one"
        if self.prebuilt is None and self.image is None:
            yield (
                "image is missing: Vertex AI pulls from Artifact Registry alone and has no Triton of its own; push the "
                "server's image to a repository there and name it by digest, or name a prebuilt container"
            )
        if isinstance(self.image, str) and not self.image.split("/")[0].endswith(("-docker.pkg.dev", "gcr.io")):
            yield (
                f"image {self.image!r} is not in Artifact Registry, which alone Vertex AI pulls from; push it to "
                f"{self.region}-docker.pkg.dev/{self.project}/<repository>"
            )

    def _variable_problems(self) -> Iterator[str]:
        for name, value in self.env.items():
            if not isinstance(value, str):
                yield f"env.{name} must be text; quote it"
            elif reason := secret_in_variable(name, value):
                yield f"env.{name}: {reason.split(';')[0]}; name one of Secret Manager in readable_secrets"
            if name in self.readable_secrets:
                yield f"env.{name} is in readable_secrets too; delete one of them"


def declaration(name: str, args: VertexEndpointArgs) -> VertexEndpointDeclaration:
    """The arguments with their defaults.

    Raises:
        InvalidEnvironment: unknown keys, missing keys or values that do not fit, all at once.
    """
    return read_arguments(VertexEndpointDeclaration, args, VertexEndpointArgs, f"VertexEndpoint {name}")


def not_done(declared: VertexEndpointDeclaration) -> list[str]:
    """What the arguments ask and Vertex AI does not do, each with the nearest that it does, in the words of a plan."""
    scaling, rollout = declared.scaling, declared.rollout
    asked: list[tuple[str, str, object]] = [
        ("scaling.target_queue_ms", "target_queue_ms", scaling.target_queue_ms),
        ("scaling.target_concurrency", "target_concurrency", scaling.target_concurrency),
        ("scaling.schedules", "schedules", scaling.schedules),
    ]
    if rollout is not None:
        asked += [
            (f"rollout.mirror_percent: {rollout.mirror_percent}", "mirror", rollout.mirror_percent),
            ("rollout.sticky", "sticky", rollout.sticky),
            ("rollout.gates.error_rate", "gates_error_rate", rollout.gates.error_rate),
            ("rollout.gates.p99_ms", "gates_p99", rollout.gates.p99_ms),
            ("rollout.gates.business", "gates_business", rollout.gates.business),
        ]
    return [
        Shortfall("vertex", key, capability("vertex", name)).sentence(declared.model)
        for key, name, value in asked
        if value
    ]
