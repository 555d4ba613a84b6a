"""What a machine type is made of, whatever region sells it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from functools import cache
from typing import Literal, cast

from modelyard.catalog.table import rows

Fabric = Literal["efa", "infiniband", "gpudirect-tcpx", "gpudirect-tcpxo", "gpudirect-rdma"]


@dataclass(frozen=True, slots=True)
class InstanceShape:
    """None and an empty text mean that no source read so far says so, not that there is none."""

    cloud: str
    name: str
    vcpu: int
    memory_gib: Decimal
    architecture: Literal["x86_64", "arm64"]
    accelerator: str | None
    accelerator_count: int
    network_gbit_per_second: Decimal | None
    """At most; AWS: of the whole machine, baseline for small ones."""
    network_cards: int | None
    """AWS: cards, each of which interfaces lie on."""
    network_interfaces: int | None
    """The most that the machine takes, over all cards."""
    efa_interfaces: int
    """AWS: the most EFA interfaces, one on each card; 0 without EFA. Fewer than ``network_cards``: the first card has
    none (p6-b300)."""
    fabric: Fabric | None
    """The network for GPUs that the machine can join; None: it has none."""
    local_ssd_count: int | None
    """Disks that are in the machine whether asked for or not."""
    local_ssd_gib: int | None
    """Of all of them together; 0: it has none."""
    local_ssd_choices: tuple[int, ...]
    """Google Cloud: how many disks of 375 GiB one may ask for; empty where one may not."""
    temp_disk_gib: int | None
    """Azure: the resource disk."""
    quota_family: str
    """As the cloud's quotas name it: ``G and VT`` (AWS, in vCPUs), ``standardNCADSA100v4Family`` (Azure, in vCPUs),
    ``NVIDIA_L4_GPUS`` (Google Cloud, in GPUs; spot: with ``PREEMPTIBLE_`` before it)."""
    source: str
    source_date: str

    @property
    def has_local_ssd(self) -> bool:
        """Whether nodes can have disks of their own, asked for or not."""
        return bool(self.local_ssd_gib or self.local_ssd_count or self.local_ssd_choices)


def shape(cloud: str, name: str) -> InstanceShape | None:
    """Of one machine type; None where the table has none."""
    return shapes().get((cloud, name))


@cache
def shapes() -> dict[tuple[str, str], InstanceShape]:
    """All that are known, by cloud and name."""
    return {(row["cloud"], row["instance_type"]): _shape(row) for row in rows("instance_shapes.csv")}


def _shape(row: Mapping[str, str]) -> InstanceShape:
    return InstanceShape(
        cloud=row["cloud"],
        name=row["instance_type"],
        vcpu=int(row["vcpu"]),
        memory_gib=Decimal(row["memory_gib"]),
        architecture=cast(Literal["x86_64", "arm64"], row["architecture"]),
        accelerator=row["accelerator"] or None,
        accelerator_count=int(row["accelerator_count"] or 0),
        network_gbit_per_second=Decimal(row["network_gbit_per_second"]) if row["network_gbit_per_second"] else None,
        network_cards=_whole(row["network_cards"]),
        network_interfaces=_whole(row["network_interfaces"]),
        efa_interfaces=int(row["efa_interfaces"]),
        fabric=cast(Fabric, row["fabric"]) if row["fabric"] else None,
        local_ssd_count=_whole(row["local_ssd_count"]),
        local_ssd_gib=_whole(row["local_ssd_gib"]),
        local_ssd_choices=tuple(int(count) for count in row["local_ssd_choices"].split()),
        temp_disk_gib=_whole(row["temp_disk_gib"]),
        quota_family=row["quota_family"],
        source=row["source"],
        source_date=row["source_date"],
    )


def _whole(text: str) -> int | None:
    return int(text) if text else None
