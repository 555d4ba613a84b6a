"""Finding accelerators, MIG profiles, machine types and regions by words and by what they must have."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal
from typing import Literal, TypeVar

from modelyard.catalog import accelerator_abilities, accelerators, mig_profiles, regions
from modelyard.catalog.accelerators import Accelerator
from modelyard.catalog.instance_shapes import shapes
from modelyard.catalog.instance_types import InstanceType, instance, instances
from modelyard.catalog.mig_profiles import MigProfile
from modelyard.catalog.regions import Region
from modelyard.catalog.spelling import nearest
from modelyard.catalog.table import rows

CLOUDS = ("aws", "gcp", "azure")
Sort = Literal["name", "usd", "spot", "usd_per_gib", "gpu_memory", "vcpu"]
T = TypeVar("T")


class NothingFound(LookupError):
    """Nothing fits. The message offers the nearest word, or says which wish rules everything out."""


@dataclass(frozen=True, slots=True)
class Wishes:
    """What must be true of what is found. None and False: no matter."""

    words: tuple[str, ...] = ()
    """Each is a name, a cloud, a region, an accelerator or a generation, or part of one where it is none; in whatever
    case."""
    cloud: str | None = None
    region: str | None = None
    accelerator: str | None = None
    min_gpu_memory_gib: Decimal | None = None
    """Of one accelerator, or of one MIG instance, as a node reports it."""
    precision: str | None = None
    """That the accelerator computes in, by its matrix units or outside them: fp8, bf16, ..."""
    zone: str | None = None
    """Of Google Cloud, that has the accelerator; zones of the others differ by account."""
    mig: bool = False
    """Whose GPUs can be cut into MIG instances."""
    efa: bool = False
    """That take at least one EFA interface."""
    spot: bool = False
    """With a spot price; ``max_usd`` is then of it."""
    max_usd: Decimal | None = None
    """By the hour."""


@dataclass(frozen=True, slots=True)
class FoundInstance:
    """A machine type, and every price of it that fits."""

    cheapest: InstanceType
    """In the region where it costs least; without a price where none is known."""
    prices: tuple[InstanceType, ...]
    """Rows of the regions that fit, cheapest first."""


def find_accelerators(wishes: Wishes) -> tuple[Accelerator, ...]:
    """In the order of the catalogue. Raises UnknownName, UnknownRegion, NothingFound."""
    wishes = _checked(wishes)
    machines = {each.accelerator for each in _machines(wishes)}
    return _fitting(
        "accelerator",
        [accelerators.get(name) for name in accelerators.names()],
        wishes,
        lambda each: (each.name, each.architecture, each.resource, *_clouds_with(each.name)),
        [
            ("--accelerator", wishes.accelerator, lambda each: each.name == wishes.accelerator),
            ("--cloud", wishes.cloud, lambda each: each.name in machines),
            ("--region", wishes.region, lambda each: each.name in machines),
            ("--min-gpu-memory", wishes.min_gpu_memory_gib, lambda each: _enough(each.usable_memory_mib, wishes)),
            ("--precision", wishes.precision, lambda each: _computes(each.name, wishes)),
            ("--zone", wishes.zone, lambda each: bool(_regions_with_zone(each.name, wishes))),
            ("--mig", wishes.mig, lambda each: bool(mig_profiles.profiles(each.name))),
        ],
    )


def find_mig_profiles(wishes: Wishes) -> tuple[MigProfile, ...]:
    """By accelerator, from the smallest instance up. Raises UnknownName, NothingFound."""
    wishes = _checked(wishes)
    every = [each for name in mig_profiles.accelerators_with_mig() for each in mig_profiles.profiles(name)]
    able = mig_profiles.accelerators_with_mig()
    for name in accelerators.names():
        asked = name == wishes.accelerator or name.casefold() in (word.casefold() for word in wishes.words)
        if asked and name not in able:
            raise NothingFound(f"{name} cannot be cut into MIG instances; those that can: {', '.join(able)}")
    return _fitting(
        "MIG profile",
        every,
        wishes,
        lambda each: (each.accelerator, each.name),
        [
            ("--accelerator", wishes.accelerator, lambda each: each.accelerator == wishes.accelerator),
            ("--min-gpu-memory", wishes.min_gpu_memory_gib, lambda each: _enough(each.usable_memory_mib, wishes)),
        ],
    )


def find_regions(wishes: Wishes) -> tuple[Region, ...]:
    """By cloud and name; with ``accelerator`` those where a machine with it is priced or listed. Raises UnknownName,
    NothingFound."""
    wishes = _checked(wishes)
    return _fitting(
        "region",
        [each for cloud in CLOUDS for each in regions.regions(cloud)],
        wishes,
        lambda each: (each.cloud, each.name, each.place),
        [
            ("--cloud", wishes.cloud, lambda each: each.cloud == wishes.cloud),
            ("--region", wishes.region, lambda each: each.name == wishes.region),
            ("--accelerator", wishes.accelerator, lambda each: wishes.accelerator in accelerators_in(each)),
        ],
    )


def find_instances(wishes: Wishes, sort: Sort = "name") -> tuple[FoundInstance, ...]:
    """One entry for each machine type. Raises UnknownName, UnknownRegion, NothingFound."""
    wishes = _checked(wishes)
    found_rows = _fitting(
        "machine type",
        list(_machines(wishes)),
        wishes,
        lambda each: (each.name, each.cloud, each.region, each.accelerator or "cpu", each.accelerator_resource or ""),
        [
            ("--accelerator", wishes.accelerator, lambda each: each.accelerator == wishes.accelerator),
            (
                "--min-gpu-memory",
                wishes.min_gpu_memory_gib,
                lambda each: _enough(each.usable_accelerator_memory_mib or 0, wishes),
            ),
            ("--precision", wishes.precision, lambda each: _computes(each.accelerator, wishes)),
            ("--zone", wishes.zone, lambda each: each.region in _regions_with_zone(each.accelerator, wishes)),
            ("--mig", wishes.mig, lambda each: bool(each.accelerator and mig_profiles.profiles(each.accelerator))),
            ("--efa", wishes.efa, lambda each: bool(each.shape and each.shape.efa_interfaces)),
            ("--spot", wishes.spot, lambda each: each.usd_per_hour_spot is not None),
            ("--max-usd", wishes.max_usd, lambda each: _affordable(each, wishes)),
        ],
    )
    by_type: dict[tuple[str, str], list[InstanceType]] = {}
    for row in found_rows:
        by_type.setdefault((row.cloud, row.name), []).append(row)
    found = []
    for of_type in by_type.values():
        cheapest_first = sorted(of_type, key=lambda each: (_price(each, wishes), each.region))
        found.append(FoundInstance(cheapest_first[0], tuple(each for each in cheapest_first if each.source)))
    return tuple(sorted(found, key=_order(sort)))


def accelerators_in(region: Region) -> frozenset[str]:
    """Accelerators of machines that are priced in a region, or listed there."""
    listed = {
        shape.accelerator
        for (cloud, name), shape in shapes().items()
        if cloud == region.cloud and region.name in (regions.sold_in(cloud, name) or ())
    }
    priced = {each.accelerator for each in instances(region.cloud, region.name)}
    return frozenset(each for each in listed | priced if each is not None)


def usd_per_gib(row: InstanceType) -> Decimal | None:
    """On demand, of one GiB of all its accelerators' memory by the hour; None without a price or accelerators."""
    memory_mib = (row.usable_accelerator_memory_mib or 0) * row.accelerator_count
    if row.usd_per_hour_on_demand is None or not memory_mib:
        return None
    return row.usd_per_hour_on_demand * 1024 / memory_mib


