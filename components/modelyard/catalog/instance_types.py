"""Instance types: shape and list price per hour, by cloud and region."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from decimal import Decimal
from functools import cache

from modelyard.catalog import accelerators
from modelyard.catalog.instance_shapes import InstanceShape, shapes
from modelyard.catalog.spelling import nearest
from modelyard.catalog.table import rows


class UnknownInstanceType(LookupError):
    """No row of the catalog holds this instance type in any region of the cloud."""

    def __init__(self, cloud: str, name: str) -> None:
        known = {known for known_cloud, known in _shapes() if known_cloud == cloud}
        closest = nearest(name, known)
        hint = f" Did you mean {closest!r}?" if closest else ""
        super().__init__(f"no {cloud} instance type is called {name!r} in the catalog.{hint}")
        self.name = name
        self.nearest = closest


@dataclass(frozen=True, slots=True)
class InstanceType:
    """A machine as one region sells it. Prices are USD list prices per hour, accelerators included."""

    cloud: str
    region: str
    name: str
    vcpu: int
    memory_gib: Decimal
    accelerator: str | None
    accelerator_count: int
    accelerator_memory_gib: Decimal | None
    """Nominal memory of one accelerator."""
    usd_per_hour_on_demand: Decimal | None
    """None: no source gives it."""
    usd_per_hour_spot: Decimal | None
    """A snapshot, median over zones; None: no source gives it."""
    source: str
    source_date: str
    """Of the prices; empty where the source had none, and where the region has no row."""
    max_pods: int | None = None
    """Pods that EKS lets the node run (one address each); None outside EKS."""
    reported_accelerator_memory_mib: int | None = None
    """Memory of one accelerator as a node reports it; None where no source says so."""
    spot_suspect: str | None = None
    """Why the spot price should not be trusted, or None."""

    @property
    def accelerator_resource(self) -> str | None:
        """The Kubernetes resource of its accelerators, or None."""
        return accelerators.get(self.accelerator).resource if self.accelerator else None

    @property
    def gpu_count(self) -> int:
        """How many ``nvidia.com/gpu`` a node of this type offers."""
        return self.accelerator_count if self.accelerator_resource == "nvidia.com/gpu" else 0

    @property
    def usable_accelerator_memory_mib(self) -> int | None:
        """Memory of one accelerator to size against: the least that a source reports, or else nominal."""
        if self.accelerator is None or self.accelerator_memory_gib is None:
            return None
        found = [self.reported_accelerator_memory_mib]
        accelerator = accelerators.get(self.accelerator)
        # A V100 has 16 or 32 GiB: what is reported of one says nothing of the other.
        if accelerator.memory_gib == self.accelerator_memory_gib:
            found.append(accelerator.reported_memory_mib)
        reported = [each for each in found if each is not None]
        return min(reported) if reported else int(self.accelerator_memory_gib * 1024)

    @property
    def shape(self) -> InstanceShape | None:
        """Its network, disks and processor architecture; None where no source read so far says so."""
        return shapes().get((self.cloud, self.name))


def instances(cloud: str, region: str) -> tuple[InstanceType, ...]:
    """Instance types that the region is known to sell, by name. Empty for a region without a single row."""
    return _by_region().get((cloud, region), ())


def instance(cloud: str, region: str, name: str) -> InstanceType:
    """One instance type.

    A type known from another region only, or without a price anywhere, comes back with this region, both prices None
    and no source: its shape is a fact, its price here is not.

    Raises:
        UnknownInstanceType: the cloud has no such type in any region.
    """
    row = _by_name().get((cloud, region, name))
    if row is not None:
        return row
    shape = _shapes().get((cloud, name))
    if shape is None:
        raise UnknownInstanceType(cloud, name)
    return replace(
        shape,
        region=region,
        usd_per_hour_on_demand=None,
        usd_per_hour_spot=None,
        source="",
        source_date="",
        spot_suspect=None,
    )


@cache
def _by_region() -> dict[tuple[str, str], tuple[InstanceType, ...]]:
    grouped: dict[tuple[str, str], list[InstanceType]] = {}
    for row in _by_name().values():
        grouped.setdefault((row.cloud, row.region), []).append(row)
    return {key: tuple(sorted(found, key=lambda each: each.name)) for key, found in grouped.items()}


@cache
def _shapes() -> dict[tuple[str, str], InstanceType]:
    found: dict[tuple[str, str], InstanceType] = {}
    for row in _by_name().values():
        found.setdefault((row.cloud, row.name), row)
    for key, shape in shapes().items():
        if key not in found:
            found[key] = _without_price(shape)
    return found


def _without_price(shape: InstanceShape) -> InstanceType:
    node = _aws_nodes().get(shape.name, {}) if shape.cloud == "aws" else {}
    return InstanceType(
        cloud=shape.cloud,
        region="",
        name=shape.name,
        vcpu=shape.vcpu,
        memory_gib=shape.memory_gib,
        accelerator=shape.accelerator,
        accelerator_count=shape.accelerator_count,
        accelerator_memory_gib=accelerators.get(shape.accelerator).memory_gib if shape.accelerator else None,
        usd_per_hour_on_demand=None,
        usd_per_hour_spot=None,
        source="",
        source_date="",
        max_pods=int(node["max_pods"]) if node.get("max_pods") else None,
        reported_accelerator_memory_mib=int(node["gpu_memory_mib"]) if node.get("gpu_memory_mib") else None,
    )


@cache
def _aws_nodes() -> Mapping[str, Mapping[str, str]]:
    return {row["instance_type"]: row for row in rows("aws_nodes.csv")}


@cache
def _by_name() -> dict[tuple[str, str, str], InstanceType]:
    suspects = {(row["cloud"], row["accelerator"]): row["reason"] for row in rows("spot_suspects.csv")}
    found: dict[tuple[str, str, str], InstanceType] = {}
    for row in rows("instances.csv"):
        node = _aws_nodes().get(row["instance_type"], {}) if row["cloud"] == "aws" else {}
        max_pods, reported = node.get("max_pods"), node.get("gpu_memory_mib")
        found[row["cloud"], row["region"], row["instance_type"]] = InstanceType(
            cloud=row["cloud"],
            region=row["region"],
            name=row["instance_type"],
            vcpu=int(row["vcpu"]),
            memory_gib=Decimal(row["memory_gib"]),
            accelerator=row["gpu_model"] or None,
            accelerator_count=int(row["gpu_count"] or 0),
            accelerator_memory_gib=_decimal(row["gpu_memory_gib"]),
            usd_per_hour_on_demand=_decimal(row["usd_per_hour_on_demand"]),
            usd_per_hour_spot=_decimal(row["usd_per_hour_spot"]),
            source=row["source"],
            source_date=row["source_date"],
            max_pods=int(max_pods) if max_pods else None,
            reported_accelerator_memory_mib=int(reported) if reported else None,
            spot_suspect=suspects.get((row["cloud"], row["gpu_model"])) if row["usd_per_hour_spot"] else None,
        )
    return found


def _decimal(text: str) -> Decimal | None:
    return Decimal(text) if text else None
