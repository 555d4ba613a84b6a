"""VM sizes that managed online endpoints offer: ``catalog/data/azureml_instances.csv``.

Follows "Managed online endpoints SKU list" of Azure Machine Learning. The list has no regions; where one sells a size
is known for the regions of ``instances.csv`` alone.
"""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction
from functools import cache

from ...catalog import instance_types
from ...catalog.table import rows
from ...environment.known_name import unknown


@dataclass(frozen=True, slots=True)
class EndpointInstanceType:
    """A VM size that a managed online deployment may run on."""

    name: str
    vcpu: int
    gpus: Fraction
    """A part of one where the size shares a GPU."""
    gpu_model: str
    """Empty without."""
    reserves_upgrade_quota: bool
    """Whether Azure wants a fifth more quota than instances, for upgrades."""
    source: str
    source_date: str


def instance_type_problem(name: str, location: str, gpus: int | None = None) -> str | None:
    """Why a managed online deployment cannot run on this size there, or None.

    Args:
        name: VM size, for example ``Standard_DS3_v2``.
        location: Azure location, for example ``westeurope``.
        gpus: that the model needs; None: not said.
    """
    found = _table().get(name)
    if found is None:
        return unknown("a VM size that managed online endpoints offer", name, _table())
    sold = _regions().get(name)
    if sold and location in _known_regions() and location not in sold:
        return f"{name} is not sold in {location} as far as the catalogue knows; it is in {', '.join(sold)}"
    if gpus and found.gpus < gpus:
        has = "no GPU" if not found.gpus else f"{found.gpus} of a GPU" if found.gpus < 1 else f"{found.gpus} GPU"
        fitting = [each.name for each in _table().values() if each.gpus >= gpus]
        return f"{name} has {has}, and the model needs {gpus}; take one of {', '.join(fitting[:6])}"
    return None


def cheapest(cpu: float, memory_gib: float, gpus: int, location: str) -> str | None:
    """The size with the lowest list price there that offers so much, and no GPU where none is asked for; None where
    none is known."""
    table = _table()
    fitting = [
        (shape.usd_per_hour_on_demand, shape.name)
        for shape in instance_types.instances("azure", location)
        if shape.name in table
        and shape.usd_per_hour_on_demand is not None
        and table[shape.name].gpus >= gpus
        and (gpus or not table[shape.name].gpus)
        and shape.vcpu >= cpu
        and shape.memory_gib >= memory_gib
    ]
    return min(fitting)[1] if fitting else None


def get(name: str) -> EndpointInstanceType:
    """Raises KeyError for a size that managed online endpoints do not offer."""
    return _table()[name]


@cache
def _table() -> dict[str, EndpointInstanceType]:
    return {
        row["instance_type"]: EndpointInstanceType(
            row["instance_type"],
            int(row["vcpu"]),
            Fraction(row["gpus"]),
            row["gpu_model"],
            row["reserves_upgrade_quota"] == "yes",
            row["source"],
            row["source_date"],
        )
        for row in rows("azureml_instances.csv")
    }


@cache
def _known_regions() -> frozenset[str]:
    return frozenset(row["region"] for row in rows("instances.csv") if row["cloud"] == "azure")


@cache
def _regions() -> dict[str, list[str]]:
    found: dict[str, list[str]] = {}
    for row in rows("instances.csv"):
        if row["cloud"] == "azure":
            found.setdefault(row["instance_type"], []).append(row["region"])
    return found
