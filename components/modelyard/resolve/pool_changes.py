"""Which keys of a pool's declaration make a new pool when they change, known before anything is asked of a cloud
(``catalog/data/pool_changes.csv``)."""

from __future__ import annotations

from ..catalog.table import rows
from ..environment.cpu_pool import CpuPool
from ..environment.gpu_pool import GpuPool
from ..environment.target import Cloud

_NODES_BY_PODS = ("karpenter", "auto_mode", "compute_class")


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
