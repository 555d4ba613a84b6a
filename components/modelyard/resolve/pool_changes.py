"""Which keys of a pool's or a cluster's declaration make a new one when they change, known before anything is asked of
a cloud (``catalog/data/pool_changes.csv``, ``catalog/data/cluster_changes.csv``)."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Literal

from ..catalog.table import rows
from ..environment.cpu_pool import CpuPool
from ..environment.gpu_pool import GpuPool
from ..environment.target import Cloud

ClusterEffect = Literal["new_cluster", "new_pools", "new_system_nodes", "new_nodes", "refused"]
"""What the change of a cluster's key does. new_cluster: another one, with all in it. new_pools: all node pools are made
anew. new_system_nodes: the pool of the system nodes. new_nodes: nodes are exchanged. refused: an error of the cloud."""

_NODES_BY_PODS = ("karpenter", "auto_mode", "compute_class")
_NODES_STAY = frozenset(
    f"{section}{key}"
    for section, keys in {
        "": ("min_nodes", "desired_nodes", "max_nodes", "update", "repair", "schedules"),
        "karpenter.": ("consolidate", "unused_minutes", "quiet_hours", "weight"),
    }.items()
    for key in keys
)
"""Keys of pools whose nodes come for pods that say how many there may be, and when they go."""


def keys_that_recreate(
    cloud: Cloud, provisioner: str = "managed", of: type[GpuPool | CpuPool] = GpuPool
) -> tuple[str, ...]:
    """Keys of a pool that cannot change in the one that is there, as ``sharing.mig``.

    Karpenter, Auto Mode and compute classes exchange nodes that are no longer as declared, whatever has changed: for
    them only the name, and who brings the nodes.

    Args:
        cloud: whose pool it is.
        provisioner: who brings its nodes.
        of: the kind of pool; keys that it does not have are left out.
    """
    if provisioner in _NODES_BY_PODS:
        return "name", "provisioner"
    changes = (row for row in rows("pool_changes.csv") if (row["cloud"], row["change"]) == (cloud, "new_pool"))
    return tuple(row["field"] for row in changes if row["field"].split(".")[0] in of.model_fields)


def keys_that_exchange_nodes(
    cloud: Cloud, keys: Iterable[str], provisioner: str = "managed", of: type[GpuPool | CpuPool] = GpuPool
) -> tuple[str, ...]:
    """Those of ``keys`` whose change leaves the pool and makes its nodes anew, one after the other."""
    if provisioner in _NODES_BY_PODS:
        stays = (*_NODES_STAY, *keys_that_recreate(cloud, provisioner, of))
        return tuple(key for key in keys if not is_among(key, stays))
    changes = [
        row["field"] for row in rows("pool_changes.csv") if (row["cloud"], row["change"]) == (cloud, "new_nodes")
    ]
    return tuple(key for key in keys if is_among(key, changes))


def cluster_keys(cloud: Cloud, *effects: ClusterEffect) -> tuple[str, ...]:
    """Keys of a cluster, as ``network.cidr``, whose change has one of these effects."""
    table = rows("cluster_changes.csv")
    return tuple(row["field"] for row in table if row["cloud"] == cloud and row["change"] in effects)


def is_among(key: str, known: Iterable[str]) -> bool:
    """Whether it is one of them, or lies inside one."""
    return any(key == each or key.startswith(f"{each}.") for each in known)
