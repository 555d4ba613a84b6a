"""Execution accelerators: which the backend has, and TensorRT's precision."""

from __future__ import annotations

from collections.abc import Iterator

from ...catalog.spelling import nearest
from ...catalog.table import rows
from ...environment.credential import shown
from ..repository import RepositoryModel
from .backend_name import backend_name
from .fault import Fault

_PRECISIONS = {"FP32": "21.02", "FP16": "21.02", "INT8": "21.09", "BF16": "26.02"}
"""First release of each (triton-inference-server/onnxruntime_backend, src/onnxruntime.cc of each release branch)."""
_WITHOUT = ("python", "fil", "pytorch", "tensorrt", "openvino")
"""Backends that have none and pass over them."""


def faults(model: RepositoryModel, release: str) -> Iterator[Fault]:
    """triton-inference-server/server docs/user_guide/optimization.md, Framework-Specific Optimization."""
    accelerators = model.config.optimization.execution_accelerators
    backend = backend_name(model)
    known = [row for row in rows("execution_accelerators.csv") if row["backend"] == backend]
    for instances in ("gpu", "cpu"):
        field = f"{instances}_execution_accelerator"
        names = [row["accelerator"] for row in known if row["instances"] == instances]
        for index, accelerator in enumerate(getattr(accelerators, field)):
            where = ("optimization", "execution_accelerators", field, index)
            what = f"model {model.name!r} names the {instances.upper()} accelerator {accelerator.name!r}"
            first = next((r["first_release"] for r in known if r["accelerator"] == accelerator.name), "")
            if backend in _WITHOUT:
                yield Fault(model.name, where, f"{what}, and the backend {backend!r} has none; delete it")
            elif known and accelerator.name not in names:
                closest = nearest(accelerator.name, names)
                has = f"has {', '.join(names)}" if names else "has none there"
                hint = f"; did you mean {closest!r}?" if closest else ""
                yield Fault(model.name, (*where, "name"), f"{what}; the backend {backend!r} {has}{hint}")
            elif first > release:
                message = f"{what}, which came with Triton {first}, and {release} is deployed; delete it"
                yield Fault(model.name, (*where, "name"), message)
            elif (
                backend == "onnxruntime"
                and accelerator.name == "tensorrt"
                and "precision_mode" in accelerator.parameters
            ):
                precision = accelerator.parameters["precision_mode"]
                allowed = [each for each, since in _PRECISIONS.items() if since <= release]
                if precision not in allowed:
                    has = f"Triton {release} has {', '.join(allowed)}"
                    message = f"{what} with precision {shown(precision)}; {has}"
                    yield Fault(model.name, (*where, "parameters", "precision_mode"), message)
