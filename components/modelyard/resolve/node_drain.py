"""Whether the pods of a model are back before an update of their nodes loses its patience.

A disruption budget lets one pod of a model leave at a time: the next one stays on its node until the first is ready
somewhere else. How long a cloud waits for it is in ``catalog/data/drain_limits.csv``; what is predicted is the shortest
start on a new node, so that what is told comes to pass even at best.
"""

from __future__ import annotations

from ..catalog.table import rows
from ..environment.cluster import SERVICE, Cluster
from ..sizing.cold_start import cold_start, image_size_gb
from .resolved import ResolvedModel
from .resolved_pool import ResolvedGpuPool
from .weights import size_bytes

_BUDGETED = 2
"""Replicas of which one has to wait for the other."""


def least_minutes(model: ResolvedModel, pool: ResolvedGpuPool) -> float:
    """Until a pod on a new node of the pool, which is there, is ready at best."""
    image_start = pool.declared.image_start
    start = cold_start(
        node_there=True,
        image_by="pull" if image_start is None else image_start.by,
        image_unpacked_gb=image_size_gb(model.declared.server, model.release or None),
        model_bytes=size_bytes(model),
        weights=model.declared.weights.by,
    )
    return start.low_seconds / 60


def drain_notice(model: ResolvedModel, cluster: Cluster, pool: ResolvedGpuPool, minutes: float) -> str | None:
    """What becomes of an update of the pool's nodes, where a pod takes so long to start; None where it waits long
    enough, or for ever."""
    if cluster.existing is not None or pool.declared.provisioner != "managed":
        return None
    if model.min_replicas < _BUDGETED or not model.declared.has_own_pods:
        return None
    limit = next(row for row in rows("drain_limits.csv") if row["cloud"] == cluster.cloud)
    waits = pool.declared.update.drain_timeout_minutes or float(limit["minutes"])
    forced = pool.declared.eks is not None and pool.declared.eks.force_update
    if minutes <= waits or forced:
        return None
    streamed = ", or weights: {by: stream}" if model.declared.could_stream else ""
    return (
        f"an update of the nodes of pool {pool.declared.name!r} of cluster {cluster.name!r} replaces replicas of model "
        f"{model.declared.name!r} one by one, and each takes at least {minutes:.0f} min to start: "
        f"{SERVICE[cluster.cloud]} waits {waits:.0f} min for a pod that the disruption budget keeps, and "
        f"{limit['then']}; {limit['remedy']}{streamed}"
    )
