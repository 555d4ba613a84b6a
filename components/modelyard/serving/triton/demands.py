"""What a model repository asks of its TritonService, as arguments of it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from ...repository.repository import Repository, RepositoryFile

RESPONSE_CACHE_MIB = 64
"""Size of the response cache of a server whose repository turns one on and that was told no size."""


def demands(repository: Repository, *, response_cache_mib: int = RESPONSE_CACHE_MIB) -> dict[str, Any]:
    """``version``, ``versions``, ``server`` and ``mig_profile`` of
    :class:`~modelyard.serving.triton.service_args.TritonServiceArgs`; what the repository does not ask for is left out.

    The newest version is the one that requests without a version get. Rate limiters and response caches of models mean
    nothing to Triton unless the server is started with them.
    """
    versions = repository.served.versions
    configs = [model.config for model in repository.models]
    server: dict[str, Any] = {}
    if any(config.response_cache.enable for config in configs):
        server["response_cache_mib"] = response_cache_mib
    if any(group.HasField("rate_limiter") for config in configs for group in config.instance_group):
        server["rate_limiter"] = True
    return {
        **({"version": versions[-1], "versions": list(versions)} if versions else {}),
        **({"server": server} if server else {}),
        **({"mig_profile": repository.mig_profile} if repository.mig_profile else {}),
    }


def stored_files(repository: Repository, object_of: Callable[[str, str], str]) -> list[dict[str, Any]]:
    """``stored.files``; ``object_of`` says where a file lies from its key and SHA-256, for example
    :func:`~modelyard.registry.model_upload.object_key`."""
    return [
        {"path": file.key, "object": object_of(file.key, file.sha256), "sha256": file.sha256, "size_bytes": file.size}
        for file in repository.files
    ]


def uploaded_files(repository: Repository, shown: Callable[[str], str]) -> list[dict[str, Any]]:
    """``files`` of :class:`~modelyard.registry.model_upload.ModelUpload`; ``shown`` makes of an absolute path the one
    that plans show."""
    return [{"key": file.key, "sha256": file.sha256, **_content(file, shown)} for file in repository.files]


def _content(file: RepositoryFile, shown: Callable[[str], str]) -> dict[str, str]:
    return {"text": file.text or ""} if file.path is None else {"path": shown(file.path)}
