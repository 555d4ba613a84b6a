"""What the accounts of an environment were told that they may run: its folder ``account/``, which
``modelyard catalog account`` writes."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from ..catalog.account_files import FOLDER, OFFERING_COLUMNS, OFFERINGS, QUOTA_COLUMNS, QUOTAS, read
from .problem import Problem
from .quota import Quota
from .target import Cloud

_CLOUDS = ("aws", "gcp", "azure")


@dataclass(frozen=True, slots=True)
class OfferedType:
    """One machine type in one region."""

    zones: tuple[str, ...]
    """Where it is; empty: nowhere, or in a region without zones."""
    offered: bool
    why: str
    """Why not, or not in all zones, in the cloud's words; may be empty."""


@dataclass(frozen=True, slots=True)
class AccountLimit:
    """One quota, and the line of ``quotas.csv`` that holds it."""

    quota: Quota
    line: int


@dataclass(frozen=True, slots=True)
class Account:
    """Empty where nobody ever asked."""

    offerings: Mapping[tuple[str, str], Mapping[str, OfferedType]] = field(default_factory=dict)
    """By cloud and region, then by machine type."""
    limits: tuple[AccountLimit, ...] = ()

    def offered(self, cloud: Cloud, region: str, instance_type: str) -> OfferedType | None:
        """None: nobody asked about this type in this region."""
        return self.offerings.get((cloud, region), {}).get(instance_type)

    def zones_of(self, cloud: Cloud, region: str, instance_types: Sequence[str]) -> tuple[str, ...] | None:
        """Zones that have every one of the types, sorted; None: nobody asked about one of them, or no zone has all."""
        found = [self.offered(cloud, region, each) for each in instance_types]
        zones = [set(each.zones) if each.offered else set() for each in found if each is not None]
        if not zones or len(zones) < len(found):
            return None
        return tuple(sorted(set.intersection(*zones))) or None


def read_account(folder: Path) -> tuple[Account, list[Problem]]:
    """Of an environment's folder, and what is wrong with its files."""
    problems: list[Problem] = []
    offerings: dict[tuple[str, str], dict[str, OfferedType]] = {}
    for number, row in _rows(folder, OFFERINGS, OFFERING_COLUMNS, problems):
        if row["offered"] not in ("yes", "no") or row["cloud"] not in _CLOUDS:
            message = "is no row of offerings: cloud is aws, gcp or azure, and offered is yes or no"
            problems.append(Problem(_name(folder, OFFERINGS), "", message, number))
            continue
        found = OfferedType(tuple(row["zones"].split()), row["offered"] == "yes", row["why"])
        offerings.setdefault((row["cloud"], row["region"]), {})[row["instance_type"]] = found
    limits: list[AccountLimit] = []
    for number, row in _rows(folder, QUOTAS, QUOTA_COLUMNS, problems):
        declared = {key: row[key] for key in ("cloud", "region", "family", "capacity")}
        try:
            limits.append(AccountLimit(Quota.model_validate({**declared, "limit": int(row["limit"])}), number))
        except ValueError:
            message = "is no row of quotas: cloud, region, family, on_demand or spot, and a limit from 0 to 1000000"
            problems.append(Problem(_name(folder, QUOTAS), "", message, number))
    return Account(offerings, tuple(limits)), problems


def _rows(
    folder: Path, name: str, columns: tuple[str, ...], problems: list[Problem]
) -> list[tuple[int, dict[str, str]]]:
    try:
        return list(enumerate(read(folder / FOLDER / name, columns), start=2))
    except ValueError as error:
        problems.append(Problem(_name(folder, name), "", f"{error}; write it again with `modelyard catalog account`"))
        return []


def _name(folder: Path, name: str) -> str:
    return f"{folder.name}/{FOLDER}/{name}"
