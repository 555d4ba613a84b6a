"""Instances of managed services: their shape, and what one hour of each costs (``data/managed_instances.csv``)."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from functools import cache

from modelyard.catalog import sagemaker_instances, vertex_machine_types
from modelyard.catalog.instance_types import UnknownInstanceType, instance, instances
from modelyard.catalog.service_prices import ServicePrice, service_price
from modelyard.catalog.table import UnknownName, rows

HOSTING = "SageMaker real-time inference"
"""Service of the price list that SageMaker's instances are sold by."""

COMPUTE_CLUSTER = "Azure ML compute cluster"
"""Service of the price list whose rows say what virtual machines cost in Azure ML."""


@dataclass(frozen=True, slots=True)
class ManagedInstance:
    """One instance type of one service in one region."""

    target: str
    region: str
    name: str
    """As the service writes it: ``ml.g5.xlarge``."""
    vcpu: int | None
    memory_gib: Decimal | None
    accelerator: str | None
    """As the catalogue writes it, such as ``L4``; None: it has none."""
    accelerator_count: int
    usd_per_hour: Decimal | None
    """None: no source gives it."""
    unpriced: str
    """Why there is no price; empty where there is one."""
    source: str
    """Of the price; empty where there is none."""
    source_date: str
    assumed: str | None = None
    """Why these are not simply the dollars of a source, or None."""

    @property
    def is_known(self) -> bool:
        """Whether anybody has said how large it is."""
        return self.vcpu is not None


def managed_instance(
    target: str, region: str, name: str, accelerator: tuple[str, int] | None = None
) -> ManagedInstance:
    """One instance type as a region sells it. A name that no table knows comes back without shape and price.

    Args:
        target: ``sagemaker``, ``vertex`` or ``azureml``.
        region: as the cloud writes it.
        name: as the service writes it.
        accelerator: GPUs added to the machine, as Vertex AI does; None: the machine's own.
    """
    if target == "vertex":
        return _vertex(region, name, accelerator)
    row = _service()[target]
    try:
        machine = instance(row["machines"], region, name.removeprefix(row["prefix"]))
    except UnknownInstanceType:
        machine = None
    usd, source, source_date, assumed = None, "", "", None
    if row["price_of"] == "service":
        price = service_price(row["machines"], HOSTING, name, region)
        if price is not None:
            usd, source, source_date = price.usd, price.source, price.source_date
            assumed = None if price.region else f"price of {name}: its source does not say which region it means"
    elif machine is not None and machine.usd_per_hour_on_demand is not None:
        usd, source, source_date = machine.usd_per_hour_on_demand, machine.source, machine.source_date
    elif target == "azureml":
        price = compute_cluster_price(region, name)
        if price is not None:
            usd, source, source_date = price.usd, price.source, price.source_date
    return ManagedInstance(
        target=target,
        region=region,
        name=name,
        vcpu=None if machine is None else machine.vcpu,
        memory_gib=None if machine is None else machine.memory_gib,
        accelerator=None if machine is None else machine.accelerator,
        accelerator_count=0 if machine is None else machine.accelerator_count,
        usd_per_hour=usd,
        unpriced="" if usd is not None else f"the catalog has no price of {name} in {region}",
        source=source,
        source_date=source_date,
        assumed=assumed,
    )


def compute_cluster_price(region: str, name: str) -> ServicePrice | None:
    """What Azure ML takes for an hour of a virtual machine, where the price list knows it by Azure ML's own rows."""
    return service_price("azure", COMPUTE_CLUSTER, f"{name} (equals VM price; no separate ML fee in source)", region)


def priced_instances(target: str, region: str) -> tuple[ManagedInstance, ...]:
    """Types that a service offers in a region, whose shape and price are both known, the cheapest first."""
    if target == "sagemaker":
        names = sagemaker_instances.in_region(region)
    elif target == "azureml":
        offered = {row["instance_type"] for row in rows("azureml_instances.csv")}
        names = tuple(each.name for each in instances("azure", region) if each.name in offered)
    else:
        names = ()
    found = (managed_instance(target, region, name) for name in names)
    known = [each for each in found if each.is_known and each.usd_per_hour is not None]
    return tuple(sorted(known, key=lambda each: (each.usd_per_hour or Decimal(0), each.name)))


def _vertex(region: str, name: str, accelerator: tuple[str, int] | None) -> ManagedInstance:
    try:
        machine = vertex_machine_types.get(name)
    except UnknownName:
        machine = None
    gpus = accelerator
    if gpus is None and machine is not None:
        gpus = vertex_machine_types.gpus(name, None, None)
    return ManagedInstance(
        target="vertex",
        region=region,
        name=name,
        vcpu=None if machine is None else machine.cores,
        memory_gib=None if machine is None else machine.memory_gib,
        accelerator=None if gpus is None else gpus[0],
        accelerator_count=0 if gpus is None else gpus[1],
        usd_per_hour=None,
        unpriced=f"the catalog has no price of a node hour of Vertex AI prediction ({name})",
        source="",
        source_date="",
    )


@cache
def _service() -> dict[str, dict[str, str]]:
    return {row["target"]: dict(row) for row in rows("managed_instances.csv")}
