"""What a model repository asks of the server, and of the TritonService that deploys it."""

from __future__ import annotations

from typing import Any

from ...repository.repository import Repository
from .server_options import ServerOptions

RESPONSE_CACHE_MIB = 64
"""Size of the response cache of a server whose repository turns one on and that is told no size."""


def server_options(repository: Repository, *, response_cache_mib: int = RESPONSE_CACHE_MIB) -> ServerOptions:
    """Rate limiters and response caches of models mean nothing to Triton unless the server is started with them."""
    configs = [model.config for model in repository.models]
    cached = any(config.response_cache.enable for config in configs)
    limited = any(group.HasField("rate_limiter") for config in configs for group in config.instance_group)
    return ServerOptions(response_cache_mib if cached else None, limited)


def service_arguments(repository: Repository) -> dict[str, Any]:
    """``versions``, ``server`` and ``mig_profile`` of
    :class:`~modelyard.serving.triton.service_args.TritonServiceArgs`; what the repository does not ask for is left out.
    """
    options = server_options(repository)
    server: dict[str, Any] = {}
    if options.response_cache_mib is not None:
        server["response_cache_mib"] = options.response_cache_mib
    if options.rate_limiter:
        server["rate_limiter"] = True
    versions = list(repository.served.versions)
    return {
        **({"versions": versions} if len(versions) > 1 else {}),
        **({"server": server} if server else {}),
        **({"mig_profile": repository.mig_profile} if repository.mig_profile else {}),
    }
