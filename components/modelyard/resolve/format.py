"""The format that a model is served in, by the server that reads it."""

from __future__ import annotations

from ..catalog import runtime_formats, seldon_requirements
from ..environment.model import Model
from ..repository.repository import Repository
from .finding import Finding

OF_OTHERS = "custom"
"""Format of a Triton model whose configuration nobody here has seen."""

_RUNTIMES = ("triton", "tensorflow_serving", "torchserve")
"""Servers that are runtimes of their own."""


def unfit_format(model: Model) -> Finding | None:
    """Why the server cannot serve the declared format, or that it has to be declared; None: neither."""
    if model.is_managed and model.server != model.runtime:
        return None  # The service's own container reads what the service documents.
    if model.format is None:
        served = runtime_formats.formats_of(model.server)
        if model.server == "triton" or len(served) == 1:
            return None
        return Finding(
            ("format",), f"is missing, and {model.server} serves several; name one of {', '.join(sorted(served))}"
        )
    return _refused(model, model.format)


def served_format(model: Model, repository: Repository | None = None) -> str:
    """As :mod:`modelyard.catalog.runtime_formats` names it.

    Args:
        model: as declared, whose format its server can serve.
        repository: Triton's, where it is known.
    """
    if repository is not None:
        return repository.served.format
    if model.format is not None:
        return model.format
    served = runtime_formats.formats_of(model.server)
    return served[0] if len(served) == 1 else OF_OTHERS


def unfit_repository(model: Model, repository: Repository | None) -> Finding | None:
    """Why the server cannot serve what the repository turned out to hold, or None."""
    if model.seldon is None or model.server != "triton":
        return None
    if repository is not None and len(repository.models) > 1:
        others = [each.name for each in repository.models if each.name != model.name]
        return Finding(
            ("source",),
            f"holds {', '.join(others)} beside the model, and a Model of Seldon's is one folder; serve each by itself, "
            "and join them in pipelines",
        )
    format = model.format or served_format(model, repository)
    if format == OF_OTHERS and model.format is None:
        return Finding(
            ("format",), "is missing, and Seldon finds a server by it; say what the hand-written configuration serves"
        )
    return _refused(model, format)


def _refused(model: Model, format: str) -> Finding | None:
    if model.seldon is not None:
        reason = seldon_requirements.refusal(model.server, format)
    else:
        reason = runtime_formats.refusal(model.server, format)
    if reason is None:
        return None
    able = runtime_formats.who_serves(format)
    if model.runtime in _RUNTIMES and able and not set(able) & set(_RUNTIMES):
        reason = f"{reason}, as servers of runtime kserve"
    return Finding(("format",), reason)
