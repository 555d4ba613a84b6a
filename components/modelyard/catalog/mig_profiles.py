"""How a GPU is cut into instances (Multi-Instance GPU).

Profiles, and how many fit on one GPU, follow NVIDIA's MIG User Guide. The memory is what a node reports of one
instance, which is less than the figure in the profile's name: an H200 cut by ``1g.18gb`` has 16.0 GiB in each.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache

from modelyard.catalog import accelerators
from modelyard.catalog.spelling import nearest
from modelyard.catalog.table import rows

_LEAST_SHARE_OF_NAME = (9, 10)
"""Of all instances with a reported memory, none has less than 0.95 of the figure in its profile's name."""


class UnknownMigProfile(LookupError):
    """The accelerator cannot be cut so. The message says what it can be cut into, or which accelerators can be."""


@dataclass(frozen=True, slots=True)
class MigProfile:
    """One way to cut a GPU into equal instances."""

    accelerator: str
    name: str
    """As NVIDIA writes it: ``1g.10gb``."""
    compute_slices: int
    """Of the seven that most GPUs have (A30 and RTX PRO 6000: four; RTX PRO 4500: two)."""
    instances_per_gpu: int
    """The most that fit, when the whole GPU is cut by this profile."""
    reported_memory_mib: int | None
    """Of one instance, as a node reports it; None where no source says so."""
    source: str
    source_date: str

    @property
    def usable_memory_mib(self) -> int:
        """Memory of one instance to size against: as reported, or else nine tenths of the name's figure (GB of 10^9
        bytes), which is less than any instance of a known memory has."""
        if self.reported_memory_mib is not None:
            return self.reported_memory_mib
        share, whole = _LEAST_SHARE_OF_NAME
        return _name_bytes(self.name) * share // whole // 2**20


def profiles(accelerator: str) -> tuple[MigProfile, ...]:
    """Of one accelerator, from the smallest instance to the whole GPU; empty for one without MIG."""
    return tuple(each for each in _table() if each.accelerator == accelerator)


def profile(accelerator: str, name: str) -> MigProfile:
    """One profile of one accelerator.

    Raises:
        UnknownName: no accelerator is called so.
        UnknownMigProfile: the accelerator has no MIG, or not this profile.
    """
    accelerators.get(accelerator)
    offered = {each.name: each for each in profiles(accelerator)}
    if name in offered:
        return offered[name]
    if not offered:
        raise UnknownMigProfile(
            f"{accelerator} cannot be cut into MIG instances; those that can: {', '.join(accelerators_with_mig())}"
        )
    closest = nearest(name, offered)
    hint = f" Did you mean {closest!r}?" if closest else ""
    raise UnknownMigProfile(f"{accelerator} has no MIG profile {name!r}; it has: {', '.join(offered)}.{hint}")


def accelerators_with_mig() -> tuple[str, ...]:
    """Names of the accelerators that can be cut, in the order of the table."""
    return tuple(dict.fromkeys(each.accelerator for each in _table()))


def _name_bytes(name: str) -> int:
    return int(name.partition(".")[2].partition("gb")[0]) * 10**9


@cache
def _table() -> tuple[MigProfile, ...]:
    return tuple(
        MigProfile(
            accelerator=row["accelerator"],
            name=row["profile"],
            compute_slices=int(row["compute_slices"]),
            instances_per_gpu=int(row["instances_per_gpu"]),
            reported_memory_mib=int(row["memory_mib"]) if row["memory_mib"] else None,
            source=row["source"],
            source_date=row["source_date"],
        )
        for row in rows("mig_profiles.csv")
    )
