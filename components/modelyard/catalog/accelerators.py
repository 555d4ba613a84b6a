"""Accelerators by the name that people type: ``T4``, ``L4``, ``A100-80GB``."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from functools import cache

from modelyard.catalog.table import UnknownName, rows


@dataclass(frozen=True, slots=True)
class Accelerator:
    name: str
    memory_gib: Decimal
    """Nominal, as sold."""
    reported_memory_mib: int | None
    """What a node reports and a model really gets (the lesser of ``nvidia-smi`` and the cloud's API where both are
    known); None where no source says so."""
    architecture: str
    """Generation: ``turing``, ``ampere``, ``ada``, ``hopper``, ``blackwell``, ``neuron-v2`` ..."""
    compute_capability: tuple[int, int] | None
    """CUDA compute capability; None for an accelerator that is not NVIDIA's."""
    resource: str
    """The Kubernetes resource that pods ask for: ``nvidia.com/gpu``, ``aws.amazon.com/neuron``, ``google.com/tpu``."""
    source: str
    source_date: str

    @property
    def usable_memory_mib(self) -> int:
        """Memory to size against: as reported, or else the nominal figure."""
        return self.reported_memory_mib or int(self.memory_gib * 1024)


def get(name: str) -> Accelerator:
    """The accelerator of exactly this name.

    Raises:
        UnknownName: no such accelerator; the message lists the known ones and the nearest.
    """
    try:
        return _by_name()[name]
    except KeyError:
        raise UnknownName("accelerator", name, _by_name()) from None


def names() -> tuple[str, ...]:
    """Known names, in the order of the table: NVIDIA's from the smallest up, then Neuron and TPU."""
    return tuple(_by_name())


@cache
def _by_name() -> dict[str, Accelerator]:
    return {
        row["name"]: Accelerator(
            name=row["name"],
            memory_gib=Decimal(row["memory_gib"]),
            reported_memory_mib=int(row["reported_memory_mib"]) if row["reported_memory_mib"] else None,
            architecture=row["architecture"],
            compute_capability=capability(row["compute_capability"]),
            resource=row["resource"],
            source=row["source"],
            source_date=row["source_date"],
        )
        for row in rows("accelerators.csv")
    }


def capability(text: str) -> tuple[int, int] | None:
    """``"8.9"`` as ``(8, 9)``, so that 10.0 is more than 9.0; an empty text is None."""
    if not text:
        return None
    major, minor = text.split(".")
    return int(major), int(minor)
