"""Which changes only a new resource can make: ``catalog/data/replacements.csv``, reviewed row by row.

A property is a path of input names; a list on the way is looked through item by item. Types without a row, and what
an SDK itself declares to replace, follow the catalogue. ``unless_wider``: an address range can grow in place, and
nothing else.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from ipaddress import ip_network
from typing import Any

from modelyard.catalog.table import rows
from modelyard.offline import schemas

_TABLE = "replacements.csv"


def replaced(token: str, inputs: Mapping[str, Any], old_inputs: Mapping[str, Any]) -> tuple[str, ...]:
    """The top-level inputs whose change makes a new resource of this type."""
    return tuple(sorted({path.partition(".")[0] for path in replaced_paths(token, inputs, old_inputs)}))


def replaced_paths(token: str, inputs: Mapping[str, Any], old_inputs: Mapping[str, Any]) -> tuple[str, ...]:
    """The same, each to the end of its path: ``nodeConfig.guestAccelerators``."""
    found = {".".join(path) for path in replacing_paths(token) if _at(inputs, path) != _at(old_inputs, path)}
    for row in rows(_TABLE):
        if (row["type"], row["replaces"]) == (token, "unless_wider"):
            path = tuple(row["property"].split("."))
            if not _widens(_at(inputs, path), _at(old_inputs, path)):
                found.add(row["property"])
    return tuple(sorted(found))


def refused(token: str, inputs: Mapping[str, Any], old_inputs: Mapping[str, Any]) -> tuple[str, ...]:
    """The inputs, as ``agentPoolProfiles.vmSize``, whose change the cloud answers with an error while the resource
    stays."""
    listed = [row["property"] for row in rows(_TABLE) if (row["type"], row["replaces"]) == (token, "refused")]
    changed = (name for name in listed if _at(inputs, path := tuple(name.split("."))) != _at(old_inputs, path))
    return tuple(sorted(changed))


@cache
def replacing_paths(token: str) -> frozenset[tuple[str, ...]]:
    """Paths of inputs whose change replaces."""
    listed = {
        tuple(row["property"].split(".")): row["replaces"] == "yes" for row in rows(_TABLE) if row["type"] == token
    }
    derived = {(name,) for name in schemas.create_only(token)} if schemas.known(token) else set()
    kept = {path for path in derived if listed.get(path, True)}
    return frozenset(kept | {path for path, replaces in listed.items() if replaces})


def _widens(new: Any, old: Any) -> bool:
    """Whether the address range is the same, or holds the one before; a range that is not known yet may be the same."""
    if new == old or not isinstance(new, str) or not isinstance(old, str):
        return True
    try:
        return ip_network(old).subnet_of(ip_network(new))  # pyright: ignore[reportArgumentType]
    except ValueError:
        return True


def _at(value: Any, path: tuple[str, ...]) -> Any:
    if not path:
        return value
    if isinstance(value, list | tuple):
        return [_at(item, path) for item in value]
    return _at(value.get(path[0]), path[1:]) if isinstance(value, Mapping) else value
