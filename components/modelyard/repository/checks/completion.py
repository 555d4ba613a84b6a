"""Whether the server reads a model's tensors from the model itself."""

from __future__ import annotations

from ...catalog import triton_backends
from ..repository import RepositoryModel
from .backend_name import backend_name
from .model_code import may_complete


def is_completed(model: RepositoryModel) -> bool:
    """Whether tensors that the configuration leaves out may be there all the same (triton-inference-server/server
    docs/user_guide/model_configuration.md, Auto-Generated Model Configuration); true for a backend that is not known.
    """
    config = model.config
    if config.HasField("ensemble_scheduling"):
        return False
    backend = backend_name(model)
    if backend == "python":
        return may_complete(model)
    known = triton_backends.of_config(backend, config.platform)
    return known is None or known.completes_configuration or bool(config.runtime)
