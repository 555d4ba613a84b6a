"""What an accelerator computes with, and which formats of models it runs."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal, cast

from modelyard.catalog import accelerators
from modelyard.catalog.accelerators import Accelerator, capability
from modelyard.catalog.table import rows

Precision = Literal["fp64", "fp32", "tf32", "fp16", "bf16", "fp8", "fp4", "int8"]
PRECISIONS: tuple[Precision, ...] = ("fp64", "fp32", "tf32", "fp16", "bf16", "fp8", "fp4", "int8")
Units = Literal["tensor", "cores"]
"""tensor: its matrix units take the type (tensor cores, NeuronCore's tensor engine, a TPU's matrix unit). cores: only
its other units do, many times slower."""


@dataclass(frozen=True, slots=True)
class RunnableFormat:
    name: str
    """As model.yaml has it: ``onnx``, ``tensorrt`` ..."""
    bound_to_capability: bool
    """Whether a model in this format runs on the compute capability alone that it was built for."""
    source: str
    source_date: str


def precisions(accelerator: str) -> Mapping[Precision, Units]:
    """The types that it computes with, and by which of its units. Empty where no source read so far says so.

    Raises:
        UnknownName: no accelerator is called so.
    """
    found = accelerators.get(accelerator)
    for row in rows("accelerator_precisions.csv"):
        if row["architecture"] == found.architecture and capability(row["compute_capability"]) == _capability(found):
            return {name: cast(Units, row[name]) for name in PRECISIONS if row[name]}
    return {}


def formats(accelerator: str) -> tuple[RunnableFormat, ...]:
    """Formats that some serving runtime runs on it. A runtime's release may ask for a newer accelerator.

    Raises:
        UnknownName: no accelerator is called so.
    """
    found = accelerators.get(accelerator)
    return tuple(
        RunnableFormat(row["format"], row["bound_to_capability"] == "yes", row["source"], row["source_date"])
        for row in rows("accelerator_formats.csv")
        if row["resource"] == found.resource
        and (capability(row["min_compute_capability"]) or (0, 0)) <= (_capability(found) or (0, 0))
    )


def _capability(accelerator: Accelerator) -> tuple[int, int] | None:
    return accelerator.compute_capability
