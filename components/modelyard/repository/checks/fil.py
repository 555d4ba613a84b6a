"""Models of trees (FIL): the file that goes with a model type, tensors, parameters."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from ...catalog.spelling import nearest
from ...environment.credential import shown
from ..declared.fil import FilParameters
from ..repository import RepositoryModel
from .backend_name import backend_name
from .fault import Fault, dtype_name

_DEFAULT = "xgboost"
_UBJ_SINCE = "24.10"
"""triton-inference-server/fil_backend docs/model_support.md, Version Compatibility."""
_FLAGS = ("is_classifier", "output_class", "predict_proba", "xgboost_allow_unknown_field")
_LARGEST_CHUNK = 32


def file_names(config: Any) -> tuple[str, ...]:
    """The file that the backend opens; none where the model type is not known."""
    kind = _parameter(config, "model_type") or _DEFAULT
    return (FilParameters.file_names[kind],) if kind in FilParameters.file_names else ()


def faults(model: RepositoryModel, release: str) -> Iterator[Fault]:
    config = model.config
    if backend_name(model) != "fil":
        return
    for name, message in _parameters(config, release):
        yield Fault(model.name, ("parameters", name), f"model {model.name!r} has {name} {message}")
    for kind, primary in (("input", "input__0"), ("output", "output__0")):
        tensors = getattr(config, kind)
        for index, tensor in enumerate(tensors):
            if tensor.data_type and dtype_name(tensor.data_type) != "FP32":
                message = f"{kind} {tensor.name!r} of model {model.name!r} is {dtype_name(tensor.data_type)}"
                yield Fault(model.name, (kind, index, "data_type"), f"{message}; the FIL backend has FP32 only")
        names = [tensor.name for tensor in tensors]
        if names and primary not in names:
            message = f"the {kind}s of model {model.name!r} are {', '.join(names)}; the FIL backend names it {primary}"
            yield Fault(model.name, (kind, 0, "name"), message)


def _parameters(config: Any, release: str) -> Iterator[tuple[str, str]]:
    kind = _parameter(config, "model_type")
    if kind is not None and kind not in FilParameters.file_names:
        closest = nearest(kind, FilParameters.file_names)
        hint = f"; did you mean {closest!r}?" if closest else ""
        yield "model_type", f"{shown(kind)}; it is one of {', '.join(FilParameters.file_names)}{hint}"
    if kind == "xgboost_ubj" and release < _UBJ_SINCE:
        yield (
            "model_type",
            f"'xgboost_ubj', which came with Triton {_UBJ_SINCE}, and {release} is deployed; save as JSON",
        )
    for name in _FLAGS:
        value = _parameter(config, name)
        if value is not None and value.lower() not in ("true", "false"):
            yield name, f"{shown(value)}; it is true or false"
    threshold = _parameter(config, "threshold")
    if threshold is not None and not _is_number(threshold):
        yield "threshold", f"{shown(threshold)}; it is a number"
    chunk = _parameter(config, "chunk_size")
    if chunk is not None and chunk not in (str(1 << power) for power in range(_LARGEST_CHUNK.bit_length())):
        yield "chunk_size", f"{shown(chunk)}; it is a power of two from 1 to {_LARGEST_CHUNK}"


def _parameter(config: Any, name: str) -> str | None:
    return config.parameters[name].string_value if name in config.parameters else None


def _is_number(text: str) -> bool:
    try:
        float(text)
    except ValueError:
        return False
    return True
