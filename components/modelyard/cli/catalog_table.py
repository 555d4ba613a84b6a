"""What ``modelyard catalog`` shows a person."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from decimal import ROUND_HALF_UP, Decimal
from typing import IO, Any

from rich.console import Console
from rich.text import Text

from ..catalog import accelerator_abilities, mig_profiles, search
from ..catalog.accelerators import Accelerator
from ..catalog.instance_shapes import InstanceShape, shapes
from ..catalog.mig_profiles import MigProfile
from ..catalog.regions import Region
from ..catalog.search import FoundInstance, usd_per_gib
from ..review.terminal.section import Page

_WIDTH_OF_A_FILE = 200
_UNKNOWN = "-"
_DISK_GIB = 375
"""Of a local SSD that is asked for on Google Cloud ("About Local SSD disks")."""


def show_found(kind: str, found: Sequence[Any], file: IO[str], *, spot: bool, per_gib: bool = False) -> None:
    """A table, and under it what its figures are; one accelerator alone is described further.

    Machine types are shown with the price of a GiB of accelerator memory where ``per_gib`` asks for it.
    """
    console = _Console(file=file, markup=False, highlight=False, emoji=False)
    if not console.is_terminal:
        console.width = _WIDTH_OF_A_FILE
    page = Page(console, full=True)
    if kind == "instances":
        _instances(page, found, spot, per_gib)
    else:
        _TABLES[kind](page, found)
    if kind == "accelerators" and len(found) == 1:
        _describe(page, found[0])


class _Console(Console):
    def on_broken_pipe(self) -> None:
        raise BrokenPipeError


def _instances(page: Page, found: Sequence[FoundInstance], spot: bool, per_gib: bool) -> None:
    columns = (
        "Type,Cloud,Cheapest in,>vCPU,>GiB,Accelerator,>GiB each,>Gbit/s,Fabric,>SSD GiB,>$/hour,>spot $/hour,As of"
    )
    if per_gib:
        _table(page, f"{columns},>$/GiB", ([*_instance(each), _usd(usd_per_gib(each.cheapest))] for each in found))
    else:
        _table(page, columns, (_instance(each) for each in found))
    kind = "spot" if spot else "on-demand"
    page.item(
        f"{len(found)} of the machine types; {_UNKNOWN}: no source read so far says so. List prices in USD, on the day "
        f"shown, in the region whose {kind} price is least; --json has every region and source."
    )


def _instance(found: FoundInstance) -> list[object]:
    row, shape = found.cheapest, found.cheapest.shape
    accelerator = f"{row.accelerator_count} x {row.accelerator}" if row.accelerator else ""
    memory = row.usable_accelerator_memory_mib
    return [
        row.name,
        row.cloud,
        row.region or _UNKNOWN,
        row.vcpu,
        row.memory_gib,
        accelerator,
        "" if memory is None else round(Decimal(memory) / 1024, 1),
        _known(shape and shape.network_gbit_per_second),
        "" if shape is None else _fabric(shape.fabric, shape.efa_interfaces),
        _UNKNOWN if shape is None else _local_ssd(shape),
        _usd(row.usd_per_hour_on_demand),
        _usd(row.usd_per_hour_spot) + ("?" if row.spot_suspect else ""),
        row.source_date or _UNKNOWN,
    ]


def _accelerators(page: Page, found: Sequence[Accelerator]) -> None:
    columns = "Name,Generation,Capability,>GiB sold,>MiB reported,MIG,Matrix units take,Resource,Clouds"
    _table(page, columns, (_accelerator(each) for each in found))


def _accelerator(accelerator: Accelerator) -> list[object]:
    units = accelerator_abilities.precisions(accelerator.name)
    most = max((each.instances_per_gpu for each in mig_profiles.profiles(accelerator.name)), default=0)
    capability = accelerator.compute_capability
    return [
        accelerator.name,
        accelerator.architecture,
        "" if capability is None else f"{capability[0]}.{capability[1]}",
        accelerator.memory_gib,
        _known(accelerator.reported_memory_mib),
        f"up to {most}" if most else "no",
        " ".join(name for name, unit in units.items() if unit == "tensor") or _UNKNOWN,
        accelerator.resource,
        " ".join(_machines(accelerator)),
    ]


def _describe(page: Page, accelerator: Accelerator) -> None:
    page.console.print()
    slower = [name for name, unit in accelerator_abilities.precisions(accelerator.name).items() if unit == "cores"]
    if slower:
        page.item(f"Takes {' '.join(slower)} outside its matrix units.")
    formats = accelerator_abilities.formats(accelerator.name)
    bound = [each.name for each in formats if each.bound_to_capability]
    page.item(f"Runs {', '.join(each.name for each in formats) or 'no format of a serving runtime'}.")
    if bound:
        page.item(f"A model in {', '.join(bound)} is built for one compute capability.")
    for profile in mig_profiles.profiles(accelerator.name):
        page.item(f"MIG {profile.name}: {profile.instances_per_gpu} instances of {_mib(profile)} MiB.")
    for cloud, names in _machines(accelerator).items():
        page.item(f"{cloud}: {', '.join(names)}")
    page.item(f"Source: {accelerator.source} ({accelerator.source_date})")


def _mig(page: Page, found: Sequence[MigProfile]) -> None:
    columns = "Accelerator,Profile,>Instances,>Slices,>MiB of one,Resource (strategy mixed)"
    _table(page, columns, ([each.accelerator, each.name, each.instances_per_gpu, each.compute_slices, _mib(each),
                            f"nvidia.com/mig-{each.name}"] for each in found))  # fmt: skip
    page.item("'at least' is a careful estimate: no source read so far says what a node reports. With strategy single, "
              "which pools of this project have, instances are nvidia.com/gpu.")  # fmt: skip


def _regions(page: Page, found: Sequence[Region]) -> None:
    columns = "Region,Cloud,Place,>Priced types,Accelerators"
    _table(page, columns, ([each.name, each.cloud, each.place, each.priced_types or _UNKNOWN,
                            " ".join(sorted(search.accelerators_in(each)))] for each in found))  # fmt: skip


def _table(page: Page, columns: str, rows: Iterable[Sequence[object]]) -> None:
    table = page.table()
    for column in columns.split(","):
        right = column.startswith(">")
        name = column.removeprefix(">")
        table.add_column(page.text(name), justify="right" if right else "left", overflow="fold")
    for row in rows:
        table.add_row(*(Text(page.text(cell)) for cell in row))
    page.console.print(table)


def _machines(accelerator: Accelerator) -> Mapping[str, list[str]]:
    found: dict[str, list[str]] = {}
    for (cloud, name), shape in shapes().items():
        if shape.accelerator == accelerator.name:
            found.setdefault(cloud, []).append(name)
    return found


def _mib(profile: MigProfile) -> str:
    return f"{'' if profile.reported_memory_mib is not None else 'at least '}{profile.usable_memory_mib}"


def _fabric(fabric: str | None, efa_interfaces: int) -> str:
    return f"efa x {efa_interfaces}" if efa_interfaces else fabric or ""


def _local_ssd(shape: InstanceShape) -> object:
    if shape.local_ssd_choices:
        return f"0 to {max(shape.local_ssd_choices) * _DISK_GIB}"
    return _known(shape.local_ssd_gib)


def _usd(amount: Decimal | None) -> str:
    return _UNKNOWN if amount is None else f"{amount.quantize(Decimal('0.0001'), ROUND_HALF_UP):,f}"


def _known(value: object | None) -> object:
    return _UNKNOWN if value is None else value


_TABLES: Mapping[str, Callable[[Page, Sequence[Any]], None]] = {
    "accelerators": _accelerators,
    "mig": _mig,
    "regions": _regions,
}
