"""Kept answers, and who cannot have them."""

from __future__ import annotations

from collections.abc import Iterator

from ..repository import Repository, RepositoryModel
from .ensemble.decoupled import is_decoupled
from .fault import Fault


def faults(repository: Repository, model: RepositoryModel) -> Iterator[Fault]:
    """triton-inference-server/server docs/user_guide/response_cache.md, Known Limitations."""
    if not model.config.response_cache.enable:
        return
    where = ("response_cache", "enable")
    if model.config.HasField("sequence_batching"):
        message = f"model {model.name!r} keeps answers and batches sequences, whose answers differ by what came before"
        yield Fault(model.name, where, f"{message}; switch response_cache off")
    if is_decoupled(repository, model):
        through = "" if model.config.model_transaction_policy.decoupled else ", as a model of its steps does"
        message = f"model {model.name!r} keeps answers and gives any number of them to one request{through}"
        yield Fault(model.name, where, f"{message}; switch response_cache off")
