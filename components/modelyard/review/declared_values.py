"""What a declaration says beyond its defaults, key by key, to be compared with what an earlier one said."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from ..environment.declaration import Declaration


@dataclass(frozen=True, slots=True)
class KeyChange:
    """One key that says something else."""

    key: str
    """As in the file, with the names of what it is in: ``clusters[west].gpu_pools[t4].disk_gib``."""
    before: Any
    """JSON; None where the key was left to its default."""
    now: Any


def declared_values(declared: Declaration, without: Collection[str] = ()) -> dict[str, Any]:
    """Key to value as JSON, ``sharing.mig`` to ``1g.10gb``; what is as by default is left out.

    Args:
        declared: as it was read.
        without: keys of its own that are left out.
    """
    return dict(_values(declared, "", without))


def _values(declared: Declaration, start: str, without: Collection[str] = ()) -> Iterator[tuple[str, Any]]:
    from ..environment.declaration import Declaration

    for name, field in type(declared).model_fields.items():
        value, default = getattr(declared, name), field.get_default(call_default_factory=True)
        if name in without or value == default:
            continue
        if not isinstance(value, Declaration):
            yield f"{start}{name}", declared.model_dump(mode="json", include={name})[name]
            continue
        found = list(_values(value, f"{start}{name}."))
        # Where a whole section was left out before, it may say nothing but that it is there.
        yield from found or [(f"{start}{name}", {})]


def changed_keys(before: Mapping[str, Any], now: Mapping[str, Any], where: str) -> tuple[KeyChange, ...]:
    """Those that differ, by name.

    Args:
        before: of :func:`declared_values`, from an earlier plan.
        now: the same of this one.
        where: what stands before each key, as ``clusters[west].``.
    """
    return tuple(
        KeyChange(f"{where}{key}", before.get(key), now.get(key))
        for key in sorted(before.keys() | now.keys())
        if before.get(key) != now.get(key)
    )
