"""Arguments of a Triton service, checked and completed."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Annotated, Any, ClassVar

from pydantic import Field, StringConstraints, model_validator

from ...catalog import runtimes
from ...environment.declaration import Declaration
from ...governance.arguments import read_arguments
from ..workload.declaration import Setting, workload
from ..workload.server import Server
from ..workload.weights_declaration import StreamingDeclaration
from ..workload.workload import Workload
from .restricted_endpoints import KEY_VARIABLE
from .server import server
from .server_options import RateLimitResource, ServerOptions
from .service_args import TritonServiceArgs

MIG_PROFILE_PATTERN = r"^[1-9]g\.[1-9][0-9]*gb(\+[a-z.]+)?$"
"""Names of MIG profiles, as nvidia-smi and the device plugin spell them: 1g.10gb, 1g.10gb+me."""


class RateLimitResourceDeclaration(Declaration):
    """A resource of Triton's rate limiter."""

    name: Setting
    count: Annotated[int, Field(ge=1)]
    device: Annotated[int, Field(ge=0)] | None = None


class ServerOptionsDeclaration(Declaration):
    """What the repository asks of the server as a whole."""

    response_cache_mib: Annotated[int, Field(ge=1)] | None = None
    rate_limiter: bool = False
    rate_limit_resources: list[RateLimitResourceDeclaration] = []
    backend_config: Mapping[Setting, Mapping[Setting, Setting]] = {}


class TritonServiceDeclaration(StreamingDeclaration):
    """Same keys as :class:`~modelyard.serving.triton.service_args.TritonServiceArgs`."""

    RESERVED_VARIABLES: ClassVar[tuple[str, ...]] = ("HOME", KEY_VARIABLE)

    server: ServerOptionsDeclaration = ServerOptionsDeclaration()
    mig_profile: Annotated[str, StringConstraints(pattern=MIG_PROFILE_PATTERN)] | None = None

    @property
    def mig(self) -> str | None:
        return self.mig_profile

    @model_validator(mode="after")
    def _fits(self) -> TritonServiceDeclaration:
        if self.mig_profile is not None and not self.resources.gpus:
            raise ValueError(f"mig_profile is {self.mig_profile} and resources.gpus is 0; ask for slices, or for none")
        if self.server.rate_limit_resources and not self.server.rate_limiter:
            raise ValueError("server.rate_limit_resources mean nothing while server.rate_limiter is off; turn it on")
        return self

    def _leaves_memory(self) -> None:
        super()._leaves_memory()
        share, cache_mib = self.resources, self.server.response_cache_mib or 0
        if share.shared_memory_mib + cache_mib >= share.memory_gib * 1024:
            raise ValueError(
                f"resources.shared_memory_mib {share.shared_memory_mib} and server.response_cache_mib {cache_mib} "
                f"leave nothing of memory_gib {share.memory_gib:g} for the server itself"
            )


def declaration(name: str, args: TritonServiceArgs) -> TritonServiceDeclaration:
    """The arguments with their defaults.

    Raises:
        InvalidEnvironment: unknown keys, missing keys or values that do not fit, all at once.
    """
    return read_arguments(TritonServiceDeclaration, args, TritonServiceArgs, f"TritonService {name}")


def triton_workload(declared: TritonServiceDeclaration) -> Workload:
    """What the manifests are made of.

    Raises:
        InvalidOwnership: the ownership does not fit.
    """
    return workload(declared, triton_server(declared, declared.served_versions, declared.image))


def triton_server(declared: TritonServiceDeclaration, versions: Sequence[int], image: Any) -> Server:
    """Triton, configured for these versions; ``image`` is None for the newest release that the catalogue knows."""
    return server(
        declared.model,
        image=runtimes.get("triton").reference if image is None else image,
        versions=versions,
        options=_options(declared.server),
        request_timeout_seconds=declared.request_timeout_seconds,
    )


def _options(server: ServerOptionsDeclaration) -> ServerOptions:
    return ServerOptions(
        server.response_cache_mib,
        server.rate_limiter,
        tuple(RateLimitResource(one.name, one.count, one.device) for one in server.rate_limit_resources),
        server.backend_config,
    )
