"""The backend that the server will use."""

from __future__ import annotations

from ...catalog import triton_backends
from ..repository import RepositoryModel


def backend_name(model: RepositoryModel) -> str:
    """As the server completes it: what the configuration names, else what its platform or its file belongs to; empty
    for an ensemble, and where nothing tells."""
    config = model.config
    if config.backend or config.HasField("ensemble_scheduling") or config.platform == "ensemble":
        return config.backend
    if config.platform:
        found = triton_backends.of_config("", config.platform)
        return found.backend if found else ""
    held = {file.key.split("/")[2] for file in model.files if file.key.count("/") >= 2}
    wanted = {config.default_model_filename} if config.default_model_filename else held
    for each in map(triton_backends.get, triton_backends.formats()):
        if wanted & set(each.file_names):
            return each.backend
    return ""
