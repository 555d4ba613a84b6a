"""Which changes of a pool's declaration make a new pool, known before anything is asked of a cloud
(``catalog/data/pool_changes.csv``)."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from ..catalog.table import rows
from ..environment.cluster import SERVICE
from ..environment.cpu_pool import CpuPool
from ..environment.gpu_pool import GpuPool
from ..environment.target import Cloud

_NODES_BY_PODS = ("karpenter", "auto_mode", "compute_class")


def keys_that_recreate(cloud: Cloud, provisioner: str = "managed") -> tuple[str, ...]:
    """Keys of a pool that cannot change in the one that is there, as ``sharing.mig``.

    Karpenter, Auto Mode and compute classes exchange nodes that are no longer as declared, whatever has changed: for
    them only the name, and who brings the nodes.
    """
    keys = [row["field"] for row in rows("pool_changes.csv") if (row["cloud"], row["change"]) == (cloud, "new_pool")]
    if provisioner in _NODES_BY_PODS:
        return "name", "provisioner"
    return tuple(keys)


def recreating_changes(before: GpuPool | CpuPool, after: GpuPool | CpuPool, cloud: Cloud) -> list[str]:
    """One sentence for each changed key that makes a new pool; none where all can change in place.

    Args:
        before: as it is declared now.
        after: as it is to be declared.
        cloud: whose pool it is.
    """
    pool = f"pool {before.name!r}"
    moved = before.provisioner != after.provisioner
    keys = ("provisioner",) if moved else keys_that_recreate(cloud, before.provisioner)
    was, becomes = _flat(before), _flat(after)
    return [
        f"{pool}: {key} changes from {_shown(was.get(key))} to {_shown(becomes.get(key))}, which {SERVICE[cloud]} "
        "cannot do in a pool that is there: a new one comes first, and the old one is drained after"
        for key in keys
        if _value(was, key) != _value(becomes, key)
    ]


def _flat(pool: GpuPool | CpuPool) -> dict[str, Any]:
    return dict(_leaves(pool.model_dump(mode="json", exclude_none=True), ""))


def _leaves(value: Mapping[str, Any], prefix: str) -> Iterator[tuple[str, Any]]:
    for key, inner in value.items():
        if isinstance(inner, Mapping) and key not in ("labels", "local_ssd"):
            yield from _leaves(inner, f"{prefix}{key}.")
        else:
            yield f"{prefix}{key}", inner


def _value(flat: Mapping[str, Any], key: str) -> Any:
    """An empty list is the default, as if the key were not there."""
    return flat.get(key) or None


def _shown(value: Any) -> str:
    if isinstance(value, list):
        return ", ".join(map(str, value)) if value else "the default"
    return "the default" if value is None else str(value)
