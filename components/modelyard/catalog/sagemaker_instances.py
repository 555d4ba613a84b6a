"""Instance types of SageMaker's hosting: where each is offered, and with which accelerator."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from typing import Literal

from modelyard.catalog.table import UnknownName, rows

Architecture = Literal["x86_64", "arm64"]


@dataclass(frozen=True, slots=True)
class SageMakerInstanceType:
    """One type, ``ml.g5.xlarge``."""

    name: str
    architecture: Architecture
    accelerator: str
    """``gpu`` or ``neuron``; empty: none."""
    accelerator_count: int | None
    """None: no source gives it, or there is none."""
    has_local_disk: bool
    """NVMe disks of its own, which SageMaker uses in place of an EBS volume and encrypts by itself."""
    regions: frozenset[str]
    source: str
    source_date: str

    @property
    def has_gpu(self) -> bool:
        return self.accelerator == "gpu"


def get(name: str) -> SageMakerInstanceType:
    """One type.

    Raises:
        UnknownName: SageMaker hosts on no such type in any region.
    """
    try:
        return _by_name()[name]
    except KeyError:
        raise UnknownName("SageMaker instance type", name, _by_name()) from None


def names() -> tuple[str, ...]:
    """Every type, by name."""
    return tuple(_by_name())


def regions() -> frozenset[str]:
    """Regions that host models at all."""
    return frozenset(region for found in _by_name().values() for region in found.regions)


def in_region(region: str) -> tuple[str, ...]:
    """Types that a region offers, by name; empty where the region hosts nothing."""
    return tuple(name for name, found in _by_name().items() if region in found.regions)


@cache
def _by_name() -> dict[str, SageMakerInstanceType]:
    return {
        row["instance_type"]: SageMakerInstanceType(
            name=row["instance_type"],
            architecture="arm64" if row["architecture"] == "arm64" else "x86_64",
            accelerator=row["accelerator"],
            accelerator_count=int(row["accelerator_count"]) if row["accelerator_count"] else None,
            has_local_disk=row["local_disk"] == "yes",
            regions=frozenset(row["regions"].split()),
            source=row["source"],
            source_date=row["source_date"],
        )
        for row in rows("sagemaker_instance_types.csv")
    }