def _checked(wishes: Wishes) -> Wishes:
    """With the accelerator's name as the catalogue writes it."""
    if wishes.accelerator is not None:
        exact = {name.casefold(): name for name in accelerators.names()}.get(wishes.accelerator.casefold())
        wishes = replace(wishes, accelerator=accelerators.get(exact or wishes.accelerator).name)
    known = accelerator_abilities.PRECISIONS
    if wishes.precision is not None and wishes.precision not in known:
        raise NothingFound(f"no precision is called {wishes.precision!r}; known: {', '.join(known)}")
    _check_zone(wishes)
    if wishes.region is not None:
        clouds = [wishes.cloud] if wishes.cloud else CLOUDS
        if not any(each.name == wishes.region for cloud in clouds for each in regions.regions(cloud)):
            if wishes.cloud:
                raise regions.UnknownRegion(wishes.cloud, wishes.region)
            closest = nearest(wishes.region, [each.name for cloud in CLOUDS for each in regions.regions(cloud)])
            hint = f" Did you mean {closest!r}?" if closest else ""
            raise NothingFound(f"no cloud has a region called {wishes.region!r}.{hint}")
    return wishes


def _check_zone(wishes: Wishes) -> None:
    if wishes.zone is None:
        return
    known = sorted({zone for row in rows("gpu_zones.csv") for zone in row["zones"].split()})
    if wishes.zone not in known:
        closest = nearest(wishes.zone, known)
        hint = f" (did you mean {closest!r}?)" if closest else ""
        raise NothingFound(
            f"{wishes.zone!r} is no zone of Google Cloud with an accelerator{hint}; zones of AWS and Azure differ by "
            "account: `modelyard catalog account` asks for them"
        )


