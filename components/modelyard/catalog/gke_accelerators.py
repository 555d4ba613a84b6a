"""What GKE calls an accelerator, and on which machines it is."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache

from modelyard.catalog.table import UnknownName, rows


@dataclass(frozen=True, slots=True)
class GkeAccelerator:
    """A GPU as ``guest_accelerators`` of a node pool takes it."""

    accelerator: str
    """The catalogue's name: ``L4``."""
    type: str
    """The cloud's: ``nvidia-l4``. The label ``cloud.google.com/gke-accelerator`` of its nodes has it too."""
    machine_series: tuple[str, ...]
    """Beginnings of the names of machine types that have it, or can: ``a2-highgpu``, ``n1``."""
    built_in: bool
    """Whether the machine type says how many there are; otherwise they are attached to it."""
    counts: tuple[int, ...]
    """How many one machine can have."""
    source: str
    source_date: str


@dataclass(frozen=True, slots=True)
class GkeTpu:
    """Machines with TPU chips of one slice, each a node of its own."""

    accelerator: str
    type: str
    """Label ``cloud.google.com/gke-tpu-accelerator`` of its nodes."""
    machine_type: str
    chips_per_node: int
    topology: str
    """Of a slice that is one node: ``2x4``."""
    source: str
    source_date: str


def gke_accelerator(accelerator: str, machine_type: str) -> GkeAccelerator:
    """The GPU of a machine type: H100 are ``nvidia-h100-80gb`` on a3-highgpu and ``nvidia-h100-mega-80gb`` on
    a3-megagpu.

    Raises:
        UnknownName: GKE has no such accelerator on such machines; the message lists machines that have it.
    """
    of_name = [each for each in _gpus() if each.accelerator == accelerator]
    if not of_name:
        raise UnknownName("accelerator of GKE", accelerator, {each.accelerator for each in _gpus()})
    for each in of_name:
        if machine_type.startswith(tuple(f"{series}-" for series in each.machine_series)):
            return each
    series = sorted({series for each in of_name for series in each.machine_series})
    raise UnknownName(f"machine type with {accelerator}", machine_type, (f"{each}-..." for each in series))


def gke_tpu(machine_type: str) -> GkeTpu:
    """The TPU of a machine type.

    Raises:
        UnknownName: no machine type with TPU is called so.
    """
    by_machine = {each.machine_type: each for each in _tpus()}
    if machine_type not in by_machine:
        raise UnknownName("machine type with TPU", machine_type, by_machine)
    return by_machine[machine_type]


@cache
def _gpus() -> tuple[GkeAccelerator, ...]:
    return tuple(
        GkeAccelerator(
            accelerator=row["accelerator"],
            type=row["type"],
            machine_series=tuple(row["machine_series"].split()),
            built_in=row["built_in"] == "yes",
            counts=tuple(int(count) for count in row["counts"].split()),
            source=row["source"],
            source_date=row["source_date"],
        )
        for row in rows("gke_accelerators.csv")
    )


@cache
def _tpus() -> tuple[GkeTpu, ...]:
    return tuple(
        GkeTpu(
            accelerator=row["accelerator"],
            type=row["type"],
            machine_type=row["machine_type"],
            chips_per_node=int(row["chips_per_node"]),
            topology=row["topology"],
            source=row["source"],
            source_date=row["source_date"],
        )
        for row in rows("gke_tpus.csv")
    )
