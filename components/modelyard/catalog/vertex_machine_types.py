"""Machine types that Vertex AI serves models on, and the GPUs that each of them takes
(``data/vertex_machine_types.csv``).

A GPU comes with the machine types of the g2, a2, a3 and g4 series, in a fixed number; to those of n1 it is added; e2,
n2, c2 and c3 take none ("Configure compute resources for inference" of Vertex AI's documentation).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from functools import cache

from .spelling import nearest
from .table import UnknownName, rows


@dataclass(frozen=True, slots=True)
class VertexMachineType:
    name: str
    cores: int
    memory_gib: Decimal
    accelerators: Mapping[str, tuple[int, ...]]
    """Numbers of each GPU that a machine can have, by the name of the accelerator; empty: it takes none."""
    source: str
    source_date: str

    @property
    def has_own(self) -> bool:
        """Whether its GPUs come with it: there is one kind in one number."""
        return [len(counts) for counts in self.accelerators.values()] == [1]


def names() -> tuple[str, ...]:
    """Known names, in the order of the table."""
    return tuple(_by_name())


def nearest_names(name: str) -> tuple[str, ...]:
    """Those of the same series, or else all."""
    series = name.split("-")[0]
    return tuple(each for each in names() if each.split("-")[0] == series) or names()


def get(name: str) -> VertexMachineType:
    """The machine type of exactly this name.

    Raises:
        UnknownName: Vertex AI serves on no such machine type; the message names the nearest.
    """
    try:
        return _by_name()[name]
    except KeyError:
        raise UnknownName("machine type of Vertex AI", name, nearest_names(name)) from None


def gpus(machine_type: str, accelerator: str | None, count: int | None) -> tuple[str, int] | None:
    """The GPUs of a replica, or None: as named, or else the machine type's own."""
    machine = get(machine_type)
    if accelerator is not None:
        own = machine.accelerators.get(accelerator, ())
        return accelerator, count or (own[0] if machine.has_own and own else 1)
    if machine.has_own:
        ((own_accelerator, (own_count,)),) = machine.accelerators.items()
        return own_accelerator, own_count
    return None


def problems(machine_type: str, accelerator: str | None, count: int | None) -> list[str]:
    """Why this machine type cannot have these GPUs; empty where it can."""
    if machine_type not in _by_name():
        return []
    machine = get(machine_type)
    if accelerator is None:
        if count is None or (machine.has_own and (count,) in machine.accelerators.values()):
            return []
        if machine.has_own:
            ((own_accelerator, (own_count,)),) = machine.accelerators.items()
            return [
                f"accelerator_count {count} does not fit {machine_type}, which has {own_count} {own_accelerator}; "
                + _other_type(own_accelerator, count, machine_type)
            ]
        return [f"accelerator_count is {count} and no accelerator is named; name it, or delete accelerator_count"]
    counts = machine.accelerators.get(accelerator)
    if counts is None:
        has = ", ".join(machine.accelerators) or "no GPU"
        return [
            f"{machine_type} takes {has} and not {accelerator}; " + _other_type(accelerator, count or 1, machine_type)
        ]
    _, wanted = gpus(machine_type, accelerator, count) or (accelerator, 1)
    if wanted not in counts:
        return [
            f"{machine_type} takes {_listed(counts)} {accelerator}, not {wanted}; "
            + _other_type(accelerator, wanted, machine_type)
        ]
    return []


def _other_type(accelerator: str, count: int, like: str) -> str:
    """What to do: the machine types that have so many of that GPU, the one most like the given first."""
    having = [each.name for each in _by_name().values() if count in each.accelerators.get(accelerator, ())]
    if having:
        closest = nearest(like, having)
        first = [closest] if closest else []
        return f"machine types with {count} {accelerator}: {', '.join([*first, *(n for n in having if n != closest)])}"
    kinds = dict.fromkeys(name for each in _by_name().values() for name in each.accelerators)
    if accelerator in kinds:
        most = sorted({number for each in _by_name().values() for number in each.accelerators.get(accelerator, ())})
        return f"machine types have {_listed(most)} {accelerator}; set accelerator_count to one of these"
    return f"Vertex AI serves on {', '.join(kinds)}"


def _listed(numbers: tuple[int, ...] | list[int]) -> str:
    shown = [str(number) for number in numbers]
    return shown[0] if len(shown) == 1 else f"{', '.join(shown[:-1])} or {shown[-1]}"


@cache
def _by_name() -> dict[str, VertexMachineType]:
    return {
        row["name"]: VertexMachineType(
            row["name"],
            int(row["cores"]),
            Decimal(row["memory_gib"]),
            _accelerators(row["accelerators"]),
            row["source"],
            row["source_date"],
        )
        for row in rows("vertex_machine_types.csv")
    }


def _accelerators(text: str) -> dict[str, tuple[int, ...]]:
    """``T4:1|2|4;V100:1|2|4|8``"""
    found = {}
    for one in filter(None, text.split(";")):
        name, _, counts = one.partition(":")
        found[name] = tuple(map(int, counts.split("|")))
    return found
