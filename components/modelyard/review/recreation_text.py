"""What becomes of declared clusters and pools, in words."""

from __future__ import annotations

import json
from typing import Any

from ..environment.cluster import SERVICE
from .declared_values import KeyChange
from .recreations import Recreation

_LONGEST = 60


def recreation_sentence(found: Recreation) -> str:
    """Which declaration, by which keys, in which order, and what is lost meanwhile."""
    service = SERVICE.get(found.cloud, found.cloud)  # pyright: ignore[reportArgumentType, reportCallIssue]
    cause = _cause(found)
    if found.outcome == "renamed":
        return (
            f"{found.path}: {cause}: a pool of the new name is made, and the old one is drained after it; pods that "
            f"ask for the old name wait until they ask for {found.now}"
        )
    if found.outcome == "gone":
        return f"{found.path}: {_going(found)}"
    if found.outcome == "new":
        return f"{found.path}: is new"
    if found.outcome == "new_nodes":
        return f"{found.path}: {cause}: the pool stays, and its nodes are made anew as update says"
    if found.outcome == "refused":
        what = f" ({', '.join(found.properties)})" if found.properties else ""
        return (
            f"{found.path}: {cause}: {service} refuses this{what}, and pulumi up ends with its error; undo it, or "
            "declare another cluster beside this one and move"
        )
    return f"{found.path}: {cause}: {_anew(found, service)}"


def _cause(found: Recreation) -> str:
    """``disk_gib 200 -> 300``, with the property that the cloud cannot change."""
    if found.keys:
        keys = ", ".join(_key(found, each) for each in found.keys)
    elif found.because_of is not None:
        return f"goes with {found.because_of}"
    else:
        keys = "no key of it differs, and this version of Modelyard decides otherwise"
    if found.outcome == "made_anew" and found.properties:
        return f"{keys} ({', '.join(found.properties)} cannot change in place)"
    return keys


def _key(found: Recreation, change: KeyChange) -> str:
    name = change.key.removeprefix(f"{found.path}.")
    return f"{name} {_shown(change.before)} -> {_shown(change.now)}"


def _shown(value: Any) -> str:
    if value is None:
        return "(default)"
    text = value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)
    return text if len(text) <= _LONGEST else f"{text[: _LONGEST - 3]}..."


def _going(found: Recreation) -> str:
    """Of a cluster or a pool that is deleted."""
    cause = f"{_cause(found)}: " if found.keys else ""
    if found.path.endswith("pools") or "_pools[" in found.path:
        return f"{cause}goes; its pods are evicted, and run on where another pool takes them"
    return f"{cause}goes, with {_pools(found.takes_along)} and everything that runs and is stored in it"


def _anew(found: Recreation, service: str) -> str:
    if found.path.count("[") == 1 and not found.path.endswith("system_nodes"):
        order = (
            "the old one goes first, so no model answers from then until the new one serves"
            if found.old_first
            else "the new one comes before the old one goes"
        )
        return (
            f"{service} makes another cluster, with {_pools(found.takes_along)}; {order}, and what is stored in it "
            "(volumes, metrics, objects that others made) is lost"
        )
    if found.old_first:
        return "the old pool goes first, and its pods wait until the new one has nodes"
    both = (
        "the reservation has to have room for both meanwhile"
        if found.reserved
        else "both count against the quota meanwhile"
    )
    return f"a new pool is made before the old one is drained; its pods start again there, and {both}"


def _pools(count: int) -> str:
    return {0: "no pools", 1: "its pool"}.get(count, f"its {count:,} pools")
