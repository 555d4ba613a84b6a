"""Arguments of a local model server, checked and completed."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Any, Literal

from pydantic import Field, model_validator

from ...environment.declaration import Declaration
from ...environment.model import secret_in_variable
from ...environment.names import ModelName
from ...environment.tensorflow_serving import TensorFlowServerDeclaration
from ...governance.arguments import read_arguments
from ..tfserving.service_declaration import server_options
from ..workload.declaration import VariableName
from .args import LocalModelServerArgs
from .runtime import LocalRuntime, local_runtime

Port = Annotated[int, Field(ge=1024, le=65535)]


class LocalModelServerDeclaration(Declaration):
    """Same keys as :class:`~modelyard.serving.local.args.LocalModelServerArgs`."""

    model: ModelName
    runtime: Literal["tensorflow_serving", "triton"]
    repository: Annotated[str, Field(min_length=1)]
    image: str | None = None
    version: Annotated[int, Field(ge=1)] = 1
    versions: list[Annotated[int, Field(ge=1)]] = []
    server: TensorFlowServerDeclaration = TensorFlowServerDeclaration()
    http_port: Port | None = None
    grpc_port: Port | None = None
    metrics_port: Port | None = None
    memory_gib: Annotated[float, Field(ge=0.25, le=4096)] = 4.0
    gpus: bool = False
    env: Mapping[VariableName, Any] = {}
    restart: Literal["no", "on-failure", "unless-stopped", "always"] = "unless-stopped"
    start_timeout_seconds: Annotated[int, Field(ge=10, le=7200)] = 300
    ownership: Mapping[str, Any] | None = None

    @property
    def served_versions(self) -> tuple[int, ...]:
        """Those that answer, in order."""
        return tuple(sorted(set(self.versions))) or (self.version,)

    @property
    def ports(self) -> dict[str, int]:
        """Ports of this machine by name; TensorFlow Serving has no metrics port of its own."""
        runtime = self.local_runtime()
        ports = {
            "http_port": self.http_port or runtime.http_port,
            "grpc_port": self.grpc_port or runtime.grpc_port,
        }
        if runtime.metrics_port != runtime.http_port:
            ports["metrics_port"] = self.metrics_port or runtime.metrics_port
        return ports

    def local_runtime(self) -> LocalRuntime:
        return local_runtime(
            self.runtime,
            self.model,
            version=self.version,
            versions=self.served_versions,
            gpus=self.gpus,
            options=server_options(self.server),
        )

    @model_validator(mode="after")
    def _fits(self) -> LocalModelServerDeclaration:
        served = self.served_versions
        if self.version not in served:
            raise ValueError(
                f"version {self.version} is not among versions {', '.join(map(str, served))}; name it there"
            )
        if self.runtime == "tensorflow_serving" and self.metrics_port is not None:
            raise ValueError("metrics_port is for triton; TensorFlow Serving has its metrics on http_port: delete it")
        if self.runtime != "tensorflow_serving" and self.server != TensorFlowServerDeclaration():
            raise ValueError(f"server is for tensorflow_serving, and the runtime is {self.runtime}; delete it")
        for label, version in self.server.labels.items():
            if version not in served:
                raise ValueError(
                    f"server.labels.{label} is version {version}, which is not served; served are "
                    f"{', '.join(map(str, served))}: add it to versions, or name one of them"
                )
        self._ports_differ()
        for name, value in self.env.items():
            if not isinstance(value, str):
                raise ValueError(f"env.{name} must be text; quote it")
            if reason := secret_in_variable(name, value):
                raise ValueError(f"env.{name}: {reason}")
        return self

    def _ports_differ(self) -> None:
        taken: dict[int, str] = {}
        for name, port in self.ports.items():
            if port in taken:
                raise ValueError(f"{taken[port]} and {name} are both {port}; give each its own")
            taken[port] = name


def declaration(name: str, args: LocalModelServerArgs) -> LocalModelServerDeclaration:
    """The arguments with their defaults.

    Raises:
        InvalidEnvironment: unknown keys, missing keys or values that do not fit, all at once.
    """
    return read_arguments(LocalModelServerDeclaration, args, LocalModelServerArgs, f"LocalModelServer {name}")