def _machines(wishes: Wishes) -> Iterable[InstanceType]:
    """Each type in each region that prices it; types that are sold without a known price once for each region asked
    for, or else once."""
    for cloud in [wishes.cloud] if wishes.cloud else CLOUDS:
        known = {name for of_cloud, name in shapes() if of_cloud == cloud}
        if wishes.region is not None:
            here = instances(cloud, wishes.region)
            yield from here
            unpriced = known - {each.name for each in here}
            for name in sorted(unpriced):
                if wishes.region in (regions.sold_in(cloud, name) or ()):
                    yield instance(cloud, wishes.region, name)
            continue
        priced = [each for region in regions.regions(cloud) for each in instances(cloud, region.name)]
        yield from priced
        for name in sorted(known - {each.name for each in priced}):
            yield instance(cloud, "", name)


def _fitting(
    kind: str,
    every: Sequence[T],
    wishes: Wishes,
    texts: Callable[[T], Iterable[str]],
    rules: Sequence[tuple[str, object, Callable[[T], bool]]],
) -> tuple[T, ...]:
    left = list(every)
    for word in wishes.words:
        if not any(_has(texts(each), word) for each in every):
            closest = nearest(word, dict.fromkeys(text for each in every for text in texts(each)))
            hint = f"; did you mean {closest!r}?" if closest else ""
            raise NothingFound(f"no {kind} of the catalogue has {word!r} in its name or its facts{hint}")
        # L4 is a name; that L40S begins with it is chance.
        whole = any(_is(texts(each), word) for each in every)
        left = [each for each in left if (_is if whole else _has)(texts(each), word)]
    if not left:
        raise NothingFound(f"no {kind} has all of {', '.join(map(repr, wishes.words))}; search for fewer words")
    for option, wish, fits in rules:
        if wish is None or wish is False:
            continue
        fewer = [each for each in left if fits(each)]
        if not fewer:
            shown = "" if wish is True else f" {wish}"
            raise NothingFound(f"{option}{shown} rules out every {kind} that the other words and options leave")
        left = fewer
    return tuple(left)


def _is(texts: Iterable[str], word: str) -> bool:
    return any(word.casefold() == text.casefold() for text in texts)


def _has(texts: Iterable[str], word: str) -> bool:
    return any(word.casefold() in text.casefold() for text in texts)


def _clouds_with(accelerator: str) -> tuple[str, ...]:
    return tuple(dict.fromkeys(cloud for (cloud, _), shape in shapes().items() if shape.accelerator == accelerator))


def _enough(memory_mib: int, wishes: Wishes) -> bool:
    return wishes.min_gpu_memory_gib is None or memory_mib >= wishes.min_gpu_memory_gib * 1024


def _computes(accelerator: str | None, wishes: Wishes) -> bool:
    return accelerator is not None and wishes.precision in accelerator_abilities.precisions(accelerator)


def _regions_with_zone(accelerator: str | None, wishes: Wishes) -> frozenset[str]:
    return frozenset(
        row["region"]
        for row in rows("gpu_zones.csv")
        if row["accelerator"] == accelerator and wishes.zone in row["zones"].split()
    )


def _affordable(row: InstanceType, wishes: Wishes) -> bool:
    usd = row.usd_per_hour_spot if wishes.spot else row.usd_per_hour_on_demand
    return usd is not None and wishes.max_usd is not None and usd <= wishes.max_usd


def _price(row: InstanceType, wishes: Wishes) -> Decimal:
    usd = row.usd_per_hour_spot if wishes.spot else row.usd_per_hour_on_demand
    return Decimal("Infinity") if usd is None else usd


def _by_size(name: str) -> str:
    """Sorts g6.xlarge before g6.2xlarge, and that before g6.12xlarge."""
    return re.sub(r"\d+", lambda digits: digits[0].zfill(4), name.replace(".xlarge", ".1xlarge"))


def _order(sort: Sort) -> Callable[[FoundInstance], tuple[object, ...]]:
    last = Decimal("Infinity")

    def key(found: FoundInstance) -> tuple[object, ...]:
        row = found.cheapest
        name = (CLOUDS.index(row.cloud), _by_size(row.name))
        if sort == "usd":
            return (last if row.usd_per_hour_on_demand is None else row.usd_per_hour_on_demand, *name)
        if sort == "spot":
            return (last if row.usd_per_hour_spot is None else row.usd_per_hour_spot, *name)
        if sort == "usd_per_gib":
            dear = usd_per_gib(row)
            return (last if dear is None else dear, *name)
        if sort == "gpu_memory":
            return (-(row.usable_accelerator_memory_mib or 0) * max(row.accelerator_count, 1), *name)
        if sort == "vcpu":
            return (-row.vcpu, *name)
        return name

    return key
