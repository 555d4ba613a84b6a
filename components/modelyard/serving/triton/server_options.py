"""What a repository asks of the server as a whole, as arguments of tritonserver."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

_BYTES_PER_MIB = 1024**2


@dataclass(frozen=True, slots=True)
class RateLimitResource:
    """A resource of Triton's rate limiter ("Rate Limiter" of its user guide)."""

    name: str
    count: int
    device: int | None = None
    """GPU that it is of; None: of each."""


@dataclass(frozen=True, slots=True)
class ServerOptions:
    """Off where nothing is said, as in Triton."""

    response_cache_mib: int | None = None
    """Memory of the response cache, shared by the models whose configuration turns it on; counts towards the pod's."""
    rate_limiter: bool = False
    """Whether rate limiters of the models' instance groups count; Triton ignores them otherwise."""
    rate_limit_resources: tuple[RateLimitResource, ...] = ()
    """What of a resource there is. Triton's default: the most that one instance asks for."""
    backend_config: Mapping[str, Mapping[str, str]] = field(default_factory=dict)
    """Settings by backend, for example ``{"python": {"shm-default-byte-size": "16777216"}}``."""

    def arguments(self) -> list[str]:
        """Arguments of tritonserver; none for what is off."""
        arguments: list[str] = []
        if self.response_cache_mib is not None:
            arguments.append(f"--cache-config=local,size={self.response_cache_mib * _BYTES_PER_MIB}")
        if self.rate_limiter:
            arguments.append("--rate-limit=execution_count")
        for resource in self.rate_limit_resources:
            device = "" if resource.device is None else f":{resource.device}"
            arguments.append(f"--rate-limit-resource={resource.name}:{resource.count}{device}")
        for backend, settings in sorted(self.backend_config.items()):
            arguments += [f"--backend-config={backend},{name}={value}" for name, value in sorted(settings.items())]
        return arguments


NO_OPTIONS = ServerOptions()
"""Triton's defaults."""
