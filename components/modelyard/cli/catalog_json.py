"""What ``modelyard catalog --json`` writes of each thing found."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import Any

from ..catalog import accelerator_abilities, mig_profiles, regions, search
from ..catalog.accelerators import Accelerator
from ..catalog.mig_profiles import MigProfile
from ..catalog.regions import Region
from ..catalog.search import FoundInstance


def documents(kind: str, found: Sequence[Any]) -> list[dict[str, Any]]:
    """One JSON object for each; unknown figures are null."""
    return [_OF_KIND[kind](each) for each in found]


def _accelerator(accelerator: Accelerator) -> dict[str, Any]:
    return {
        **_plain(accelerator),
        "usable_memory_mib": accelerator.usable_memory_mib,
        "precisions": dict(accelerator_abilities.precisions(accelerator.name)),
        "formats": [_plain(each) for each in accelerator_abilities.formats(accelerator.name)],
        "mig_profiles": [_mig_profile(each) for each in mig_profiles.profiles(accelerator.name)],
    }


def _mig_profile(profile: MigProfile) -> dict[str, Any]:
    return {**_plain(profile), "usable_memory_mib": profile.usable_memory_mib}


def _region(region: Region) -> dict[str, Any]:
    return {**_plain(region), "accelerators": sorted(search.accelerators_in(region))}


def _instance(found: FoundInstance) -> dict[str, Any]:
    row = found.cheapest
    listed = regions.sold_in(row.cloud, row.name)
    return {
        "cloud": row.cloud,
        "name": row.name,
        "vcpu": row.vcpu,
        "memory_gib": _value(row.memory_gib),
        "accelerator": row.accelerator,
        "accelerator_count": row.accelerator_count,
        "accelerator_resource": row.accelerator_resource,
        "usable_accelerator_memory_mib": row.usable_accelerator_memory_mib,
        "usd_per_hour_of_accelerator_gib": _rounded(search.usd_per_gib(row)),
        "max_pods": row.max_pods,
        "shape": None if row.shape is None else _plain(row.shape),
        "listed_in": None if listed is None else list(listed),
        "prices": [
            {
                "region": each.region,
                "usd_per_hour_on_demand": _value(each.usd_per_hour_on_demand),
                "usd_per_hour_spot": _value(each.usd_per_hour_spot),
                "spot_suspect": each.spot_suspect,
                "source": each.source,
                "source_date": each.source_date,
            }
            for each in found.prices
        ],
    }


def _plain(thing: Any) -> dict[str, Any]:
    return {field.name: _value(getattr(thing, field.name)) for field in dataclasses.fields(thing)}


def _rounded(amount: Decimal | None) -> float | None:
    return None if amount is None else round(float(amount), 6)


def _value(value: Any) -> Any:
    if isinstance(value, Decimal):
        return int(value) if value == value.to_integral_value() else float(value)
    return list(value) if isinstance(value, tuple) else value


_OF_KIND: Mapping[str, Any] = {
    "accelerators": _accelerator,
    "instances": _instance,
    "mig": _mig_profile,
    "regions": _region,
}
